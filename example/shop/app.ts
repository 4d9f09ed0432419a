import { join } from 'node:path'
import express, {
  type CookieOptions,
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  Router,
} from 'express'
import session from 'express-session'
import passport from 'passport'
import { OneAccessAlipayStrategy } from 'passport-oneaccess-alipay'
import { me, token, userOf } from './account.js'
import { APP_CHALLENGE, appChallenge } from './challenge/app.js'
import { challengePages } from './challenge/routes.js'
import type { Config } from './config.js'
import { rememberEnd, rememberUser } from './ended.js'
import { answerWithJSON, answerWithPage, httpError, notFound, only } from './errors.js'
import { languageOf, ownPath, rememberLanguage } from './language.js'
import { alipayLogin, appLogin } from './login.js'
import { homePage } from './pages/home.js'
import type { View } from './pages/layout.js'
import { loginPage } from './pages/login.js'
import { createReports } from './reports.js'
import { oneName, sameOriginOnly, securityHeaders } from './security.js'
import type { Stores } from './stores.js'
import type { User } from './users.js'

const ASSETS = join(import.meta.dirname, '../../../example/shop/public')
const A_WEEK = 7 * 24 * 60 * 60 * 1000

/** The shop, and what a clean shutdown needs. */
export interface Shop {
  app: Express
  /** From now on `/readyz` answers that the shop takes no new requests. */
  leave(): void
  /** Resolves when no refresh is under way, or after 20 seconds, with how many are unsaved. */
  drain(): Promise<{ unsaved: number }>
}

/**
 * The whole app. Everything up to the routes is what any app needs; the rest belongs to the shop.
 */
export function createApp(config: Config, stores: Stores): Shop {
  const { users } = stores
  const oneaccess = new OneAccessAlipayStrategy<User>(
    { ...config.oneaccess, ...tokenStoreOf(config, stores) },
    (_tokens, profile) => users.findOrCreate(profile),
  )

  const auth = new passport.Passport()
  auth.use(oneaccess)
  auth.serializeUser(oneaccess.serializeUser((user) => user.id))
  auth.deserializeUser((id: string, done) => {
    users.find(id).then((user) => done(null, user ?? false), done)
  })

  const leaving = { isSoon: false }
  const app = appWithSessions(config, stores, leaving)
  const reports = createReports()
  app.locals.reports = reports
  app.use(auth.session(), rememberUser)
  app.use(oneaccess.backgroundRefresh(), rememberEnd)

  const webLogin = alipayLogin(auth, config, viewer(config))
  app.get('/auth/alipay', rememberLanguage(cookieOf(config)), webLogin)
  app.get('/auth/alipay/callback', webLogin)
  app.post('/auth/alipay/app', express.json({ limit: '16kb' }), appLogin(auth))
  app.use(APP_CHALLENGE, appChallenge(auth, oneaccess))
  app.get('/me', me)
  app.get('/token', token)
  app.post('/logout', sameOriginOnly, oneaccess.logout(), (_req, res) => res.redirect(303, '/'))
  app.use(pages(config), challengePages(auth, oneaccess, viewer(config)), wrongMethods())
  app.use(rememberLanguage(cookieOf(config)), notFound)
  app.use(whenLost(stores))
  app.use(['/me', '/token', '/auth/alipay/app', APP_CHALLENGE], answerWithJSON)
  app.use(answerWithPage(viewer(config)))
  const leave = () => {
    leaving.isSoon = true
  }
  const drain = () => {
    reports.flush()
    return oneaccess.drain()
  }
  return { app, leave, drain }
}

/** Where the tokens are kept, and the secrets that encrypt them. */
function tokenStoreOf({ tokenSecrets: secret }: Config, { tokens: store }: Stores) {
  if (store === undefined && secret.length === 0) return {}
  return { tokenStore: { ...(store ? { store } : {}), ...(secret.length > 0 ? { secret } : {}) } }
}

/** What the login builds on: headers, static files, and cookie sessions. */
function appWithSessions(config: Config, stores: Stores, leaving: { isSoon: boolean }): Express {
  const { callbackURL } = config.oneaccess
  const app = express()
  app.disable('x-powered-by')
  // in production one proxy in front terminates TLS, and sets req.ip and req.protocol
  if (config.production) app.set('trust proxy', 1)
  app.use(securityHeaders(config.production))
  app.use('/assets', express.static(ASSETS))
  app.use(health(() => stores.isReady() && !leaving.isSoon))
  app.use(oneName(callbackURL), whenReady(stores), noStore)
  app.use(
    session({
      name: config.production ? '__Host-shop' : 'shop',
      secret: config.sessionSecrets,
      store: stores.sessions,
      resave: false,
      saveUninitialized: false,
      cookie: { ...cookieOf(config), maxAge: A_WEEK },
    }),
  )
  return app
}

function cookieOf({ production }: Config): CookieOptions & { sameSite: 'lax' } {
  return { httpOnly: true, sameSite: 'lax', secure: production }
}

function viewer({ demo }: Config): (req: Request) => View {
  return (req) => ({
    language: languageOf(req),
    address: ownPath(req.originalUrl),
    user: userOf(req),
    demo,
  })
}

function pages(config: Config): Router {
  const router = Router()
  const viewOf = viewer(config)
  router.get(['/', '/login', '/challenge'], rememberLanguage(cookieOf(config)))
  router.get('/', (req, res) => {
    const { expiresAt, sessionExpiresAt } = req.oneaccess
    const { hasEnded } = req.session
    delete req.session.hasEnded // shown once
    res.send(homePage(viewOf(req), { expiresAt, sessionExpiresAt }, hasEnded).text)
  })
  router.get('/login', (req, res) => {
    const { failed } = req.query
    if (failed === undefined && req.user) res.redirect('/')
    else res.send(loginPage(viewOf(req), failed).text)
  })
  return router
}

/** After the routes: the address exists, but not with this method. */
function wrongMethods(): Router {
  const router = Router()
  const reads = ['/', '/login', '/auth/alipay', '/auth/alipay/callback', '/me', '/token']
  router.all(reads, only('GET'))
  router.all(['/challenge', '/challenge/code'], only('GET', 'POST'))
  router.all(['/logout', '/auth/alipay/app'], only('POST'))
  return router
}

/**
 * For Kubernetes and proxies. Liveness does not check Redis: restarting a process that cannot reach
 * it would not help. Readiness says whether the process can serve requests.
 */
function health(isReady: () => boolean): Router {
  const router = Router()
  router.get('/healthz', (_req, res) => void res.type('text').send('alive\n'))
  router.get('/readyz', (_req, res) => {
    const ready = isReady()
    res
      .status(ready ? 200 : 503)
      .type('text')
      .send(ready ? 'ready\n' : 'not ready\n')
  })
  return router
}

/** Fails at once while the store is unreachable, before a request hangs on it. */
function whenReady(stores: Stores): RequestHandler {
  return (_req, _res, next) => next(stores.isReady() ? undefined : storeUnreachable())
}

/** The store became unreachable while a request was using it. */
function whenLost(stores: Stores): ErrorRequestHandler {
  return (error: Error & { status?: number }, _req, _res, next) =>
    next(stores.isReady() || error.status !== undefined ? error : storeUnreachable())
}

function storeUnreachable(): Error {
  const error = httpError(503, { 'Retry-After': '2' })
  return Object.assign(error, { message: 'the session store cannot be reached' })
}

/**
 * Every page is personal: it must not be cached, nor shown again by the back button after a logout.
 */
const noStore: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store')
  next()
}
