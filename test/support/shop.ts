import type { AddressInfo } from 'node:net'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import session from 'express-session'
import passport from 'passport'
import {
  type AuthenticateOptions,
  OneAccessAlipayStrategy,
  type OneAccessError,
  type StrategyOptions,
} from '../../lib/index.js'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/index.js'
import { Browser, type Page } from './browser.js'

/** What a test changes about the shop. */
export interface ShopOptions {
  simulator?: SimulatorOptions
  strategy?: Partial<StrategyOptions> | ((simulator: Simulator) => Partial<StrategyOptions>)
  /** Of any type, for tests of a wrong verify. */
  verify?: (...args: never[]) => unknown
  authenticate?: AuthenticateOptions & Record<string, unknown>
  /** The login route also responds to a failure with JSON. */
  jsonLogin?: boolean
  /** Replaces express-session. */
  session?: RequestHandler | false
  store?: session.Store
  /** The host name of the callback URL, which must resolve to this machine. Default 127.0.0.1. */
  host?: string
  /** Runs before everything else. */
  first?: RequestHandler
  /** Runs after `backgroundRefresh()`, before the routes. */
  behind?: RequestHandler
  /** Adds routes. */
  routes?: (app: express.Express, authenticator: passport.Authenticator) => void
  /** The path at which `backgroundRefresh()` is mounted. Default `/`. */
  refreshAt?: string
  /** The app's serializer. Default the user's id. */
  keep?: (user: { id: string }) => unknown
  /** Receives each error that reaches Express. */
  onError?: (error: unknown) => void
}

/** A small Express app with the strategy and its own simulator. Every outcome is JSON. */
export interface Shop {
  url: string
  simulator: Simulator
  strategy: OneAccessAlipayStrategy<{ id: string }>
  /** Every outcome so far, `next(error)` included: each request must have exactly one. */
  outcomes: string[]
  close(): Promise<void>
}

/** The response of the callback route. */
export interface Outcome {
  verb: 'success' | 'fail' | 'error'
  user?: { id: string }
  info?: { code: string; message: string; [more: string]: unknown }
  status?: number
  error?: { name: string; code: string; status: number; hint: string; message: string }
}

export async function openShop(options: ShopOptions = {}): Promise<Shop> {
  const simulator = await startSimulator(options.simulator)
  const app = express()
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const verify =
    options.verify ?? (async (_tokens: object, profile: { id: string }) => ({ id: profile.id }))
  const changed =
    typeof options.strategy === 'function' ? options.strategy(simulator) : options.strategy
  const strategy = new OneAccessAlipayStrategy<{ id: string }>(
    {
      domain: simulator.domain,
      clientID: simulator.clientID,
      clientSecret: simulator.clientSecret,
      alipayAppID: simulator.alipayAppID,
      authorizationURL: simulator.authorizationURL,
      callbackURL: `http://${options.host ?? '127.0.0.1'}:${port}/callback`,
      ...(changed as object),
    },
    verify as never,
  )
  const outcomes: string[] = []
  addRoutes(app, strategy, options, outcomes)
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await simulator.close()
    await strategy.drain()
  }
  return { url, simulator, strategy, outcomes, close }
}

function addRoutes(
  app: express.Express,
  strategy: OneAccessAlipayStrategy<{ id: string }>,
  options: ShopOptions,
  outcomes: string[],
): void {
  const authenticator = new passport.Passport()
  authenticator.use(strategy)
  authenticator.serializeUser(strategy.serializeUser(options.keep ?? ((user) => user.id)))
  authenticator.deserializeUser((kept: string | object, done) => {
    done(null, typeof kept === 'string' ? { id: kept } : kept)
  })
  if (options.first) app.use(options.first)
  if (options.session !== false) app.use(options.session ?? sessionOf(options.store))
  if (options.session === undefined) app.use(authenticator.session())
  app.use(options.refreshAt ?? '/', strategy.backgroundRefresh())
  if (options.behind) app.use(options.behind)
  const authenticate = (more: object) => authenticator.authenticate('oneaccess-alipay', more)
  app.get(
    '/login',
    options.jsonLogin
      ? reporting(authenticator, outcomes, { ...options.authenticate })
      : authenticate({ ...options.authenticate }),
  )
  app.get('/link', authenticator.authorize('oneaccess-alipay'))
  app.get('/callback', reporting(authenticator, outcomes, { ...options.authenticate }))
  app.post(
    '/app',
    express.json(),
    express.urlencoded(),
    reporting(authenticator, outcomes, { flow: 'app', ...options.authenticate }),
  )
  app.get('/plain', authenticate({ ...options.authenticate }), (req, res) => {
    res.json({ user: req.user, info: req.authInfo })
  })
  options.routes?.(app, authenticator)
  addChallengeRoutes(app, strategy)
  app.post(
    '/challenge',
    express.urlencoded(),
    express.json(),
    reporting(authenticator, outcomes, { flow: 'challenge' }),
  )
  app.get('/me', (req, res) => {
    const { expiresAt, sessionExpiresAt } = req.oneaccess
    res.status(req.user ? 200 : 401).json({ user: req.user, expiresAt, sessionExpiresAt })
  })
  app.get('/token', async (req, res) => {
    res.json({ idToken: await req.oneaccess.idToken() })
  })
  app.get('/claims', async (req, res) => {
    res.json(await req.oneaccess.claims())
  })
  app.post('/refresh', async (req, res) => {
    await req.oneaccess.refresh()
    res.json({})
  })
  app.post('/logout', strategy.logout(), (_req, res) => {
    res.json({})
  })
  app.use(onError(outcomes, options.onError))
}

