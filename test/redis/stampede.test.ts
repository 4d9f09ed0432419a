import { expect } from 'chai'
import { createClient } from 'redis'
import { RedisTokenStore } from '../../lib/redis.js'
import { TokenRepository } from '../../lib/tokens/repository.js'
import { sealWith } from '../../lib/tokens/seal.js'
import { Person } from '../long/chaos/person.js'
import { short } from '../long/chaos/profile.js'
import { build, SECRET } from '../long/chaos/storm.js'
import type { World } from '../long/chaos/world.js'

describe('4 processes with 1000 requests each for one expired record', () => {
  let world: World
  before(async function () {
    this.timeout(120_000)
    // long, because the test counts calls and must not depend on the speed of the machine
    const timeouts = { refresh: 100_000, lease: 120_000, wait: 100_000, store: 60_000 }
    const profile = { ...short(1), timeouts, idTokenLife: 3_600, slow: { share: 0, most: 0 } }
    world = await build({ ...profile, processes: 1, sessions: 1 })
  })
  after(() => world.close())

  /** Makes the id_token in the only record expired. */
  async function expire(): Promise<void> {
    const redis = createClient({ url: world.redis.url })
    await redis.connect()
    const [key = ''] = await redis.keys('oneaccess:tokens:*')
    const id = key.replace('oneaccess:tokens:', '')
    const records = new TokenRepository(new RedisTokenStore(redis), sealWith([SECRET]), 5_000)
    const { version, record } = await records.read(id)
    const past = Date.now() - 60_000
    await records.replace(id, version, {
      ...record,
      refreshedAt: 0,
      refreshAt: past,
      expiresAt: past,
    })
    redis.destroy()
  }

  it('make exactly one call to OneAccess', async function () {
    this.timeout(300_000)
    const { fleet, path, simulator } = world
    const person = new Person('person-0')
    const [first] = fleet.up
    if (first === undefined) throw new Error('no process is up')
    await person.logIn(first.url)
    await expire()
    await Promise.all(Array.from({ length: 4 }, () => fleet.start()))
    await fleet.stop(first) // it has a copy of the record from before it expired
    const asked = fleet.up.flatMap(({ url }) =>
      Array.from({ length: 1_000 }, () => person.ask(url, 'GET', '/token')),
    )
    const statuses = (await Promise.all(asked)).map(({ status }) => status)
    expect(fleet.up).to.have.length(4)
    expect(new Set(statuses)).to.deep.equal(new Set([200]))
    expect(path.calls).to.equal(1)
    expect(simulator.sessions('person-0').at(-1)?.refreshes).to.equal(1)
  })
})
