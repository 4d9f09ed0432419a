import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { Browser } from '../support/browser.js'
import { personWith, until } from '../support/example.js'
import {
  type ExampleProcess,
  freePort,
  killExamples,
  printed,
  runExample,
  tenantOf,
} from '../support/example-process.js'
import { type RedisServer, startRedis } from '../support/redis.js'

const SECRET = '0123456789abcdef0123456789abcdef'

describe('the one-file examples', function () {
  this.timeout(30_000)
  let simulator: Simulator
  let url: string
  let env: Record<string, string>
  beforeEach(async () => {
    const port = await freePort()
    simulator = await startSimulator()
    url = `http://127.0.0.1:${port}`
    env = { ...tenantOf(simulator, port), SESSION_SECRET: SECRET }
  })
  afterEach(async () => {
    killExamples()
    await simulator.close()
  })

  const start = async (file: string, more: Record<string, string> = {}) => {
    const example = runExample({ ...env, ...more }, file)
    await printed(example, /^listening$/m)
    return example
  }

  /** Logs in through Alipay; resolves to the response of the callback. */
  const logIn = async (browser: Browser, outcome = 'SUCCESS') => {
    const consent = (await browser.get(`${url}/auth/alipay`)).location
    const { id } = personWith(simulator, outcome)
    const back = await browser.post(consent, { person: id, decision: 'agree' })
    return browser.get(back.location)
  }

  it('minimal: logs a user in with at most 30 lines of code', async () => {
    const source = await readFile(new URL('../../../example/minimal.ts', import.meta.url), 'utf8')
    expect(source.trimEnd().split('\n')).to.have.length.at.most(30)
    await start('minimal.js')
    const browser = new Browser()
    expect((await browser.get(url)).json()).to.equal('nobody')
    expect((await logIn(browser)).location).to.equal(`${url}/`)
    expect((await browser.get(url)).json()).to.include({ name: '王芳' })
  })

  it('Koa: logs a user in and out, and refuses the callback afterwards', async () => {
    await start('koa.js')
    const browser = new Browser()
    expect((await browser.get(url)).json()).to.equal('nobody')
    const consent = (await browser.get(`${url}/auth/alipay`)).location
    const callback = simulator.authorize(consent, personWith(simulator, 'SUCCESS').id)
    expect((await browser.get(callback)).location).to.equal(`${url}/`)
    expect((await browser.get(url)).json()).to.include({ name: '王芳' })
    expect((await browser.post(`${url}/logout`)).location).to.equal(`${url}/`)
    expect((await browser.get(url)).json()).to.equal('nobody')
    expect((await browser.get(callback)).status).to.equal(403)
  })

  it('Koa: answers 503 through Koa’s error handler when OneAccess is busy', async () => {
    const { ended, child } = await start('koa.js')
    simulator.fault('login', { status: 400, body: { error_code: 'IDAAS.SDK.COM.0002' } })
    expect((await logIn(new Browser())).status).to.equal(503)
    child.kill('SIGTERM')
    expect((await ended).err).to.contain('OneAccessError: login: busy')
  })

  it('NestJS: logs a user in and out, and serves /orders only to a logged-in user', async () => {
    await start('nestjs.js')
    const browser = new Browser()
    expect((await browser.get(`${url}/orders`)).status).to.equal(401)
    expect((await logIn(browser)).location).to.equal(`${url}/`)
    expect((await browser.get(url)).json()).to.include({ name: '王芳' })
    expect((await browser.get(`${url}/orders`)).json()).to.deep.equal({ parts: 3 })
    expect((await browser.get(`${url}/logout`)).status, 'GET does not log out').to.equal(404)
    expect((await browser.post(`${url}/logout`)).location).to.equal(`${url}/`)
    expect((await browser.get(url)).json()).to.equal('nobody')
  })

  it('NestJS: answers 401 if the user refuses at Alipay, and 503 if OneAccess is busy', async () => {
    await start('nestjs.js')
    const browser = new Browser()
    const consent = (await browser.get(`${url}/auth/alipay`)).location
    const { id } = personWith(simulator, 'SUCCESS')
    const back = await browser.post(consent, { person: id, decision: 'refuse' })
    expect((await browser.get(back.location)).status).to.equal(401)
    simulator.fault('login', { status: 400, body: { error_code: 'IDAAS.SDK.COM.0002' } })
    const busy = await logIn(browser)
    expect(busy.status).to.equal(503)
    expect(busy.json()).to.include({ error: 'busy' })
  })

  it('JWT: issues a token, accepts it, and refuses a forged one', async () => {
    await start('jwt.js', { JWT_SECRET: SECRET })
    const { token } = (await logIn(new Browser())).json() as { token: string }
    const stranger = new Browser()
    const ask = (bearer: string) => stranger.get(`${url}/me`, { authorization: `Bearer ${bearer}` })
    expect((await ask(token)).json()).to.include({ name: '王芳' })
    const [head, body] = token.split('.')
    for (const wrong of ['', 'x', `${head}.${body}.AAAA`, `${btoa('{"alg":"none"}')}.${body}.`]) {
      expect((await ask(wrong)).status, wrong).to.equal(401)
    }
  })

  it('JWT: does not start with a short secret', async () => {
    const { code, err } = await runExample({ ...env, JWT_SECRET: 'short' }, 'jwt.js').ended
    expect(code).to.equal(1)
    expect(err).to.contain('JWT_SECRET must have 32 characters')
  })

  for (const outcome of ['SOCIAL_BIND', 'USER_REGISTER']) {
    it(`first login: completes ${outcome} with a puzzle, a number and a code`, async () => {
      await start('first-login.js')
      const browser = new Browser()
      const mobile = outcome === 'SOCIAL_BIND' ? '15200000003' : '13900001111'
      expect((await logIn(browser, outcome)).location).to.equal(`${url}/challenge`)
      const requestCode = async (x?: number) => {
        const page = await browser.get(`${url}/challenge`)
        const [, token = ''] = /name="token" value="([^"]+)"/.exec(page.text) ?? []
        const place = x ?? simulator.captchaAnswer(token) ?? Number.NaN
        return browser.post(`${url}/challenge/code`, { token, x: String(place), mobile })
      }
      expect((await requestCode(1)).text, 'a new puzzle after a wrong answer').to.contain(
        'name="token"',
      )
      expect((await requestCode()).text).to.contain('name="verify_code"')
      const wrong = await browser.post(`${url}/challenge`, { verify_code: '000000' })
      expect(wrong.text).to.contain('name="verify_code"').and.to.contain('(4)')
      const code = simulator.lastCode(mobile) ?? ''
      const done = await browser.post(`${url}/challenge`, { verify_code: code })
      expect(done.location).to.equal(`${url}/`)
      expect((await browser.get(url)).json()).to.have.property('id')
    })
  }

  it('first login: refuses forms of other origins', async () => {
    await start('first-login.js')
    const browser = new Browser()
    await logIn(browser, 'SOCIAL_BIND')
    browser.headers['sec-fetch-site'] = 'cross-site'
    for (const path of ['/challenge', '/challenge/code']) {
      expect((await browser.post(url + path)).status).to.equal(403)
    }
  })

  describe('Redis', () => {
    let redis: RedisServer
    before(async () => {
      redis = await startRedis({ durable: false })
    })
    after(() => redis.close())

    it('shares a login between two processes, which stop cleanly', async () => {
      const more = { REDIS_URL: redis.url, TOKEN_SECRET: SECRET, NOTICE: '0' }
      const port = await freePort()
      const one = await start('redis.js', more)
      const other = await start('redis.js', { ...more, PORT: String(port) })
      const browser = new Browser()
      await logIn(browser)
      const headers = browser.cookieHeader(url)
      const seen = async (at: string) => (await fetch(at, { headers })).json()
      const here = (await seen(url)) as { user: { name: string }; process: number }
      const there = (await seen(`http://127.0.0.1:${port}`)) as typeof here
      expect([here.user.name, there.user.name]).to.deep.equal(['王芳', '王芳'])
      expect(here.process).to.not.equal(there.process)
      await stop(one)
      expect(await seen(`http://127.0.0.1:${port}/orders`)).to.have.property('token')
      await stop(other)
    })

    for (const name of ['SESSION_SECRET', 'TOKEN_SECRET']) {
      it(`does not start without ${name}`, async () => {
        const more = { REDIS_URL: redis.url, TOKEN_SECRET: SECRET, [name]: '' }
        const { code, err } = await runExample({ ...env, ...more }, 'redis.js').ended
        expect(code).to.equal(1)
        expect(err).to.match(
          name === 'TOKEN_SECRET' ? /option tokenStore/ : /SESSION_SECRET is not/,
        )
      })
    }

    it('answers 503 with Retry-After while Redis is down, and keeps the login', async () => {
      const own = await startRedis()
      const example = await start('redis.js', {
        REDIS_URL: own.url,
        TOKEN_SECRET: SECRET,
        NOTICE: '0',
      })
      const browser = new Browser()
      await logIn(browser)
      await own.kill()
      for (const [who, path, wait] of [
        [browser, '/', '2'],
        [browser, '/orders', '2'],
        [browser, '/auth/alipay', '2'],
        [new Browser(), '/auth/alipay', '1'], // has no session yet: the token store is what fails
      ] as const) {
        const { status, headers } = await who.get(url + path)
        expect([status, headers.get('retry-after')], path).to.deep.equal([503, wait])
      }
      await own.start()
      const back = await until(
        () => browser.get(url),
        ({ status }) => status === 200,
      )
      expect(back.json()).to.have.nested.property('user.name', '王芳')
      example.child.kill('SIGTERM')
      expect(await example.ended).to.include({ code: 0 })
      await own.close()
    })

    const stop = async ({ child, ended }: ExampleProcess) => {
      child.kill('SIGTERM')
      expect(await ended).to.include({ code: 0, err: '' })
    }
  })
})
