import { execFile } from 'node:child_process'
import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import type { RequestHandler } from 'express'
import session, { type CookieOptions } from 'express-session'
import passport, { type AuthenticateOptions } from 'passport'
import sinon from 'sinon'
import { MemoryTokenStore } from '../../lib/index.js'
import { Browser } from '../support/browser.js'
import {
  goToAlipay,
  logIn,
  openShop,
  outcomeOf,
  type Shop,
  type ShopOptions,
} from '../support/shop.js'

const execute = promisify(execFile)
const sessions = (cookie?: CookieOptions) =>
  session({ secret: 'tests', resave: false, saveUninitialized: false, ...(cookie && { cookie }) })

describe('errors and warnings about the session setup', () => {
  let shop: Shop
  const open = async (options: ShopOptions = {}) => {
    shop = await openShop(options)
  }
  afterEach(async () => {
    sinon.restore()
    await shop.close()
  })

  const errorAt = async (browser: Browser, path = '/token') => {
    const page = await browser.get(shop.url + path)
    return { ...outcomeOf(page).error, status: page.status }
  }

  it('errors with 401 not_logged_in when no one is logged in', async () => {
    await open()
    expect(await errorAt(new Browser())).to.include({ code: 'not_logged_in', status: 401 })
  })

  it('errors with 500 middleware_order when backgroundRefresh() is mounted before the session', async () => {
    const late = sessions()
    const behind: RequestHandler = (req, res, next) => late(req, res, next)
    await open({ session: (_req, _res, next) => next(), behind })
    const error = await errorAt(new Browser())
    expect(error).to.include({ code: 'middleware_order', status: 500 })
    expect(error.hint).to.include('after express-session')
  })

  it('errors with 500 passport_session_missing and the line to add when passport.session() is missing', async () => {
    const own = sessions()
    await open({ session: own })
    const { browser } = await logIn(shop)
    const error = await errorAt(browser)
    expect(error).to.include({ code: 'passport_session_missing', status: 500 })
    expect(error.hint).to.include('app.use(passport.session())')
  })

  it('errors with 500 session_missing when the app authenticates without a session', async () => {
    const user: RequestHandler = (req, _res, next) => {
      req.user = { id: 'by a JWT' } as Express.User
      next()
    }
    await open({ session: false, first: user })
    const error = await errorAt(new Browser())
    expect(error).to.include({ code: 'session_missing', status: 500 })
    expect(error.hint).to.include('session: false')
  })

  /** Logs in with another Passport instance, then requests tokens in the same request. */
  const errorIn = async (
    prepare: (authenticator: InstanceType<typeof passport.Passport>) => AuthenticateOptions,
  ) => {
    const behind: RequestHandler = (req, res, next) => {
      if (req.path !== '/other') return next()
      const authenticator = new passport.Passport()
      authenticator.use(shop.strategy as never)
      const options = prepare(authenticator)
      authenticator.authenticate('oneaccess-alipay', options)(req, res, () => {
        req.oneaccess.idToken().catch((error) => res.json({ verb: 'error', error }))
      })
    }
    await open({ behind })
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    return outcomeOf(await browser.get(callback.replace('/callback?', '/other?'))).error
  }

  it('errors with session_missing in the request of a login with session: false', async () => {
    const error = await errorIn(() => ({ session: false }))
    expect(error).to.include({ code: 'session_missing' })
    expect(error?.hint).to.include('session: false')
  })

  it('errors with serializer_missing when the serializer of this login is not wrapped, but another one is', async () => {
    const error = await errorIn((authenticator) => {
      authenticator.serializeUser((user, done) => done(null, user))
      return {}
    })
    expect(error).to.include({ code: 'serializer_missing' })
    expect(error?.hint).to.include('wrap the serializer')
  })

  it('errors before the redirect when the session cookie is secure and the request is not; warns once behind a proxy', async () => {
    const secure = sessions({ secure: true })
    await open({ session: secure })
    const error = await errorAt(new Browser(), '/login')
    expect(error).to.include({ code: 'session_missing', status: 500 })
    expect(error.hint).to.include("app.set('trust proxy', 1)")
    const warn = sinon.stub(process, 'emitWarning')
    const https = { 'x-forwarded-proto': 'https' }
    for (let n = 0; n < 2; n++) {
      expect((await new Browser().get(`${shop.url}/login`, https)).status).to.equal(302)
    }
    expect(warn.args.map(([, options]) => (options as { code: string }).code)).to.deep.equal([
      'ONEACCESS_TRUST_PROXY',
    ])
  })

  for (const sameSite of ['strict', true] as const) {
    it(`warns once that no login can succeed with cookie.sameSite: ${sameSite}`, async () => {
      await open({ session: sessions({ sameSite }) })
      const warn = sinon.stub(process, 'emitWarning')
      for (let n = 0; n < 2; n++) {
        expect((await new Browser().get(`${shop.url}/login`)).status).to.equal(302)
      }
      const [[message, options] = [], ...more] = warn.args
      expect([options, more]).to.deep.equal([
        { type: 'OneAccessWarning', code: 'ONEACCESS_SAME_SITE' },
        [],
      ])
      expect(message).to.include("set cookie.sameSite to 'lax'")
    })
  }

  it("does not warn with cookie.sameSite 'lax', false or unset", async () => {
    const cookies = [{ sameSite: 'lax' }, { sameSite: false }, {}] as const
    for (const cookie of cookies) {
      await open({
        session: session({ secret: 'tests', resave: false, saveUninitialized: false, cookie }),
      })
      const warn = sinon.stub(process, 'emitWarning')
      expect((await new Browser().get(`${shop.url}/login`)).status).to.equal(302)
      expect(warn.args).to.deep.equal([])
      warn.restore()
      if (cookie !== cookies[2]) await shop.close()
    }
  })

  it('does not warn about a secure cookie with trust proxy', async () => {
    const secure = sessions({ secure: true })
    const trusting: RequestHandler = (req, _res, next) => {
      req.app.set('trust proxy', 1)
      next()
    }
    await open({ first: trusting, session: secure })
    const warn = sinon.stub(process, 'emitWarning')
    const https = { 'x-forwarded-proto': 'https' }
    expect((await new Browser().get(`${shop.url}/login`, https)).status).to.equal(302)
    expect(warn.args).to.deep.equal([])
  })

  it('warns a cluster worker with the default store, once, and not one with a configured store', async () => {
    sinon.stub(cluster, 'isWorker').value(true)
    const warn = sinon.stub(process, 'emitWarning')
    await open({ strategy: { tokenStore: new MemoryTokenStore() } })
    await logIn(shop)
    expect(warn.args).to.deep.equal([])
    await shop.close()
    await open()
    await logIn(shop)
    await logIn(shop)
    expect(warn.args.map(([, options]) => (options as { code: string }).code)).to.deep.equal([
      'ONEACCESS_CLUSTER_STORE',
    ])
  })
})

describe('warnings at the login about an incomplete setup', () => {
  const cases: [setup: string, mode: string, codes: string[]][] = [
    ['the setup is complete', 'all', []],
    ['the serializer is not wrapped', 'unwrapped', ['ONEACCESS_SERIALIZER_MISSING']],
    ['backgroundRefresh() is not mounted', 'unmounted', ['ONEACCESS_MIDDLEWARE_MISSING']],
    ['the app uses session: false', 'no-session', []],
    [
      'the serializer is of a second copy of the package',
      'two-copies',
      ['ONEACCESS_SERIALIZER_MISSING (another copy)'],
    ],
  ]
  for (const [setup, mode, codes] of cases) {
    it(`${codes[0] ? `emits ${codes[0]} once` : 'emits no warning'} when ${setup}`, async () => {
      const run = fileURLToPath(new URL('./forgotten-run.js', import.meta.url))
      const { stdout } = await execute(process.execPath, [run, mode])
      expect(JSON.parse(stdout)).to.deep.equal(codes)
    })
  }
})
