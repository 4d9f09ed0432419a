import { expect } from 'chai'
import { createClient } from 'redis'
import { RedisTokenStore } from '../../lib/redis.js'
import type { TokenRecord } from '../../lib/tokens/record.js'
import { TokenRepository } from '../../lib/tokens/repository.js'
import { sealWith } from '../../lib/tokens/seal.js'
import type { App } from '../long/chaos/fleet.js'
import type { Person } from '../long/chaos/person.js'
import { short } from '../long/chaos/profile.js'
import { build, SECRET } from '../long/chaos/storm.js'
import type { World } from '../long/chaos/world.js'

const PEOPLE = 12
const nextRelease = (readableFrom: number) =>
  new URL(`next-release.js?readableFrom=${readableFrom}`, import.meta.url).href

// test/tokens/generations.test.ts tests each case; this runs whole processes, as in a deployment.
describe('processes of two releases that share one Redis', () => {
  let world: World
  let older: App
  let first: Person[]
  let second: Person[]
  beforeEach(async function () {
    this.timeout(20_000)
    const timeouts = { refresh: 15_000, lease: 20_000, wait: 15_000, store: 10_000 }
    const profile = { ...short(1), timeouts, idTokenLife: 3_600, slow: { share: 0, most: 0 } }
    world = await build({ ...profile, processes: 1, sessions: PEOPLE })
    older = world.fleet.up[0] as App
    first = world.people.slice(0, PEOPLE / 2)
    second = world.people.slice(PEOPLE / 2)
  })
  afterEach(() => world.close())

  const all = (people: Person[], does: (person: Person) => Promise<unknown>) =>
    Promise.all(people.map(does))

  /** The distinct statuses and codes of concurrent requests to a process, one for each person. */
  async function answersOf(people: Person[], { url }: App, path: '/token' | '/refresh') {
    const method = path === '/token' ? 'GET' : 'POST'
    const pages = await Promise.all(people.map((person) => person.ask(url, method, path)))
    return [...new Set(pages.map(({ status, json }) => [status, json.code].join(' ').trim()))]
  }

  async function records(): Promise<TokenRecord[]> {
    const redis = createClient({ url: world.redis.url })
    await redis.connect()
    const seal = sealWith([SECRET])
    const repository = new TokenRepository(new RedisTokenStore(redis), seal, 5_000)
    const keys = await redis.keys('oneaccess:tokens:*')
    const ids = keys.map((key) => key.replace('oneaccess:tokens:', ''))
    const found = await Promise.all(ids.map(async (id) => (await repository.read(id)).record))
    redis.destroy()
    return found
  }

  function expectNoLogouts(): void {
    expect(world.people.flatMap(({ loggedOutBy = [] }) => loggedOutBy)).to.deep.equal([])
    expect(world.fleet.ends).to.deep.equal([])
  }

  it("refresh each other's records when the later release adds fields, also after a rollback", async function () {
    this.timeout(30_000)
    const later = await world.fleet.start({ release: nextRelease(1) })
    await Promise.all([
      all(first, (person) => person.logIn(older.url)),
      all(second, (person) => person.logIn(later.url)),
    ])
    for (const app of [later, older, later, older]) {
      expect(await answersOf(world.people, app, '/refresh')).to.deep.equal(['200'])
    }
    for (const record of await records()) {
      expect(record).to.deep.include({ format: 2, readableFrom: 1, risk: { level: 3 } })
    }
    // a rollback: the later release stops, and a new process of the older one starts
    await world.fleet.stop(later)
    const rolledBack = await world.fleet.start()
    await world.fleet.stop(older)
    for (const path of ['/token', '/refresh'] as const) {
      expect(await answersOf(world.people, rolledBack, path)).to.deep.equal(['200'])
    }
    expectNoLogouts()
  })

  it('respond with 503 and log no one out when the older release cannot read a record of the later one', async function () {
    this.timeout(30_000)
    await all(world.people, (person) => person.logIn(older.url))
    const later = await world.fleet.start({ release: nextRelease(2) })
    expect(await answersOf(first, later, '/refresh')).to.deep.equal(['200'])
    const fresh = await world.fleet.start()
    for (const path of ['/token', '/refresh'] as const) {
      expect(await answersOf(first, fresh, path)).to.deep.equal(['503 misconfigured'])
      expect(await answersOf(second, fresh, path)).to.deep.equal(['200'])
    }
    expect(await answersOf(first, older, '/refresh')).to.deep.equal(['503 misconfigured'])
    expectNoLogouts()
    // the deployment is finished
    await Promise.all([world.fleet.stop(older), world.fleet.stop(fresh)])
    expect(await answersOf(world.people, later, '/refresh')).to.deep.equal(['200'])
    expectNoLogouts()
  })
})
