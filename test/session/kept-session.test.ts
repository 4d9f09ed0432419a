import { createRequire } from 'node:module'
import { expect } from 'chai'
import express, { type RequestHandler } from 'express'
import session from 'express-session'
import passport from 'passport'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import { Browser } from '../support/browser.js'
import { goToAlipay, openShop, outcomeOf, type Shop } from '../support/shop.js'

type Authenticator = InstanceType<typeof passport.Passport>

const { Passport: OldPassport } = createRequire(import.meta.url)('passport-0.5')

/** Replaces Passport's `logIn`, as the authenticator of a framework may. */
const keepsID: RequestHandler = (req, _res, next) => {
  req.logIn = ((user: Express.User, _options: object, done: (error?: unknown) => void) => {
    const { serializer } = req.app.locals
    serializer(req, user, (error: unknown) => {
      if (!error) req.user = user
      done(error)
    })
  }) as typeof req.logIn
  next()
}
const regenerates: RequestHandler = (req, res, next) => {
  keepsID(req, res, () => {
    const { logIn } = req
    req.logIn = ((user: Express.User, options: object, done: (error?: unknown) => void) => {
      req.session.regenerate(() => logIn.call(req, user, options as never, done))
    }) as typeof req.logIn
    next()
  })
}

describe('a host with its own logIn()', () => {
  let shop: Shop
  let store: MemoryTokenStore
  let kept: string[]
  afterEach(() => shop.close())

  /** Serves the callback at `/own` with an authenticator of the host. */
  async function open(authenticator: Authenticator, ...before: RequestHandler[]): Promise<void> {
    kept = []
    store = new (class extends MemoryTokenStore {
      override compareAndSet(...given: Parameters<MemoryTokenStore['compareAndSet']>) {
        if (given[0].startsWith('tokens:')) kept.push(given[0])
        return super.compareAndSet(...given)
      }
    })()
    const own: RequestHandler = (req, res, next) => {
      const serializer = shop.strategy.serializeUser((user) => user.id)
      authenticator.use(shop.strategy)
      authenticator.serializeUser(serializer)
      authenticator.deserializeUser((id: string, done) => done(null, { id }))
      req.app.locals.serializer = serializer
      const steps: RequestHandler[] = [authenticator.initialize(), authenticator.session()]
      const login: RequestHandler[] = [
        ...before,
        authenticator.authenticate('oneaccess-alipay'),
        (_, response) => void response.json({ verb: 'success', user: req.user }),
      ]
      if (req.path === '/own') steps.push(...login)
      const run = (error?: unknown) => {
        const step = error ? undefined : steps.shift()
        if (step) step(req, res, run)
        else next(error)
      }
      run()
    }
    const secret = 'a secret of the tests'
    shop = await openShop({
      session: session({ secret, resave: false, saveUninitialized: false }),
      behind: own,
      strategy: { tokenStore: store },
    })
  }

  async function logIn() {
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    const planted = browser.cookie(shop.url, 'connect.sid')
    const page = await browser.get(callback.replace('/callback?', '/own?'))
    return { outcome: outcomeOf(page), planted, browser }
  }

  for (const [name, make, ...before] of [
    ['Passport 0.5, which keeps the session id', () => new OldPassport()],
    ['an authenticator that keeps the session id', () => new passport.Passport(), keepsID],
  ] as [string, () => Authenticator, ...RequestHandler[]][]) {
    it(`rejects a login by ${name}, which would log in an attacker who planted the session`, async () => {
      await open(make(), ...before)
      const { outcome, planted, browser } = await logIn()
      expect(outcome.error).to.include({ code: 'session_not_regenerated', status: 500 })
      expect(outcome.error?.hint).to.include('npm install passport@^0.7')
      expect(kept, 'records of tokens').to.deep.equal([])
      expect(browser.cookie(shop.url, 'connect.sid')).to.equal(planted)
      expect((await browser.get(`${shop.url}/me`)).status).to.equal(401)
    })
  }

  for (const [name, make, ...before] of [
    ["Passport's own", () => new passport.Passport()],
    ['one of the host that regenerates the session', () => new passport.Passport(), regenerates],
  ] as [string, () => Authenticator, ...RequestHandler[]][]) {
    it(`accepts a login by an authenticator that changes the session id: ${name}`, async () => {
      await open(make(), ...before)
      const { outcome, planted, browser } = await logIn()
      expect(outcome.verb).to.equal('success')
      expect(kept).to.have.length(1)
      expect(browser.cookie(shop.url, 'connect.sid')).to.not.equal(planted)
    })
  }

  it('logs out with Passport 0.5, which never calls back and keeps the session id', async () => {
    const old = new OldPassport()
    old.serializeUser((user: { id: string }, done: (error: null, id: string) => void) => {
      done(null, user.id)
    })
    old.deserializeUser((id: string, done: (error: null, user: object) => void) => {
      done(null, { id })
    })
    const enter: RequestHandler = (req, res, next) => {
      if (req.path !== '/enter') next()
      else Reflect.apply(req.logIn, req, [{ id: 'by another strategy' }, () => res.send('in')])
    }
    const secret = 'a secret of the tests'
    const before = express.Router()
    before.use(session({ secret, resave: false, saveUninitialized: false }))
    before.use(old.initialize(), old.session(), enter)
    shop = await openShop({ session: before })
    const browser = new Browser()
    await browser.get(`${shop.url}/enter`)
    const entered = browser.cookie(shop.url, 'connect.sid')
    expect((await browser.get(`${shop.url}/me`)).status).to.equal(200)
    expect((await browser.post(`${shop.url}/logout`)).status).to.be.below(400)
    expect((await browser.get(`${shop.url}/me`)).status).to.equal(401)
    expect(browser.cookie(shop.url, 'connect.sid')).to.not.equal(entered)
  })
})
