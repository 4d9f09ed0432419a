import { createHmac } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express, { type Request } from 'express'
import session from 'express-session'
import passport from 'passport'
import sinon from 'sinon'
import {
  type FailureInfo,
  MemoryTokenStore,
  OneAccessAlipayStrategy,
  OneAccessClient,
  type StrategyOptions,
  type Tokens,
} from '../../lib/index.js'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { Browser } from '../support/browser.js'
import { freshMobile, wrongCode } from '../support/first-login.js'

type Kept = { id: string; tokens: Tokens }

/** Stands for the token that the app issues. */
const sign = (id: string) => createHmac('sha256', 'secret of the app').update(id).digest('hex')

describe('an app with its own token, without a serializer wrap or backgroundRefresh()', () => {
  let simulator: Simulator
  let store: MemoryTokenStore
  let writes: string
  let url = ''
  let close = async () => {}
  const kept = new Map<string, Tokens>()

  async function open(options: Partial<StrategyOptions> = {}): Promise<void> {
    kept.clear()
    writes = ''
    simulator = await startSimulator({ rotation: 'always' })
    const app = express()
    const server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { domain, authorizationURL, clientID, clientSecret, alipayAppID } = simulator
    const tenant = { domain, authorizationURL, clientID, clientSecret, alipayAppID }
    const strategy = new OneAccessAlipayStrategy<Kept>(
      { ...tenant, callbackURL: `${url}/callback`, ...options, passReqToCallback: false },
      async (tokens, profile) => ({ id: profile.id, tokens }),
    )
    addRoutes(app, strategy)
    close = async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await simulator.close()
      await strategy.drain()
    }
  }

  function addRoutes(app: express.Express, strategy: OneAccessAlipayStrategy<Kept>): void {
    const authenticator = new passport.Passport()
    authenticator.use(strategy)
    const give = (req: Request, res: express.Response) => {
      const { id, tokens } = req.user as Kept
      kept.set(id, tokens)
      res.json({ id, token: sign(id) })
    }
    const only = session({ secret: 'two routes', resave: false, saveUninitialized: false })
    const web = authenticator.authenticate('oneaccess-alipay', { session: false })
    app.get('/login', only, web)
    app.get('/callback', only, web, give)
    const tell = (flow: 'app' | 'challenge'): express.RequestHandler => {
      return (req, res, next) => {
        const options = { flow, session: false }
        const decide = (error: unknown, user?: unknown, info?: object | string | unknown[]) => {
          if (error) return next(error)
          if (!user) return res.status(401).json(info)
          req.user = user as Express.User
          give(req, res)
        }
        authenticator.authenticate('oneaccess-alipay', options, decide)(req, res, next)
      }
    }
    app.post('/app', express.json(), tell('app'))
    app.post('/app/finish', express.json(), express.urlencoded(), tell('challenge'))
    app.post('/app/code', express.json(), async (req, res) => {
      const challenge = await strategy.challenge(req)
      if (!challenge) return res.status(403).json({})
      const { token } = await challenge.captcha()
      const x = simulator.captchaAnswer(token) ?? 0
      const { mobile } = req.body
      const { captchaToken } = await challenge.solveCaptcha({ token, x, contact: mobile })
      await challenge.sendCode({ mobile, captchaToken })
      return res.json({})
    })
    app.use(((error, _req, res, _next) => {
      res.status(error.status ?? 500).json({ code: error.code })
    }) as express.ErrorRequestHandler)
  }

  afterEach(async () => {
    sinon.restore()
    await close()
  })

  const post = async (path: string, body: object) => {
    const page = await new Browser().postJson(url + path, body)
    return { status: page.status, headers: page.headers, ...(page.json() as FailureInfo & Kept) }
  }
  const withStore = () => {
    store = new MemoryTokenStore()
    const compareAndSet = store.compareAndSet.bind(store)
    store.compareAndSet = (key, expected, record, ttl) => {
      writes += `${key} ${record.value}\n`
      return compareAndSet(key, expected, record, ttl)
    }
    return open({ tokenStore: store })
  }
  /** Starts a first login in a native app; returns the response with the handle. */
  const begin = async () => {
    const person = simulator.people.find(({ outcome }) => outcome === 'USER_REGISTER')
    return post('/app', { auth_code: simulator.issueCode(person?.id ?? '') })
  }
  const withCode = async () => {
    const handle = (await begin()).challenge?.handle ?? ''
    expect((await post('/app/code', { handle, mobile: freshMobile })).status).to.equal(200)
    return { handle, code: simulator.lastCode(freshMobile) ?? '' }
  }

  it('logs in with the web flow, with a session on its two routes only, and emits no warning', async () => {
    const warn = sinon.stub(process, 'emitWarning')
    await open()
    const browser = new Browser()
    const { location } = await browser.get(`${url}/login`)
    const form = { person: simulator.people[0]?.id ?? '', decision: 'agree' }
    const back = await browser.get((await browser.post(location, form)).location)
    const { id, token } = back.json() as { id: string; token: string }
    expect(token).to.equal(sign(id))
    expect(warn.args).to.deep.equal([])
  })

  it('logs in with the app flow without a session; OneAccessClient refreshes the tokens', async () => {
    await open()
    const [person] = simulator.people
    const { id, headers } = await post('/app', { code: simulator.issueCode(person?.id ?? '') })
    expect(headers.getSetCookie()).to.deep.equal([])
    const { domain: origin, clientID, clientSecret } = simulator
    const credential = { clientID, clientSecret, auth: 'body' } as const
    const { sessionToken, context } = kept.get(id) as Tokens
    const client = new OneAccessClient({ origin, clientID, credential })
    expect((await client.refresh(sessionToken, context)).idToken).to.match(/^ey/)
  })

  it('offers no challenge without a session or a tokenStore', async () => {
    await open()
    const info = await begin()
    expect(info).to.include({ status: 401, code: 'user_register' })
    expect(info).to.not.have.property('challenge')
  })

  it('completes a first login with a handle, which is only in the response body and never stored', async () => {
    await withStore()
    const info = await begin()
    const { handle = '', flows } = info.challenge ?? {}
    expect(handle).to.match(/^[0-9a-f]{40}$/)
    expect(flows).to.include('VERIFY_PHONE')
    expect(JSON.stringify([...info.headers])).to.not.include(handle)
    expect(writes)
      .to.match(/challenge/)
      .and.to.not.include(handle)
    await post('/app/code', { handle, mobile: freshMobile })
    const verify_code = simulator.lastCode(freshMobile)
    const done = await post('/app/finish', { handle, verify_code })
    expect(done.status, JSON.stringify(done)).to.equal(200)
    expect(writes).to.not.include(handle)
  })

  it('accepts a handle once, even when it is sent twice at the same time', async () => {
    await withStore()
    const { handle, code } = await withCode()
    const both = [0, 1].map(() => post('/app/finish', { handle, verify_code: code }))
    const statuses = (await Promise.all(both)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).to.have.length(1)
    const again = await post('/app/finish', { handle, verify_code: code })
    expect(again).to.include({ status: 401, code: 'challenge_missing' })
  })

  it('rejects a handle after five wrong codes, even with the right code', async () => {
    await withStore()
    const { handle, code } = await withCode()
    for (let n = 0; n < 5; n++) await post('/app/finish', { handle, verify_code: wrongCode(code) })
    const right = await post('/app/finish', { handle, verify_code: code })
    expect(right).to.include({ status: 401, code: 'challenge_over' })
  })

  it('rejects a handle after ten minutes', async () => {
    await withStore()
    const clock = sinon.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    const { handle, code } = await withCode()
    clock.tick(600_001)
    expect(await post('/app/finish', { handle, verify_code: code })).to.include({
      status: 401,
      code: 'challenge_missing',
    })
  })

  it('rejects a handle from a form, which another site could post, and an invented handle', async () => {
    await withStore()
    const { handle, code } = await withCode()
    const form = await new Browser().post(`${url}/app/finish`, { handle, verify_code: code })
    expect(form.json()).to.deep.include({ code: 'session_missing' })
    for (const other of ['0'.repeat(40), handle.toUpperCase(), [handle], 7, '']) {
      const page = await post('/app/finish', { handle: other, verify_code: code })
      expect(page).to.include({ status: 401, code: 'challenge_missing' })
    }
  })
})
