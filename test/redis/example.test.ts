import { expect } from 'chai'
import { createClient } from 'redis'
import sinon from 'sinon'
import { redisStores } from '../../example/shop/stores.js'
import { type Example, logIn, openExample, until, whoIs } from '../support/example.js'
import {
  freePort,
  killExamples,
  printed,
  startExample,
  tenantOf,
} from '../support/example-process.js'
import { type RedisServer, startRedis } from '../support/redis.js'

describe('the example with REDIS_URL', function () {
  this.timeout(30_000)
  let redis: RedisServer
  let example: Example
  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    example = await openExample({
      simulator: { rotation: 'always', reuse: 'end' },
      stores: [await redisStores(redis.url), await redisStores(redis.url)],
    })
  })
  afterEach(async () => {
    killExamples()
    sinon.restore()
    await example.close()
  })
  after(() => redis.close())

  it('shares logins and logouts between two processes', async () => {
    const browser = await logIn(example)
    for (let request = 0; request < 4; request++) {
      expect((await whoIs(example, browser))?.user.name).to.equal('王芳')
      expect((await browser.get(`${example.url}/token`)).status).to.equal(200)
    }
    await browser.post(`${example.url}/logout`)
    for (let request = 0; request < 4; request++) {
      expect(await whoIs(example, browser)).to.equal(undefined)
    }
  })

  it('refreshes once for 20 requests to two processes', async () => {
    const browser = await logIn(example)
    sinon.useFakeTimers({ now: Date.now() + 61_000, toFake: ['Date'], shouldAdvanceTime: true })
    const pages = await Promise.all(
      Array.from({ length: 20 }, () => browser.get(`${example.url}/token`)),
    )
    expect(new Set(pages.map((page) => page.text)).size).to.equal(1)
    expect(pages[0]?.status).to.equal(200)
    expect(example.simulator.count('refresh-id-token')).to.equal(1)
  })

  it('stores sessions, tokens and users under separate key prefixes', async () => {
    await logIn(example)
    const client = await createClient({ url: redis.url }).connect()
    const keys = await client.keys('*')
    await client.close()
    const kinds = new Set(keys.map((key) => /^(oneaccess|shop:session|shop:user):./.exec(key)?.[1]))
    expect([...kinds].sort()).to.deep.equal(['oneaccess', 'shop:session', 'shop:user'])
  })

  it('keeps the login when a deployment interrupts a refresh that rotates the session token', async () => {
    const { simulator } = example
    const env = { ...tenantOf(simulator, await freePort()), REDIS_URL: redis.url }
    const old = await startExample(env)
    const shop = { ...example, url: old.url }
    simulator.settings.idTokenAtLogin = false // so that the first use of a token is a refresh
    const browser = await logIn(shop)
    let release = () => {}
    const holdAnswer = new Promise<void>((resolve) => {
      release = resolve
    })
    simulator.fault('refresh-id-token', { holdAnswer })
    const asked = simulator.nextCall('refresh-id-token')
    const cookie = `shop=${browser.cookie(old.url, 'shop')}`
    const gone = new AbortController()
    const { signal } = gone
    const leaving = fetch(`${old.url}/token`, { headers: { cookie }, signal }).catch(() => 'left')
    await asked
    gone.abort()
    expect(await leaving).to.equal('left')
    old.child.kill('SIGTERM')
    await printed(old, /^no requests left/m)
    release()
    expect((await old.ended).code).to.equal(0)
    const next = await startExample(env)
    expect((await browser.get(`${next.url}/token`)).status).to.equal(200)
    expect((await whoIs(shop, browser))?.user.name).to.equal('王芳')
    expect(simulator.sessions().map((one) => one.endedBy)).to.deep.equal([undefined])
    next.child.kill('SIGTERM')
    expect((await next.ended).code).to.equal(0)
  })

  it('responds with 503 while Redis is down, and has kept the login when it is back', async () => {
    const browser = await logIn(example)
    const log = sinon.stub(console, 'error')
    await redis.kill()
    const away = await until(
      () => browser.get(`${example.url}/`),
      (page) => page.status !== 200,
    )
    expect(away.status).to.equal(503)
    expect(away.headers.get('retry-after')).to.equal('2')
    expect(away.text).to.contain('role="alert"')
    await redis.start()
    const me = await until(
      () => browser.get(`${example.url}/me`),
      (page) => page.status === 200,
    )
    expect(me.text).to.contain('王芳')
    expect(log.args.flat().join()).to.contain('redis: ')
  })
})
