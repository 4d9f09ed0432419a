/** A NestJS app that issues its own JWT with @nestjs/jwt and passport-jwt; no session has the login. */
export const NEST_JWT_APP = `import 'reflect-metadata'
import { Controller, Get, Injectable, Module, Req, UseGuards, type MiddlewareConsumer, type NestModule } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { JwtModule, JwtService } from '@nestjs/jwt'
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport'
import type { Request } from 'express'
import session from 'express-session'
import { ExtractJwt, Strategy as JwtStrategyBase } from 'passport-jwt'
import { OneAccessAlipayStrategy, type Profile, type Tokens } from 'passport-oneaccess-alipay'
import { type Simulator, startSimulator } from 'passport-oneaccess-alipay/simulator'

const PORT = Number(process.env.PORT)
const SHOP = 'http://127.0.0.1:' + PORT
const secret = 'of the nest app, 32 characters..'
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
class JwtStrategy extends PassportStrategy(JwtStrategyBase) {
  constructor() {
    super({ jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(), secretOrKey: secret })
  }

  async validate(payload: { sub: string }): Promise<Customer> {
    return { id: payload.sub }
  }
}

@Injectable()
class AlipayGuard extends AuthGuard('oneaccess-alipay') {}

@Injectable()

@Injectable()
class JwtGuard extends AuthGuard('jwt') {}

@Controller()
class ShopController {
  constructor(private readonly jwt: JwtService) {}

  @Get('auth/alipay')
  @UseGuards(AlipayGuard)
  begin(): void {}

  @Get('auth/alipay/callback')
  @UseGuards(AlipayGuard)
  async finish(@Req() req: Request): Promise<object> {
    return { access_token: await this.jwt.signAsync({ sub: (req.user as Customer).id }) }
  }

  @Get('me')
  @UseGuards(JwtGuard)
  me(@Req() req: Request): object {
    return { user: (req.user as Customer).id }
  }
}

@Module({
  imports: [PassportModule, JwtModule.register({ secret, signOptions: { expiresIn: '60s' } })],
  controllers: [ShopController],
  providers: [AlipayStrategy, JwtStrategy],
})
class ShopModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    // only the login itself needs a session
    const web = session({ secret, resave: false, saveUninitialized: false })
    consumer.apply(web).forRoutes('auth/alipay', 'auth/alipay/callback')
  }
}

async function main(): Promise<void> {
  simulator = await startSimulator()
  const app = await NestFactory.create(ShopModule, { logger: false })
  await app.listen(PORT, '127.0.0.1')

  const begun = await fetch(SHOP + '/auth/alipay', { redirect: 'manual' })
  const cookie = begun.headers.get('set-cookie')?.split(';')[0] ?? ''
  const callback = simulator.authorize(begun.headers.get('location') ?? '')
  const done = await fetch(callback, { headers: { cookie } })
  const { access_token } = (await done.json()) as { access_token: string }
  const me = await fetch(SHOP + '/me', { headers: { authorization: 'Bearer ' + access_token } })
  const stranger = await fetch(SHOP + '/me')
  const refused = await fetch(SHOP + '/auth/alipay/callback?auth_code=x&state=y', { headers: { cookie } })
  const statuses = [begun, done, me, stranger, refused].map(({ status }) => status)
  console.log(JSON.stringify({ statuses, me: await me.json() }))
  await app.close()
  await app.get(AlipayStrategy).drain()
  await simulator.close()
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
`
