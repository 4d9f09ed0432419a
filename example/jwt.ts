// No login session: after a login the app issues its own JWT, which then authenticates its users.
import express, { type RequestHandler } from 'express'
import session from 'express-session'
import { jwtVerify, SignJWT } from 'jose'
import passport from 'passport'
import { OneAccessAlipayStrategy } from 'passport-oneaccess-alipay'

const { env } = process
const secret = new TextEncoder().encode(env.JWT_SECRET)
if (secret.length < 32) throw new Error('JWT_SECRET must have 32 characters or more')

passport.use(
  new OneAccessAlipayStrategy(
    {
      domain: env.ONEACCESS_DOMAIN,
      clientID: env.ONEACCESS_CLIENT_ID,
      clientSecret: env.ONEACCESS_CLIENT_SECRET,
      alipayAppID: env.ALIPAY_APP_ID,
      callbackURL: env.CALLBACK_URL,
      authorizationURL: env.ALIPAY_AUTHORIZATION_URL,
    },
    async (_tokens, { id, displayName }) => ({ id, name: displayName }),
  ),
)

/** Issues a token for the user who has just logged in, valid for an hour. */
const giveToken: RequestHandler = async (req, res) => {
  const { id, name } = req.user as { id: string; name?: string }
  const token = await new SignJWT({ name: name ?? id })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(id)
    .setExpirationTime('1h')
    .sign(secret)
  res.set('Cache-Control', 'no-store').json({ token })
}

/** Lets requests with a valid token through; answers 401 to all others. */
const withToken: RequestHandler = async (req, res, next) => {
  const [, token = ''] = /^Bearer (.+)$/i.exec(req.get('authorization') ?? '') ?? []
  try {
    const { payload } = await jwtVerify(token, secret, { algorithms: ['HS256'] })
    res.locals.user = { id: payload.sub, name: payload.name }
  } catch {
    res.status(401).set('WWW-Authenticate', 'Bearer').json({ error: 'token_refused' })
    return
  }
  next()
}

const app = express()
const options = { session: false } as const
// only binds the login to the browser while the user is at Alipay
const web = session({ secret: env.SESSION_SECRET ?? '', resave: false, saveUninitialized: false })
app.get('/auth/alipay', web, passport.authenticate('oneaccess-alipay', options))
app.get('/auth/alipay/callback', web, passport.authenticate('oneaccess-alipay', options), giveToken)
app.post(
  '/auth/alipay/app',
  express.json(),
  passport.authenticate('oneaccess-alipay', { ...options, flow: 'app' }),
  giveToken,
)
app.get('/me', withToken, (_req, res) => {
  res.json(res.locals.user)
})
app.listen(Number(env.PORT ?? 3000), () => console.log('listening'))
