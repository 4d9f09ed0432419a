import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import sinon from 'sinon'
import { onError } from '../../example/readme/errors.js'
import { Browser } from '../support/browser.js'
import { until } from '../support/example.js'
import { type RedisServer, startRedis } from '../support/redis.js'

const SETTINGS = {
  SESSION_SECRET: 'of a test',
  TOKEN_SECRET: '0123456789abcdef0123456789abcdef',
  ONEACCESS_CLIENT_ID: 'shop',
  ONEACCESS_CLIENT_SECRET: 'of a test',
  ALIPAY_APP_ID: '2021000000000001',
}

describe("the README's sample for several processes", function () {
  this.timeout(30_000)
  let redis: RedisServer
  let server: Server
  let url: string
  let sample: typeof import('../../example/readme/redis.js')
  const others = process.listeners('SIGTERM')
  before(async () => {
    redis = await startRedis()
    Object.assign(process.env, SETTINGS, { REDIS_URL: redis.url })
    sample = await import('../../example/readme/redis.js')
    const app = express()
    app.use(sample.sessions)
    app.get('/', (req, res) => {
      const kept = req.session as { visits?: number }
      kept.visits = (kept.visits ?? 0) + 1
      res.json(kept.visits)
    })
    app.use(onError)
    server = createServer(app)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  })
  after(async () => {
    for (const name of [...Object.keys(SETTINGS), 'REDIS_URL']) delete process.env[name]
    for (const listener of process.listeners('SIGTERM')) {
      if (!others.includes(listener)) process.off('SIGTERM', listener)
    }
    sample.client.destroy()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await redis.close()
  })
  afterEach(() => sinon.restore())

  it('answers 503 with Retry-After while Redis is down, and keeps the session', async () => {
    sinon.stub(console, 'error') // where the sample and Express write
    const browser = new Browser()
    expect((await browser.get(url)).json()).to.equal(1)
    await redis.kill()
    const { status, headers } = await browser.get(url)
    expect([status, headers.get('retry-after')]).to.deep.equal([503, '2'])
    await redis.start()
    const back = await until(
      () => browser.get(url),
      (page) => page.status === 200,
    )
    expect(back.json()).to.equal(2)
  })

  it('does not start without SESSION_SECRET', async () => {
    process.env.SESSION_SECRET = ''
    const again = '../../example/readme/redis.js?without'
    const outcome = await import(again).catch((error: Error) => error.message)
    expect(outcome).to.equal('SESSION_SECRET is not set')
  })
})
