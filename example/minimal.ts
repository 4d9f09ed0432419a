// Log in and see who you are. The command `simulate` prints the settings that it needs.
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { OneAccessAlipayStrategy } from 'passport-oneaccess-alipay'

const { env } = process
const oneaccess = new OneAccessAlipayStrategy(
  {
    domain: env.ONEACCESS_DOMAIN,
    clientID: env.ONEACCESS_CLIENT_ID,
    clientSecret: env.ONEACCESS_CLIENT_SECRET,
    alipayAppID: env.ALIPAY_APP_ID,
    callbackURL: env.CALLBACK_URL,
    authorizationURL: env.ALIPAY_AUTHORIZATION_URL, // not set in production
  },
  async (_tokens, { id, displayName }) => ({ id, name: displayName }),
)
passport.use(oneaccess)
passport.serializeUser(oneaccess.serializeUser((user) => user))
passport.deserializeUser((user: Express.User, done) => done(null, user))

const app = express()
app.use(session({ secret: env.SESSION_SECRET ?? '', resave: false, saveUninitialized: false }))
app.use(passport.session(), oneaccess.backgroundRefresh())
const login = passport.authenticate('oneaccess-alipay', { successRedirect: '/' })
app.get(['/auth/alipay', '/auth/alipay/callback'], login)
app.get('/', (req, res) => void res.json(req.user ?? 'nobody'))
app.listen(Number(env.PORT ?? 3000), () => console.log('listening'))
