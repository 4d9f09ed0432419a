/** A NestJS app by its `PassportStrategy` mixin: a login, a token, a logout, each answer printed. */
export const NEST_APP = `import 'reflect-metadata'
import {
  Catch,
  Controller,
  Get,
  Injectable,
  Module,
  Post,
  Req,
  Res,
  UnauthorizedException,
  UseGuards,
  type ArgumentsHost,
  type ExceptionFilter,
  type ExecutionContext,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { AuthGuard, PassportStrategy } from '@nestjs/passport'
import type { Request, Response } from 'express'
import session from 'express-session'
import passport from 'passport'
import { OneAccessAlipayStrategy, OneAccessError, type Profile, type Tokens } from 'passport-oneaccess-alipay'
import { type Simulator, startSimulator } from 'passport-oneaccess-alipay/simulator'

const PORT = Number(process.env.PORT)
const SHOP = 'http://127.0.0.1:' + PORT
let simulator: Simulator

interface Customer {
  id: string
}

@Injectable()
class AlipayStrategy extends PassportStrategy(OneAccessAlipayStrategy<Customer>) {
  constructor() {
    super({
      domain: simulator.domain,
      clientID: simulator.clientID,
      clientSecret: simulator.clientSecret,
      alipayAppID: simulator.alipayAppID,
      authorizationURL: simulator.authorizationURL,
      callbackURL: SHOP + '/auth/alipay/callback',
    })
  }

  async validate(_tokens: Tokens, profile: Profile): Promise<Customer> {
    return { id: profile.id }
  }
}

@Injectable()
class AlipayGuard extends AuthGuard('oneaccess-alipay') {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context)
    await super.logIn(context.switchToHttp().getRequest())
    return true
  }
}

@Catch(OneAccessError)
class OneAccessErrors implements ExceptionFilter {
  catch(error: OneAccessError, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>()
    response.status(error.status).set(error.headers ?? {}).json({ message: error.publicMessage })
  }
}

@Controller()
class ShopController {
  @Get('auth/alipay')
  @UseGuards(AlipayGuard)
  begin(): void {}

  @Get('auth/alipay/callback')
  @UseGuards(AlipayGuard)
  finish(@Res() res: Response): void {
    res.redirect('/me')
  }

  @Get('me')
  async me(@Req() req: Request): Promise<object> {
    if (!req.user) throw new UnauthorizedException()
    const token = await req.oneaccess.idToken()
    return { user: (req.user as Customer).id, parts: token.split('.').length }
  }

  @Get('token')
  async token(@Req() req: Request): Promise<string> {
    return req.oneaccess.idToken()
  }
}

@Module({ controllers: [ShopController], providers: [AlipayStrategy] })
class ShopModule {}

async function main(): Promise<void> {
  simulator = await startSimulator()
  const app = await NestFactory.create(ShopModule, { logger: false })
  const oneaccess = app.get(AlipayStrategy)
  passport.serializeUser(oneaccess.serializeUser((user) => user.id))
  passport.deserializeUser((id: string, done) => done(null, { id }))
  app.use(session({ secret: 'of the nest app', resave: false, saveUninitialized: false }))
  app.use(passport.session())
  app.use(oneaccess.backgroundRefresh())
  app.use('/logout', oneaccess.logout(), (_req: Request, res: Response) => res.sendStatus(204))
  app.useGlobalFilters(new OneAccessErrors())
  await app.listen(PORT, '127.0.0.1')

  const noToken = await fetch(SHOP + '/token')
  const begun = await fetch(SHOP + '/auth/alipay', { redirect: 'manual' })
  let cookie = cookieOf(begun)
  const agreed = new URLSearchParams({ person: simulator.people[0]?.id ?? '', decision: 'agree' })
  const page = begun.headers.get('location') ?? ''
  const back = await fetch(page, { method: 'POST', body: agreed, redirect: 'manual' })
  const callback = back.headers.get('location') ?? ''
  const done = await fetch(callback, { headers: { cookie }, redirect: 'manual' })
  cookie = cookieOf(done)
  const me = await fetch(SHOP + '/me', { headers: { cookie } })
  const out = await fetch(SHOP + '/logout', { method: 'POST', headers: { cookie } })
  const after = await fetch(SHOP + '/me', { headers: { cookie } })
  const statuses = [noToken, begun, done, me, out, after].map(({ status }) => status)
  console.log(JSON.stringify({ statuses, me: await me.json() }))
  await app.close()
  await oneaccess.drain()
  await simulator.close()
}

function cookieOf(response: globalThis.Response): string {
  return response.headers.get('set-cookie')?.split(';')[0] ?? ''
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
`
