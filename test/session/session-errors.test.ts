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

describe('Tokens that are not there', () => {
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

  it('because nobody is logged in: 401', async () => {
    await open()
    expect(await errorAt(new Browser())).to.include({ code: 'not_logged_in', status: 401 })
  })

  it('because the middleware is mounted before the session: 500, and where it belongs', async () => {
    const late = sessions()
    const behind: RequestHandler = (req, res, next) => late(req, res, next)
    await open({ session: (_req, _res, next) => next(), behind })
    const error = await errorAt(new Browser())
    expect(error).to.include({ code: 'middleware_order', status: 500 })
    expect(error.hint).to.include('after express-session')
  })

  it('because passport.session() is missing: 500, and the line', async () => {
    const own = sessions()
    await open({ session: own })
    const { browser } = await logIn(shop)
    const error = await errorAt(browser)
    expect(error).to.include({ code: 'passport_session_missing', status: 500 })
    expect(error.hint).to.include('app.use(passport.session())')
  })

  it('because the app authenticates with session: false: 500, and what to keep instead', async () => {
    const user: RequestHandler = (req, _res, next) => {
      req.user = { id: 'by a JWT' } as Express.User
      next()
    }
    await open({ session: false, first: user })
    const error = await errorAt(new Browser())
    expect(error).to.include({ code: 'session_missing', status: 500 })
    expect(error.hint).to.include('session: false')
  })

  /** A login by another Passport in the same app, which then asks for tokens in the same request. */
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

  it('because this login had session: false, in its own request', async () => {
    const error = await errorIn(() => ({ session: false }))
    expect(error).to.include({ code: 'session_missing' })
    expect(error?.hint).to.include('session: false')
  })

  it('because the serializer that this login met is not wrapped, though another one is', async () => {
    const error = await errorIn((authenticator) => {
      authenticator.serializeUser((user, done) => done(null, user))
      return {}
    })
    expect(error).to.include({ code: 'serializer_missing' })
    expect(error?.hint).to.include('wrap the serializer')
  })

  it('because the session cookie is secure and the request is not, before the redirect to Alipay', async () => {
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

  it('warns of no cookie that comes back from Alipay', async () => {
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

  it('is no matter where the proxy is believed', async () => {
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

describe('A missing line is reported at the login', () => {
  const cases: [what: string, mode: string, codes: string[]][] = [
    ['nothing is forgotten', 'all', []],
    ['the serializer is not wrapped', 'unwrapped', ['ONEACCESS_SERIALIZER_MISSING']],
    ['there is no backgroundRefresh()', 'unmounted', ['ONEACCESS_MIDDLEWARE_MISSING']],
    ['the app keeps no session of it', 'no-session', []],
    [
      'the serializer is of the package installed a second time',
      'two-copies',
      ['ONEACCESS_SERIALIZER_MISSING, another copy'],
    ],
  ]
  for (const [what, mode, codes] of cases) {
    it(`${codes[0] ?? 'no warning'}, once, where ${what}`, async () => {
      const run = fileURLToPath(new URL('./forgotten-run.js', import.meta.url))
      const { stdout } = await execute(process.execPath, [run, mode])
      expect(JSON.parse(stdout)).to.deep.equal(codes)
    })
  }
})
