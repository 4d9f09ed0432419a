import { expect } from 'chai'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { conformanceTests } from '../../lib/conformance.js'
import { RedisTokenStore } from '../../lib/redis.js'
import { type RedisServer, startRedis } from '../support/redis.js'

describe('RedisTokenStore', () => {
  let server: RedisServer
  before(async () => {
    server = await startRedis()
  })
  after(() => server.close())

  describe('with a client of redis', () => {
    const clients: { close(): unknown }[] = []
    after(() => Promise.all(clients.map((client) => client.close())))
    const make = async () => {
      const client = createClient({ url: server.url })
      clients.push(client)
      await client.connect()
      return new RedisTokenStore(client)
    }
    for (const { name, run } of conformanceTests(make)) it(name, run)
  })

  describe('with a client of ioredis', () => {
    const clients: Redis[] = []
    after(() => Promise.all(clients.map((client) => client.quit())))
    const make = () => {
      const client = new Redis(server.url)
      clients.push(client)
      return new RedisTokenStore(client)
    }
    for (const { name, run } of conformanceTests(make)) it(name, run)

    it('reads what somebody else wrote under its key as a corrupt record, and replaces it', async () => {
      const client = new Redis(server.url)
      clients.push(client)
      await client.set('shop:k', 'not ours')
      const store = new RedisTokenStore(client, { prefix: 'shop:' })
      expect(await store.get('k')).to.deep.equal({ version: -1, value: '' })
      expect(await store.compareAndSet('k', -1, { version: 1, value: 'v' }, 1_000)).to.equal(true)
    })
  })

  it('gives a lease to its owner again, for a client may send a command twice', async () => {
    const client = createClient({ url: server.url })
    await client.connect()
    const store = new RedisTokenStore(client)
    expect(await store.acquireLease('twice', 'mine', 5_000)).to.equal(true)
    expect(await store.acquireLease('twice', 'mine', 5_000)).to.equal(true)
    expect(await store.acquireLease('twice', 'yours', 5_000)).to.equal(false)
    client.destroy()
  })

  it('refuses what is no client, by name', () => {
    expect(() => new RedisTokenStore({} as never)).to.throw(TypeError, 'lacks get()')
    expect(() => new RedisTokenStore({ get() {} } as never)).to.throw(TypeError, 'lacks eval()')
  })
})
