import type { AddressInfo } from 'node:net'
import express, { type ErrorRequestHandler } from 'express'
import session from 'express-session'
import passport from 'passport'
import {
  MemoryTokenStore,
  OneAccessAlipayStrategy,
  type StrategyOptions,
} from '../../../lib/index.js'

export interface App {
  url: string
  /** Removes expired sessions; the memory store does so only when it reads them. */
  sweep(): Promise<void>
  close(): Promise<void>
}

/** The options of the tenant. */
export type Tenant = Pick<
  StrategyOptions,
  'domain' | 'clientID' | 'clientSecret' | 'alipayAppID' | 'authorizationURL'
>

/** The app of the README's quick start. */
export async function startApp(options: Tenant): Promise<App> {
  const app = express()
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const callbackURL = `${url}/callback`
  const strategy = new OneAccessAlipayStrategy<{ id: string }>(
    { ...options, callbackURL, tokenStore: new MemoryTokenStore() },
    async (_tokens, profile) => ({ id: profile.id }),
  )
  const store = new session.MemoryStore()
  const authenticator = new passport.Passport()
  authenticator.use(strategy)
  authenticator.serializeUser(strategy.serializeUser((user) => user.id))
  authenticator.deserializeUser((id: string, done) => done(null, { id }))
  const cookie = { maxAge: 1_800_000 }
  app.use(session({ secret: 'soak', resave: false, saveUninitialized: false, store, cookie }))
  app.use(authenticator.session(), strategy.backgroundRefresh())
  app.get('/login', authenticator.authenticate('oneaccess-alipay'))
  app.get('/callback', authenticator.authenticate('oneaccess-alipay'), (_req, res) => {
    res.json({})
  })
  app.get('/token', async (req, res) => {
    res.json({ idToken: await req.oneaccess.idToken() })
  })
  app.post('/logout', strategy.logout(), (_req, res) => {
    res.json({})
  })
  const failed: ErrorRequestHandler = (error, _req, res, _next) => {
    res.status(error.status ?? 500).end()
  }
  app.use(failed)
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await strategy.drain()
  }
  const sweep = () => new Promise<void>((resolve) => store.all(() => resolve()))
  return { url, sweep, close }
}
