import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { RedisStore } from 'connect-redis'
import type { SessionData } from 'express-session'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { conformanceTests } from '../../lib/conformance.js'
import { RedisTokenStore } from '../../lib/redis.js'
import { inRepository } from '../package/installed.js'
import { type RedisServer, startRedis } from '../support/redis.js'

const PASSWORD = 'of-the-shop'

describe('the Redis user of docs/production.md', () => {
  let server: RedisServer
  let url: string
  before(async () => {
    server = await startRedis()
    url = server.url.replace('//', `//shop:${PASSWORD}@`)
    const page = readFileSync(inRepository('docs/production.md'), 'utf8')
    const [, rule = ''] = /`(ACL SETUSER shop [^`]+)`/.exec(page) ?? []
    const [, sessions = ''] = /connect-redis with its own prefix needs `([^`]+)`/.exec(page) ?? []
    const operator = new Redis(server.url)
    const [command = '', ...args] = `${rule} ${sessions}`.replace('>…', `>${PASSWORD}`).split(' ')
    await operator.call(command, ...args)
    await operator.quit()
  })
  after(() => server.close())

  describe('passes the conformance tests with node-redis', () => {
    const clients: { close(): unknown }[] = []
    after(() => Promise.all(clients.map((client) => client.close())))
    const make = async () => {
      const client = createClient({ url, pingInterval: 1_000 })
      clients.push(client)
      await client.connect()
      return new RedisTokenStore(client)
    }
    for (const { name, run } of conformanceTests(make)) it(name, run)
  })

  describe('passes the conformance tests with ioredis', () => {
    const clients: Redis[] = []
    after(() => Promise.all(clients.map((client) => client.quit())))
    const make = () => {
      const client = new Redis(url)
      clients.push(client)
      return new RedisTokenStore(client)
    }
    for (const { name, run } of conformanceTests(make)) it(name, run)
  })

  it('can set, touch, get and destroy a session with connect-redis', async () => {
    const client = createClient({ url })
    await client.connect()
    const store = new RedisStore({ client })
    const cookie = { maxAge: 60_000, originalMaxAge: 60_000 }
    await store.set('id', { cookie } as SessionData)
    await store.touch('id', { cookie } as SessionData)
    expect(await store.get('id')).to.deep.equal({ cookie })
    await store.destroy('id')
    await client.close()
  })
})
