import { RedisStore } from 'connect-redis'
import session from 'express-session'
import { OneAccessAlipayStrategy } from 'passport-oneaccess-alipay'
import { RedisTokenStore } from 'passport-oneaccess-alipay/redis'
import { createClient } from 'redis'

const client = createClient({
  url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379',
  disableOfflineQueue: true, // while Redis is down, requests fail at once instead of waiting for it
  pingInterval: 1_000, // with socketTimeout: if packets are lost, calls fail after 3 seconds
  socket: { connectTimeout: 3_000, socketTimeout: 3_000 },
})
client.on('error', (error) => console.error(error)) // without it, a lost connection ends the process
await client.connect()

export const sessions = session({
  store: new RedisStore({ client }),
  secret: process.env.SESSION_SECRET ?? '',
  resave: false,
  saveUninitialized: false,
})

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
