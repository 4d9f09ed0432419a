// A child process with the app: Express, with sessions and tokens in Redis. Its only argument is its
// configuration. It sends its parent its port and every event of the package.
import { subscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { RedisStore } from 'connect-redis'
import express, { type ErrorRequestHandler } from 'express'
import session from 'express-session'
import passport from 'passport'
import { createClient } from 'redis'
import { OneAccessAlipayStrategy, type StrategyOptions } from '../../../lib/index.js'
import { RedisTokenStore } from '../../../lib/redis.js'

/** The configuration, from the parent. */
export interface AppConfig {
  redis: string
  /** The option tokenStore.secret. */
  secret: string
  strategy: Omit<StrategyOptions, 'passReqToCallback'>
}

/** A message to the parent. */
export type AppMessage =
  | { kind: 'listening'; port: number }
  | { kind: 'event'; channel: 'refresh' | 'end'; event: Record<string, unknown> }

const config = JSON.parse(process.argv[2] ?? '') as AppConfig

const send = (message: AppMessage) => process.connected && process.send?.(message)
for (const channel of ['refresh', 'end'] as const) {
  subscribe(`passport-oneaccess-alipay:${channel}`, (event) =>
    send({ kind: 'event', channel, event: event as Record<string, unknown> }),
  )
}

const redis = createClient({
  url: config.redis,
  socket: { reconnectStrategy: (tries) => Math.min(25 * 2 ** tries, 400) },
})
redis.on('error', () => {}) // the requests that fail because of it report it
await redis.connect()

const oneaccess = new OneAccessAlipayStrategy<{ id: string }>(
  {
    ...config.strategy,
    tokenStore: { store: new RedisTokenStore(redis), secret: config.secret },
  },
  async (_tokens, profile) => ({ id: profile.id }),
)
passport.use(oneaccess)
passport.serializeUser(oneaccess.serializeUser((user) => user.id))
passport.deserializeUser((id: string, done) => done(null, { id }))

const app = express()
const store = new RedisStore({ client: redis, disableTouch: true })
app.use(session({ store, secret: 'chaos', resave: false, saveUninitialized: false }))
app.use(passport.session())
app.use((_req, res, next) => {
  res.locals.began = performance.now()
  next()
})
app.use(oneaccess.backgroundRefresh())
app.get('/login', passport.authenticate('oneaccess-alipay'))
app.get('/callback', passport.authenticate('oneaccess-alipay', { successRedirect: '/me' }))
app.get('/me', (req, res) => {
  res.status(req.user ? 200 : 401).json({ user: req.user })
})
app.get('/token', async (req, res) => {
  const wasGood = (req.oneaccess.expiresAt ?? 0) - Date.now() > 5_000
  const asked = performance.now()
  await req.oneaccess.idToken()
  const [read, waited] = [asked - res.locals.began, performance.now() - asked]
  res.json({ wasGood, read, waited })
})
app.post('/refresh', async (req, res) => {
  await req.oneaccess.refresh()
  res.json({})
})
app.use(((error, _req, res, _next) => {
  const { status = 500, headers = {}, code, message } = error
  res.status(status).set(headers).json({ code, message })
}) satisfies ErrorRequestHandler)

// longer than a run: a connection closed by keep-alive would count as a failure
const server = createServer({ keepAliveTimeout: 600_000 }, app)
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 })
await once(server, 'listening')
send({ kind: 'listening', port: (server.address() as AddressInfo).port })

process.once('SIGTERM', async () => {
  server.close()
  const idle = setInterval(() => server.closeIdleConnections(), 50)
  await once(server, 'close')
  clearInterval(idle)
  await oneaccess.drain()
  process.exit(0)
})
process.once('disconnect', () => process.exit(1))