function addChallengeRoutes(
  app: express.Express,
  strategy: OneAccessAlipayStrategy<{ id: string }>,
): void {
  const open = async (req: express.Request) => {
    const challenge = await strategy.challenge(req)
    if (challenge === undefined) throw new Error('no challenge is open')
    return challenge
  }
  app.get('/challenge', async (req, res) => {
    res.json((await strategy.challenge(req)) ?? null)
  })
  app.get('/challenge/captcha', async (req, res) => {
    res.json(await (await open(req)).captcha())
  })
  app.post('/challenge/solve', express.json(), async (req, res) => {
    res.json(await (await open(req)).solveCaptcha(req.body))
  })
  app.post('/challenge/send', express.json(), async (req, res) => {
    await (await open(req)).sendCode(req.body)
    res.json({})
  })
}

function sessionOf(store: session.Store | undefined): RequestHandler {
  const secret = 'a secret of the tests'
  return session({ secret, resave: false, saveUninitialized: false, ...(store ? { store } : {}) })
}

/** Passport with a custom callback, which responds with the verb and its arguments as JSON. */
function reporting(
  authenticator: passport.Authenticator,
  outcomes: string[],
  options: object,
): RequestHandler {
  return (req, res, next) => {
    authenticator.authenticate(
      'oneaccess-alipay',
      options,
      (error: unknown, user?: Express.User | false | null, info?: unknown, status?: unknown) => {
        if (error) {
          next(error)
          return
        }
        outcomes.push(user ? 'success' : 'fail')
        if (!user) {
          res.json({ verb: 'fail', info, status })
          return
        }
        if (req.session === undefined) {
          res.json({ verb: 'success', user, info })
          return
        }
        req.logIn(user, { session: true, ...options }, (failure) => {
          if (failure) next(failure)
          else res.json({ verb: 'success', user, info })
        })
      },
    )(req, res, next)
  }
}

function onError(outcomes: string[], report?: (error: unknown) => void): ErrorRequestHandler {
  return (error: OneAccessError, _req, res, _next) => {
    outcomes.push('error')
    report?.(error)
    const { name, code, status, hint, message, headers, publicMessage } = error
    res.status(status ?? 500).set(headers ?? {})
    res.json({ verb: 'error', error: { name, code, status, hint, message }, code, publicMessage })
  }
}

/** Starts a login and decides at Alipay; resolves to the callback URL, which is not opened. */
export async function goToAlipay(
  shop: Shop,
  browser: Browser,
  person = shop.simulator.people[0],
  decision: 'agree' | 'refuse' = 'agree',
): Promise<string> {
  const begun = await browser.get(`${shop.url}/login`)
  if (begun.status !== 302) throw new Error(`${begun.status}: ${begun.text}`)
  const back = await browser.post(begun.location, { person: person?.id ?? '', decision })
  if (back.status !== 302) throw new Error(`${back.status}: ${back.text}`)
  return back.location
}

export function outcomeOf(page: Page): Outcome {
  return page.json() as Outcome
}

/** Logs in; resolves also if the login fails. */
export async function logIn(
  shop: Shop,
  browser = new Browser(),
  person = shop.simulator.people[0],
): Promise<{ browser: Browser; outcome: Outcome }> {
  const callback = await goToAlipay(shop, browser, person)
  return { browser, outcome: outcomeOf(await browser.get(callback)) }
}
