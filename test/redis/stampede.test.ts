import { expect } from 'chai'
import { createClient } from 'redis'
import { RedisTokenStore } from '../../lib/redis.js'
import { TokenRepository } from '../../lib/tokens/repository.js'
import { sealWith } from '../../lib/tokens/seal.js'
import { Person } from '../long/chaos/person.js'
import { short } from '../long/chaos/profile.js'
import { build, SECRET } from '../long/chaos/storm.js'
import type { World } from '../long/chaos/world.js'

describe('4 processes, and a thousand requests on one expired record in each', () => {
  let world: World
  before(async function () {
    this.timeout(120_000)
    // patient, for what is counted is calls, and not how fast this machine is
    const timeouts = { refresh: 100_000, lease: 120_000, wait: 100_000, store: 60_000 }
    const profile = { ...short(1), timeouts, idTokenLife: 3_600, slow: { share: 0, most: 0 } }
    world = await build({ ...profile, processes: 1, sessions: 1 })
  })
  after(() => world.close())

  /** As if an hour had passed for the one record that there is. */
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
    await fleet.stop(first) // it knows the record from before
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
