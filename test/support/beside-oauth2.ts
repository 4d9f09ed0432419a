// One small app, with passport-oauth2 and a scripted provider, or with our strategy and the simulator.
import type { AddressInfo } from 'node:net'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import session from 'express-session'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import OAuth2Strategy from 'passport-oauth2'
import { OneAccessAlipayStrategy } from '../../lib/index.js'
import { startSimulator } from '../../simulator/index.js'
import { Browser } from './browser.js'
import { startUpstream } from './upstream.js'

/** The arguments with which the app's verify calls `done`. */
export type Given = [error: Error | null, user?: { id: string } | false, info?: object]

/** A strategy, and its provider with a user. */
interface Side {
  strategy: passport.Strategy
  /** For `passport.serializeUser`. */
  serializer: unknown
  /** Mounted after `passport.session()`. */
  middleware: RequestHandler
  /** The URL to which the provider redirects after a decision on this consent page. */
  decide(browser: Browser, consent: string, agrees: boolean): Promise<string>
  close(): Promise<void>
}

export type OpenSide = (callbackURL: string, given: Given) => Promise<Side>

const PATHS = { authorizationURL: '/authorize', tokenURL: '/token' }

export const openOAuth2: OpenSide = async (callbackURL, given) => {
  const provider = await startUpstream()
  provider.script(PATHS.tokenURL, { body: { access_token: 'access', token_type: 'bearer' } })
  const strategy = new OAuth2Strategy(
    {
      authorizationURL: provider.url + PATHS.authorizationURL,
      tokenURL: provider.url + PATHS.tokenURL,
      clientID: 'client',
      clientSecret: 'secret',
      callbackURL,
      store: true,
    } as never, // its types have no `store: true`, which keeps the app's own `state`
    ((_access: string, _refresh: string, _profile: object, done: (...given: Given) => void) =>
      done(...given)) as never,
  )
  return {
    strategy,
    serializer: (user: { id: string }, done: (error: null, id: string) => void) =>
      done(null, user.id),
    middleware: pass,
    decide: async (_browser, consent, agrees) => {
      const { searchParams } = new URL(consent)
      const back = new URL(searchParams.get('redirect_uri') ?? '')
      back.searchParams.set('state', searchParams.get('state') ?? '')
      if (agrees) back.searchParams.set('code', 'code')
      else back.searchParams.set('error', 'access_denied')
      if (!agrees) back.searchParams.set('error_description', 'The person refused.')
      return back.href
    },
    close: () => provider.close(),
  }
}

export const openOurs: OpenSide = async (callbackURL, given) => {
  const simulator = await startSimulator()
  const { domain, clientID, clientSecret, alipayAppID, authorizationURL } = simulator
  const strategy = new OneAccessAlipayStrategy<{ id: string }>(
    { domain, clientID, clientSecret, alipayAppID, authorizationURL, callbackURL },
    (_tokens, _profile, done) => (done as (...given: Given) => void)(...given),
  )
  return {
    strategy: strategy as never,
    serializer: strategy.serializeUser((user) => user.id),
    middleware: strategy.backgroundRefresh(),
    decide: async (browser, consent, agrees) => {
      const person = simulator.people[0]?.id ?? ''
      const decision = agrees ? 'agree' : 'refuse'
      return (await browser.post(consent, { person, decision })).location
    },
    close: async () => {
      await simulator.close()
      await strategy.drain()
    },
  }
}

/** What the app and the user do in a test. */
export interface Scene {
  /** Options of `authenticate()`, for the start and for the callback. */
  options?: Record<string, unknown>
  /** Several strategies instead of one; `it` is the tested one. */
  strategies?: string[]
  /** Uses `authorize()` instead of `authenticate()`. */
  authorize?: boolean
  /** The callback route has a custom callback that shows its arguments. */
  custom?: boolean
  given?: Given
  agrees?: boolean
  /** The id of a user who is already logged in. */
  already?: string
  /** `req.session.returnTo`, set before the login. */
  returnTo?: string
  /** The callback is opened in another browser. */
  foreign?: boolean
}

/** What can be seen from outside. */
export interface Seen {
  status: number
  location: string
  body: unknown
  /** The session's values of the app and of Passport, without those of the strategies. */
  session: unknown
}

export async function play(openSide: OpenSide, scene: Scene): Promise<Seen> {
  const app = express()
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const side = await openSide(`${url}/callback`, scene.given ?? [null, { id: 'wang' }])
  addRoutes(app, side, scene)
  try {
    const browser = new Browser()
    await browser.get(`${url}/before`)
    const { location } = await browser.get(`${url}/start`)
    const back = await side.decide(browser, location, scene.agrees ?? true)
    const returning = scene.foreign ? new Browser() : browser
    const page = await returning.get(back)
    const session = (await returning.get(`${url}/session`)).json()
    const body = page.text.startsWith('{') ? page.json() : page.text
    return { status: page.status, location: page.location.replace(url, ''), body, session }
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await side.close()
  }
}

function addRoutes(app: express.Express, side: Side, scene: Scene): void {
  const authenticator = new passport.Passport()
  authenticator.use('it', side.strategy)
  authenticator.use(new LocalStrategy((_name, _password, done) => done(null, false)))
  authenticator.serializeUser(side.serializer as never)
  authenticator.deserializeUser((id: string, done) => done(null, { id }))
  app.use(session({ secret: 'of the tests', resave: false, saveUninitialized: false }))
  app.use(authenticator.session(), side.middleware, flash)
  const { strategies = 'it', options = {} } = scene
  const run = scene.authorize ? 'authorize' : 'authenticate'
  app.get('/start', authenticator[run](strategies, options))
  app.get('/callback', scene.custom ? custom(authenticator, scene) : pass, (req, res, next) => {
    authenticator[run](strategies, options)(req, res, next)
  })
  app.get('/callback', (req, res) => {
    const { user, authInfo, account } = req as typeof req & { account?: unknown }
    res.json({ user, authInfo, account })
  })
  app.get('/before', (req, res, next) => {
    Object.assign(req.session, { cart: 'tea', returnTo: scene.returnTo })
    const done = (error?: unknown) => (error ? next(error) : res.json({}))
    if (scene.already === undefined) done()
    else req.logIn({ id: scene.already } as never, { session: true, keepSessionInfo: true }, done)
  })
  app.get('/session', (req, res) => {
    const own = (key: string) => key === 'cookie' || /^(oauth2|oneaccess):/.test(key)
    res.json(Object.fromEntries(Object.entries(req.session).filter(([key]) => !own(key))))
  })
  app.use(((error, _req, res, _next) => {
    res.status(error.status ?? 500).json({ name: error.name, message: error.message })
  }) as ErrorRequestHandler)
}

const pass: RequestHandler = (_req, _res, next) => next()

function custom(authenticator: passport.Authenticator, scene: Scene): RequestHandler {
  return (req, res, next) => {
    const { strategies = 'it', options = {} } = scene
    const show = (...[error, user, info, status]: unknown[]) =>
      res.json({ error: error ? String(error) : null, user, info, status })
    authenticator.authenticate(strategies, options, show as never)(req, res, next)
  }
}

/** Stores messages as connect-flash does. */
const flash: RequestHandler = (req, _res, next) => {
  const session = req.session as { flash?: Record<string, string[]> }
  Object.assign(req, {
    flash: (type: string, message: string) => {
      const all = session.flash ?? {}
      // `req.session`, as a login has replaced the session
      Object.assign(req.session, { flash: { ...all, [type]: [...(all[type] ?? []), message] } })
    },
  })
  next()
}
