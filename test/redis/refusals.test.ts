import { expect } from 'chai'
import { Redis } from 'ioredis'
import sinon from 'sinon'
import { RedisTokenStore } from '../../lib/redis.js'
import { Browser } from '../support/browser.js'
import { type RedisServer, startRedis } from '../support/redis.js'
import { logIn, openShop, type Shop } from '../support/shop.js'

/** A state of Redis, the commands that cause and undo it, and the hint of the error. */
const STATES: [state: string, cause: string[][], undo: string[][], hint: RegExp][] = [
  [
    'is a read-only replica',
    [['REPLICAOF', '127.0.0.1', '1']],
    [['REPLICAOF', 'NO', 'ONE']],
    /writes to a replica/,
  ],
  [
    'has lost its master',
    [
      ['CONFIG', 'SET', 'replica-serve-stale-data', 'no'],
      ['REPLICAOF', '127.0.0.1', '1'],
    ],
    [['REPLICAOF', 'NO', 'ONE']],
    /lost its master/,
  ],
  [
    'has an ACL without EVAL',
    [['ACL', 'SETUSER', 'default', '-eval']],
    [['ACL', 'SETUSER', 'default', '+eval']],
    /lacks a permission/,
  ],
  [
    'has too few replicas',
    [['CONFIG', 'SET', 'min-replicas-to-write', '1']],
    [['CONFIG', 'SET', 'min-replicas-to-write', '0']],
    /too few replicas/,
  ],
  [
    'is out of memory',
    [['CONFIG', 'SET', 'maxmemory', '1']],
    [['CONFIG', 'SET', 'maxmemory', '0']],
    /out of memory/,
  ],
]

describe('RedisTokenStore, when Redis rejects commands', function () {
  this.timeout(30_000)
  let server: RedisServer
  let client: Redis
  let operator: Redis
  let shop: Shop
  let browser: Browser
  let clock: sinon.SinonFakeTimers
  beforeEach(async () => {
    server = await startRedis({ durable: false })
    client = new Redis(server.url)
    operator = new Redis(server.url)
    clock = sinon.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    const tokenStore = new RedisTokenStore(client)
    shop = await openShop({ strategy: { tokenStore }, simulator: { idTokenLife: 300 } })
    browser = new Browser()
    await logIn(shop, browser)
  })
  afterEach(async () => {
    sinon.restore()
    await shop.close()
    client.disconnect()
    operator.disconnect()
    await server.close()
  })

  const run = async (commands: string[][]) => {
    for (const [name = '', ...args] of commands) await operator.call(name, ...args)
  }
  const get = (path: string) => browser.get(`${shop.url}${path}`)

  for (const [state, cause, undo, hint] of STATES) {
    it(`logs no one out, and errors with a hint, when Redis ${state}`, async () => {
      await run(cause)
      expect((await get('/token')).status).to.equal(200)
      clock.tick(300_000)
      const page = await get('/token')
      const { error } = page.json() as { error: { code: string; hint: string } }
      expect([page.status, error.code]).to.deep.equal([503, 'store_failed'])
      expect(error.hint).to.match(hint)
      expect((await get('/me')).status).to.equal(200)
      await run(undo)
      expect((await get('/token')).status).to.equal(200)
    })
  }

  it('loads its scripts again after SCRIPT FLUSH', async () => {
    await run([['SCRIPT', 'FLUSH']])
    clock.tick(300_000)
    expect((await get('/token')).status).to.equal(200)
  })

  it('logs no one out, and errors with a hint, when another type is stored under the key', async () => {
    const [key = ''] = await operator.keys('oneaccess:tokens:*')
    await operator.del(key)
    await operator.hset(key, 'cart', '[]')
    clock.tick(300_000)
    const page = await get('/token')
    expect(page.status).to.equal(503)
    expect((page.json() as { error: { hint: string } }).error.hint).to.match(
      /something else writes/,
    )
    expect((await get('/me')).status).to.equal(200)
  })
})
