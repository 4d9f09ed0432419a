// The same as minimal.ts, in NestJS: `validate` is the verify function, a guard logs users in, a filter answers errors.
// Nest's decorators need `experimentalDecorators` in tsconfig.json.
import 'reflect-metadata'
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { AuthGuard, PassportStrategy } from '@nestjs/passport'
import type { Express, Request, Response } from 'express'
import session from 'express-session'
import passport from 'passport'
import {
  OneAccessAlipayStrategy,
  OneAccessError,
  type Profile,
  type Tokens,
} from 'passport-oneaccess-alipay'

const { env } = process

interface Customer {
  id: string
  name: string
}

@Injectable()
class AlipayStrategy extends PassportStrategy(OneAccessAlipayStrategy<Customer>) {
  constructor() {
    super({
      domain: env.ONEACCESS_DOMAIN,
      clientID: env.ONEACCESS_CLIENT_ID,
      clientSecret: env.ONEACCESS_CLIENT_SECRET,
      alipayAppID: env.ALIPAY_APP_ID,
      callbackURL: env.CALLBACK_URL,
      authorizationURL: env.ALIPAY_AUTHORIZATION_URL, // not set in production
    })
  }

  async validate(_tokens: Tokens, { id, displayName }: Profile): Promise<Customer> {
    return { id, name: displayName ?? id }
  }
}

/**
 * Sends the user to Alipay, and logs them in on their return. A failed login is Nest's
 * `UnauthorizedException`.
 */
@Injectable()
class AlipayGuard extends AuthGuard('oneaccess-alipay') {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context)
    await super.logIn(context.switchToHttp().getRequest())
    return true
  }
}

/** Without this filter Nest answers 500 to every error that is not an `HttpException`. */
@Catch(OneAccessError)
class OneAccessErrors implements ExceptionFilter<OneAccessError> {
  catch({ status, headers, code, publicMessage }: OneAccessError, host: ArgumentsHost): void {
    const res = host.switchToHttp().getResponse<Response>()
    res
      .status(status)
      .set(headers ?? {})
      .json({ error: code, message: publicMessage })
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
    res.redirect('/')
  }

  @Get()
  home(@Res() res: Response, @Req() req: Request): void {
    res.json(req.user ?? 'nobody')
  }

  @Get('orders')
  async orders(@Req() req: Request): Promise<object> {
    const token = await req.oneaccess.idToken() // for the service that owns the orders
    return { parts: token.split('.').length }
  }
}

@Module({ controllers: [ShopController], providers: [AlipayStrategy] })
class ShopModule {}

async function bootstrap(): Promise<void> {
  const app = await NestFactory.create(ShopModule, { logger: ['error', 'warn'] })
  const oneaccess = app.get(AlipayStrategy)
  passport.serializeUser(oneaccess.serializeUser((user) => user))
  passport.deserializeUser((user: Customer, done) => done(null, user))
  app.use(session({ secret: env.SESSION_SECRET ?? '', resave: false, saveUninitialized: false }))
  app.use(passport.session(), oneaccess.backgroundRefresh())
  const express: Express = app.getHttpAdapter().getInstance()
  express.post('/logout', oneaccess.logout(), (_req, res) => res.redirect(303, '/'))
  app.useGlobalFilters(new OneAccessErrors())
  await app.listen(Number(env.PORT ?? 3000))
  console.log('listening')
}

bootstrap()
