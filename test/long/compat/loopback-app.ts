import { VISIT } from './host-apps.js'

/** A LoopBack app with Express middleware in its sequence, and routes in a controller. */
export const LOOPBACK_APP = `import { inject, intercept } from '@loopback/core'
import { get, post, type Request, type Response, RestApplication, RestBindings, toInterceptor } from '@loopback/rest'
import session from 'express-session'
import passport from 'passport'
import { OneAccessAlipayStrategy } from 'passport-oneaccess-alipay'
import { startSimulator } from 'passport-oneaccess-alipay/simulator'

declare global {
  namespace Express {
    interface User {
      id: string
    }
  }
}

let oneaccess: OneAccessAlipayStrategy
const login = toInterceptor(passport.authenticate('oneaccess-alipay'))
const logout = toInterceptor((req, res, next) => oneaccess.logout()(req, res, next))

class Shop {
  constructor(
    @inject(RestBindings.Http.REQUEST) private req: Request,
    @inject(RestBindings.Http.RESPONSE) private res: Response,
  ) {}

  @intercept(login)
  @get('/auth/alipay')
  begin() {}

  @intercept(login)
  @get('/auth/alipay/callback')
  finish() {
    this.res.redirect('/me')
    return this.res
  }

  @intercept(logout)
  @post('/logout')
  out() {}

  @get('/me')
  async me() {
    const { user, oneaccess } = this.req
    if (!user) return this.res.sendStatus(401)
    return { user: user.id, parts: (await oneaccess.idToken()).split('.').length }
  }
}

async function main() {
  const port = Number(process.env.PORT)
  const SHOP = 'http://127.0.0.1:' + port
  const simulator = await startSimulator()
  const { domain, clientID, clientSecret, alipayAppID, authorizationURL } = simulator
  const tenant = { domain, clientID, clientSecret, alipayAppID, authorizationURL }
  oneaccess = new OneAccessAlipayStrategy(
    { ...tenant, callbackURL: SHOP + '/auth/alipay/callback' },
    async (_tokens, profile) => ({ id: profile.id }),
  )
  passport.use(oneaccess)
  passport.serializeUser(oneaccess.serializeUser((user) => user.id))
  passport.deserializeUser((id: string, done) => done(null, { id }))
  const app = new RestApplication({ rest: { port, host: '127.0.0.1' } })
  const { restServer } = app
  const kept = session({ secret: 'of the app', resave: false, saveUninitialized: false })
  restServer.expressMiddleware('middleware.session', kept)
  restServer.expressMiddleware('middleware.passport', passport.session())
  restServer.expressMiddleware('middleware.oneaccess', oneaccess.backgroundRefresh())
  app.controller(Shop)
  await app.start()
  ${VISIT.replace('({ headers }) =>', '({ headers }: globalThis.Response) =>')}
  await visit()
  process.exit(0)
}

void main()
`
