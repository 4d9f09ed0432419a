import { RedisStore } from 'connect-redis'
import type { RequestHandler } from 'express'
import session from 'express-session'
import { OneAccessAlipayStrategy } from 'passport-oneaccess-alipay'
import { RedisTokenStore } from 'passport-oneaccess-alipay/redis'
import { createClient } from 'redis'

if (!process.env.SESSION_SECRET) throw new Error('SESSION_SECRET is not set')
export const client = createClient({
  url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379',
  disableOfflineQueue: true, // while Redis is down, requests fail at once instead of waiting for it
  pingInterval: 1_000, // with socketTimeout: if packets are lost, calls fail after 3 seconds
  socket: {
    connectTimeout: 3_000,
    socketTimeout: 3_000,
    // without it, the client closes for good once Redis has been silent for 3 seconds
    reconnectStrategy: (retries) => Math.min(retries * 50, 2_000),
  },
})
client.on('error', (error) => console.error(error)) // without it, a lost connection ends the process
await client.connect()

const withSession = session({
  store: new RedisStore({ client }),
  secret: process.env.SESSION_SECRET ?? '',
  resave: false,
  saveUninitialized: false,
})

/** In place of `session()`: while Redis is down, Express answers 503, and not 500. */
export const sessions: RequestHandler = (req, res, next) => {
  const answer = { status: 503, headers: { 'Retry-After': '2' } }
  withSession(req, res, (error) => next(error && Object.assign(error, answer)))
}

export const oneaccess = new OneAccessAlipayStrategy(
  {
    domain: 'acme.huaweioneaccess.com',
    clientID: process.env.ONEACCESS_CLIENT_ID,
    clientSecret: process.env.ONEACCESS_CLIENT_SECRET,
    alipayAppID: process.env.ALIPAY_APP_ID,
    callbackURL: 'https://shop.example.com/auth/alipay/callback',
    tokenStore: { store: new RedisTokenStore(client), secret: process.env.TOKEN_SECRET ?? '' },
  },
  async (_tokens, profile) => ({ id: profile.id }),
)

process.once('SIGTERM', async () => {
  await oneaccess.drain() // after your server has stopped listening: docs/production.md, section 7
  process.exit()
})
