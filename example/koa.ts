// The same as minimal.ts, in Koa: Passport and the session run on Node's own request, `ctx.req`.
import type { RequestHandler } from 'express'
import session from 'express-session'
import Koa, { type Middleware } from 'koa'
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

/**
 * Wraps Express middleware for Koa. It copies what Koa knows about the request to Node's request,
 * so that `app.proxy` applies to both.
 */
function connect(middleware: RequestHandler): Middleware {
  return (ctx, next) =>
    new Promise((resolve, reject) => {
      const { req, res, ip, secure, originalUrl } = ctx
      Object.assign(req, { res, ip, secure, originalUrl })
      res.once('close', resolve) // the middleware answered the request itself and does not call next
      const go = (error?: unknown) => (error ? reject(error) : resolve(next()))
      middleware(req as never, res as never, go)
    })
}

const app = new Koa()
const secret = env.SESSION_SECRET ?? ''
app.use(connect(session({ secret, resave: false, saveUninitialized: false })))
app.use(connect(passport.session()))
app.use(connect(oneaccess.backgroundRefresh()))

const login = connect(passport.authenticate('oneaccess-alipay'))
const logout = connect(oneaccess.logout())
app.use((ctx, next) => {
  const home = async () => ctx.redirect('/')
  switch (`${ctx.method} ${ctx.path}`) {
    case 'GET /auth/alipay':
      return login(ctx, next)
    case 'GET /auth/alipay/callback':
      return login(ctx, home) // `successRedirect` needs Express's own response
    case 'POST /logout':
      return logout(ctx, home)
    case 'GET /':
      ctx.body = (ctx.req as { user?: unknown }).user ?? JSON.stringify('nobody')
      return undefined
    default:
      return next()
  }
})
app.listen(Number(env.PORT ?? 3000), () => console.log('listening'))
