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

  describe('with node-redis', () => {
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

  describe('with ioredis', () => {
    const clients: Redis[] = []
    after(() => Promise.all(clients.map((client) => client.quit())))
    const make = () => {
      const client = new Redis(server.url)
      clients.push(client)
      return new RedisTokenStore(client)
    }
    for (const { name, run } of conformanceTests(make)) it(name, run)

    it('reads a foreign value under its key as a corrupt record, and replaces it', async () => {
      const client = new Redis(server.url)
      clients.push(client)
      await client.set('shop:k', 'not ours')
      const store = new RedisTokenStore(client, { prefix: 'shop:' })
      expect(await store.get('k')).to.deep.equal({ version: -1, value: '' })
      expect(await store.compareAndSet('k', -1, { version: 1, value: 'v' }, 1_000)).to.equal(true)
    })
  })

  it('grants a lease to its owner again, because a client may send a command twice', async () => {
    const client = createClient({ url: server.url })
    await client.connect()
    const store = new RedisTokenStore(client)
    expect(await store.acquireLease('twice', 'mine', 5_000)).to.equal(true)
    expect(await store.acquireLease('twice', 'mine', 5_000)).to.equal(true)
    expect(await store.acquireLease('twice', 'yours', 5_000)).to.equal(false)
    client.destroy()
  })

  describe('in Redis', () => {
    let client: Redis
    before(() => {
      client = new Redis(server.url)
    })
    beforeEach(() => client.flushall())
    after(() => client.quit())

    it('stores a record as `version:value` under its key, with its ttl', async () => {
      const store = new RedisTokenStore(client)
      expect(await store.compareAndSet('k', 0, { version: 1, value: 'a:b' }, 60_000)).to.equal(true)
      expect(await client.get('oneaccess:k')).to.equal('1:a:b')
      expect(await client.pttl('oneaccess:k')).to.be.within(50_000, 60_000)
      expect(await client.keys('*')).to.deep.equal(['oneaccess:k'])
    })

    it('separates the records and leases of two apps by prefix', async () => {
      const [one, two] = ['one:', 'two:'].map((prefix) => new RedisTokenStore(client, { prefix }))
      for (const store of [one, two]) {
        expect(await store?.acquireLease('lease', 'owner', 60_000)).to.equal(true)
        expect(await store?.compareAndSet('k', 0, { version: 1, value: 'v' }, 60_000)).to.equal(
          true,
        )
      }
      const keys = ['one:k', 'one:lease', 'two:k', 'two:lease']
      expect((await client.keys('*')).sort()).to.deep.equal(keys)
    })

    it('accepts an empty prefix', async () => {
      const store = new RedisTokenStore(client, { prefix: '' })
      await store.compareAndSet('k', 0, { version: 1, value: 'v' }, 60_000)
      expect(await client.keys('*')).to.deep.equal(['k'])
    })

    it('accepts a fractional ttl, and a ttl of zero or less', async () => {
      const store = new RedisTokenStore(client)
      const written = store.compareAndSet('part', 0, { version: 1, value: 'v' }, 59_999.5)
      expect(await written).to.equal(true)
      expect(await client.pttl('oneaccess:part')).to.be.within(50_000, 60_000)
      for (const [key, ttl] of [
        ['none', 0],
        ['over', -1_000],
      ] as const) {
        expect(await store.compareAndSet(key, 0, { version: 1, value: 'v' }, ttl)).to.equal(true)
        expect(await store.acquireLease(`${key} lease`, 'owner', ttl)).to.equal(true)
      }
    })

    for (const text of ['', ':v', 'x1:v', '1', '-1:v', ' 1:v']) {
      it(`reads ${JSON.stringify(text)} as a corrupt record, and replaces it`, async () => {
        await client.set('oneaccess:k', text)
        const store = new RedisTokenStore(client)
        expect(await store.get('k')).to.deep.equal({ version: -1, value: '' })
        expect(await store.compareAndSet('k', 0, { version: 1, value: 'v' }, 60_000)).to.equal(
          false,
        )
        expect(await store.compareAndSet('k', -1, { version: 1, value: 'v' }, 60_000)).to.equal(
          true,
        )
        expect(await store.get('k')).to.deep.equal({ version: 1, value: 'v' })
      })
    }

    it('reads versions with several digits, and values that are empty, multi-line or contain a colon', async () => {
      const store = new RedisTokenStore(client)
      for (const value of ['', 'a\nb\n', '12:']) {
        await client.set('oneaccess:k', `120:${value}`)
        expect(await store.get('k')).to.deep.equal({ version: 120, value })
        expect(await store.compareAndSet('k', 120, { version: 121, value }, 60_000)).to.equal(true)
      }
    })
  })

  it('treats undefined, which some clients return, as a missing record', async () => {
    const client = { get: async () => undefined, eval: async () => undefined }
    const store = new RedisTokenStore(client)
    expect(await store.get('k')).to.equal(undefined)
    expect(await store.acquireLease('k', 'owner', 1_000)).to.equal(false)
  })

  it('throws a TypeError for a client without get() or eval()', () => {
    for (const none of [undefined, null, {}, { eval() {} }] as never[]) {
      expect(() => new RedisTokenStore(none)).to.throw(TypeError, 'no method get()')
    }
    expect(() => new RedisTokenStore({ get() {} } as never)).to.throw(TypeError, 'no method eval()')
  })

  it('throws a TypeError for a prefix that is not a string', () => {
    const client = { get: async () => null, eval: async () => 0 }
    for (const prefix of [7, true, ['a']] as never[]) {
      expect(() => new RedisTokenStore(client, { prefix })).to.throw(TypeError, 'option prefix')
    }
  })
})
