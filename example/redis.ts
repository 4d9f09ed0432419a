// One of several processes: sessions and tokens are in Redis, so a deploy logs nobody out.
// Start it twice, with different PORTs, the same secrets, and a load balancer in front.
import { setTimeout as sleep } from 'node:timers/promises'
import { RedisStore } from 'connect-redis'
import express, { type RequestHandler } from 'express'
import session from 'express-session'
import passport from 'passport'
import { OneAccessAlipayStrategy } from 'passport-oneaccess-alipay'
import { RedisTokenStore } from 'passport-oneaccess-alipay/redis'
import { createClient } from 'redis'

const { env } = process
if (!env.SESSION_SECRET) throw new Error('SESSION_SECRET is not set')
const client = createClient({
  url: env.REDIS_URL ?? 'redis://127.0.0.1:6379',
  disableOfflineQueue: true, // while Redis is down, requests fail at once instead of waiting for it
  pingInterval: 1_000, // with socketTimeout: if packets are lost, calls fail after 3 seconds
  socket: {
    connectTimeout: 3_000,
    socketTimeout: 3_000,
    // without it, the client closes for good once Redis has been silent for 3 seconds
    reconnectStrategy: (retries) => Math.min(retries * 50, 2_000),
  },
})
client.on('error', (error: Error) => console.error(`redis: ${error.message}`))
await client.connect()

const oneaccess = new OneAccessAlipayStrategy(
  {
    domain: env.ONEACCESS_DOMAIN,
    clientID: env.ONEACCESS_CLIENT_ID,
    clientSecret: env.ONEACCESS_CLIENT_SECRET,
    alipayAppID: env.ALIPAY_APP_ID,
    callbackURL: env.CALLBACK_URL,
    authorizationURL: env.ALIPAY_AUTHORIZATION_URL,
    tokenStore: { store: new RedisTokenStore(client), secret: env.TOKEN_SECRET ?? '' },
  },
  async (_tokens, { id, displayName }) => ({ id, name: displayName }),
)
passport.use(oneaccess)
passport.serializeUser(oneaccess.serializeUser((user) => user))
passport.deserializeUser((user: Express.User, done) => done(null, user))

const withSession = session({
  store: new RedisStore({ client }),
  secret: env.SESSION_SECRET ?? '',
  resave: false,
  saveUninitialized: false,
  cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto' }, // in production secure: true
})

/** While Redis is down, Express answers 503, and not 500. */
const sessions: RequestHandler = (req, res, next) => {
  const answer = { status: 503, headers: { 'Retry-After': '2' } }
  withSession(req, res, (error) => next(error && Object.assign(error, answer)))
}

let ending = false
const app = express()
app.get('/readyz', (_req, res) => {
  res.sendStatus(ending || !client.isReady ? 503 : 200)
})
app.use(sessions, passport.session(), oneaccess.backgroundRefresh())
const login = passport.authenticate('oneaccess-alipay', { successRedirect: '/' })
app.get(['/auth/alipay', '/auth/alipay/callback'], login)
app.get('/', (req, res) => {
  res.json({ user: req.user ?? null, process: process.pid })
})
app.get('/orders', async (req, res) => {
  res.json({ token: (await req.oneaccess.idToken()).length })
})
const server = app.listen(Number(env.PORT ?? 3000), () => console.log('listening'))

/** How long the proxy needs to notice `/readyz`, in milliseconds. */
const NOTICE = Number(env.NOTICE ?? 5_000)

process.once('SIGTERM', async () => {
  ending = true
  // closing an idle connection now could lose a request that is already on its way
  server.prependListener('request', (_req, res) => void res.setHeader('Connection', 'close'))
  await sleep(NOTICE)
  const hurry = setTimeout(() => server.closeAllConnections(), 10_000)
  await new Promise((resolve) => server.close(resolve))
  clearTimeout(hurry)
  const { unsaved } = await oneaccess.drain() // 20 seconds at most; saves go through Redis
  if (unsaved > 0) console.error(`${unsaved} refreshes could not be saved`)
  await client.close()
})
