import { VISIT } from './host-apps.js'

/** A Midway app on Express, with Passport itself instead of @midwayjs/passport. */
export const MIDWAY_APP = `import { App, Catch, Configuration, Controller, Get, Inject, Post } from '@midwayjs/core'
import { Bootstrap } from '@midwayjs/bootstrap'
import * as express from '@midwayjs/express'
import type { NextFunction, Request, Response } from 'express'
import session from 'express-session'
import passport from 'passport'
import { OneAccessAlipayStrategy, OneAccessError } from 'passport-oneaccess-alipay'
import { startSimulator } from 'passport-oneaccess-alipay/simulator'

const PORT = Number(process.env.PORT)
const SHOP = 'http://127.0.0.1:' + PORT
let oneaccess: OneAccessAlipayStrategy<{ id: string }>

const login: any = passport.authenticate('oneaccess-alipay')
const logout: any = (req: Request, res: Response, next: NextFunction) =>
  oneaccess.logout()(req, res, next)

@Catch(OneAccessError)
export class OneAccessErrors {
  async catch(error: OneAccessError, _req: Request, res: Response) {
    res.status(error.status).set(error.headers ?? {})
    return { message: error.publicMessage }
  }
}

@Controller('/')
export class ShopController {
  @Inject() req: Request
  @Inject() res: Response

  @Get('/auth/alipay', { middleware: [login] })
  async begin() {}

  @Get('/auth/alipay/callback', { middleware: [login] })
  async finish() {
    this.res.redirect('/me')
  }

  @Post('/logout', { middleware: [logout] })
  async out() {
    this.res.status(204)
  }

  @Get('/me')
  async me() {
    const user = this.req.user as { id: string } | undefined
    if (!user) return void this.res.status(401).end()
    return { user: user.id, parts: (await this.req.oneaccess.idToken()).split('.').length }
  }
}

const settings = {
  keys: 'of the midway app',
  session: { enable: false }, // Midway's own, which is cookie-session
  express: { port: PORT, hostname: '127.0.0.1' },
  midwayLogger: { default: { transports: { file: false, error: false, console: false } } },
}

/** Midway's types accept only its own middleware, although Express middleware works. */
interface HostApp {
  useMiddleware(middleware: unknown): void
  useFilter(filter: unknown): void
}

@Configuration({ imports: [express], importConfigs: [{ default: settings }] })
export class MainConfiguration {
  @App('express') app: HostApp

  async onReady() {
    const secret = 'of the midway app'
    this.app.useMiddleware(session({ secret, resave: false, saveUninitialized: false }))
    this.app.useMiddleware(passport.session())
    this.app.useMiddleware(oneaccess.backgroundRefresh())
    this.app.useFilter(OneAccessErrors)
  }
}

async function main() {
  const simulator = await startSimulator()
  const { domain, clientID, clientSecret, alipayAppID, authorizationURL } = simulator
  const tenant = { domain, clientID, clientSecret, alipayAppID, authorizationURL }
  oneaccess = new OneAccessAlipayStrategy<{ id: string }>(
    { ...tenant, callbackURL: SHOP + '/auth/alipay/callback' },
    async (_tokens, profile) => ({ id: profile.id }),
  )
  passport.use(oneaccess)
  passport.serializeUser(oneaccess.serializeUser((user) => user.id))
  passport.deserializeUser((id: string, done) => done(null, { id }))
  const imports = [{ MainConfiguration, ShopController, OneAccessErrors }]
  Bootstrap.configure({ imports, baseDir: __dirname })
  await Bootstrap.run()
  ${VISIT}
  await visit()
  process.exit(0)
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
`
