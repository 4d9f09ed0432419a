import { subscribe } from 'node:diagnostics_channel'
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { OneAccessAlipayStrategy } from 'passport-oneaccess-alipay'

const users = new Map() // your database

const oneaccess = new OneAccessAlipayStrategy(
  {
    domain: process.env.ONEACCESS_DOMAIN,
    clientID: process.env.ONEACCESS_CLIENT_ID,
    clientSecret: process.env.ONEACCESS_CLIENT_SECRET,
    alipayAppID: process.env.ALIPAY_APP_ID,
    callbackURL: process.env.CALLBACK_URL,
    authorizationURL: process.env.ALIPAY_AUTHORIZATION_URL, // not set in production
    loginPath: '/login', // for requireLogin()
  },
  async (_tokens, profile) => {
    const user = { id: profile.id, name: profile.displayName }
    users.set(user.id, user)
    return user
  },
)

subscribe('passport-oneaccess-alipay:login', (event) => console.log(event)) // also says why a login failed

passport.use(oneaccess)
passport.serializeUser(oneaccess.serializeUser((user) => user.id))
passport.deserializeUser((id, done) => done(null, users.get(id) ?? false))

const app = express()
app.use(
  session({
    secret: process.env.SESSION_SECRET ?? '',
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto' }, // in production secure: true, and name: '__Host-…'
  }),
)
app.use(passport.session())
app.use(oneaccess.backgroundRefresh())

app.get('/auth/alipay', passport.authenticate('oneaccess-alipay'))
app.get(
  '/auth/alipay/callback',
  passport.authenticate('oneaccess-alipay', {
    successReturnToOrRedirect: '/', // back to the page that requireLogin() guards
    failureRedirect: '/login',
  }),
)
app.get('/', (req, res) => {
  res.json(req.user ?? 'nobody')
})
app.get('/login', (_req, res) => {
  res.send('<a href="/auth/alipay">Log in with Alipay</a>')
})
app.get('/orders', oneaccess.requireLogin(), async (req, res) => {
  res.json({ token: (await req.oneaccess.idToken()).length })
})
app.post(
  '/logout',
  (req, res, next) => {
    // a form on another site, or on another of your hosts, must not log anyone out
    const from = req.get('sec-fetch-site') ?? req.get('origin') ?? 'none'
    const own = new URL(process.env.CALLBACK_URL ?? '').origin
    if (['same-origin', 'none', own].includes(from)) next()
    else res.sendStatus(403)
  },
  oneaccess.logout(),
  (_req, res) => {
    res.redirect('/')
  },
)
app.listen(3000)
