// Checked only by the compiler: a line after @ts-expect-error that is not an error fails the build.
import { expectTypeOf } from 'expect-type'
import type { Request, RequestHandler } from 'express'
import passport from 'passport'
import {
  OneAccessAlipayStrategy,
  OneAccessError,
  type OneAccessErrorCode,
  type Profile,
  type StrategyOptions,
  type TokenStore,
  type Tokens,
} from '../../lib/index.js'

interface Customer {
  id: string
  name: string
}

declare const options: StrategyOptions & { passReqToCallback?: false }
declare const customer: Customer
declare const store: TokenStore

export function verifyReceivesTokensAndProfile(): void {
  new OneAccessAlipayStrategy<Customer>(options, (tokens, profile, done) => {
    expectTypeOf(tokens).toEqualTypeOf<Tokens>()
    expectTypeOf(profile).toEqualTypeOf<Profile>()
    expectTypeOf(profile.id).toBeString()
    done(null, customer)
    done(new Error('no'))
    done(null, false, { message: 'not here' })
    // @ts-expect-error a number is not a user
    done(null, 7)
  })
  new OneAccessAlipayStrategy<Customer>(options, async () => customer)
  new OneAccessAlipayStrategy<Customer>(options, async () => (Math.random() > 1 ? customer : false))
  new OneAccessAlipayStrategy<Customer>(options, async () => null)
  new OneAccessAlipayStrategy<Customer>(options, async (_tokens, _profile, done) => done(null))
  // @ts-expect-error a returned user must be in a promise
  new OneAccessAlipayStrategy<Customer>(options, () => customer)
  // @ts-expect-error the same with done
  new OneAccessAlipayStrategy<Customer>(options, (_tokens, _profile, _done) => customer)
  // @ts-expect-error the return value of a callback-style function is not a user
  new OneAccessAlipayStrategy<Customer>(options, (_t, _p, done) => setTimeout(done))
  // @ts-expect-error a promise of undefined does not mean that there is no user
  new OneAccessAlipayStrategy<Customer>(options, async () => [customer][1])
  // @ts-expect-error the returned value is not a Customer
  new OneAccessAlipayStrategy<Customer>(options, async () => ({ id: 'x' }))
  // @ts-expect-error verify is missing
  new OneAccessAlipayStrategy<Customer>(options)
}

export function passReqToCallbackPutsTheRequestFirst(): void {
  const withRequest = { ...options, passReqToCallback: true } as const
  new OneAccessAlipayStrategy<Customer>(withRequest, (req, tokens, profile, done) => {
    expectTypeOf(req).toEqualTypeOf<Request>()
    expectTypeOf(tokens).toEqualTypeOf<Tokens>()
    expectTypeOf(profile).toEqualTypeOf<Profile>()
    done(null, customer)
  })
  // @ts-expect-error without the option there is no fourth parameter
  new OneAccessAlipayStrategy<Customer>(options, (_req, _tokens, _profile, _done) => customer)
}

export function serializeUserHasTheTypeOfTheUser(): void {
  const strategy = new OneAccessAlipayStrategy<Customer>(options, async () => customer)
  const serialize = strategy.serializeUser((user, req) => {
    expectTypeOf(user).toEqualTypeOf<Customer>()
    expectTypeOf(req).toEqualTypeOf<Request>()
    return user.id
  })
  passport.serializeUser(serialize)
  passport.use(strategy)
  // @ts-expect-error a Customer has no such member
  strategy.serializeUser((user) => user.email)
}

export function withoutATypeArgumentTheUserIsExpressUser(): void {
  const strategy = new OneAccessAlipayStrategy(options, async () => ({}) as Express.User)
  strategy.serializeUser((user) => {
    expectTypeOf(user).toEqualTypeOf<Express.User>()
    return user
  })
}

export function theUserIsInferredFromVerify(): void {
  const strategy = new OneAccessAlipayStrategy(options, async () => customer)
  strategy.serializeUser((user) => {
    expectTypeOf(user).toEqualTypeOf<Customer>()
    return user.id
  })
}

export function optionsAreExact(): void {
  const needed = { domain: 'acme.huaweioneaccess.com', clientID: 'id', clientSecret: 'secret' }
  expectTypeOf(needed).toExtend<StrategyOptions>()
  expectTypeOf({ ...needed, clientID: process.env.ID }).toExtend<StrategyOptions>()
  // @ts-expect-error domain is required
  expectTypeOf<{ clientID: 'id'; clientSecret: 'secret' }>().toExtend<StrategyOptions>()
  const all: StrategyOptions[] = [
    { ...needed, loginVersion: 'v2', refreshWith: 'session-token', scope: ['auth_user'] },
    { ...needed, tokenStore: store },
    { ...needed, tokenStore: { store, secret: ['new', 'old'] } },
    { ...needed, tenantID: (req) => req.hostname, device: (req) => ({ ip: req.ip ?? '' }) },
    { ...needed, timeouts: { call: 1 }, http: { proxy: false } },
    // @ts-expect-error an unknown option
    { ...needed, clientId: 'id' },
    // @ts-expect-error there is no v1
    { ...needed, loginVersion: 'v1' },
    // @ts-expect-error milliseconds are a number
    { ...needed, stateTTL: '10m' },
  ]
  expectTypeOf(all).toEqualTypeOf<StrategyOptions[]>()
}

export function authenticateAcceptsTheFlowsAndAnyState(): void {
  passport.authenticate('oneaccess-alipay', { flow: 'app', session: false })
  passport.authenticate('oneaccess-alipay', { state: { returnTo: '/' }, successRedirect: '/' })
  passport.authenticate('oneaccess-alipay', { flow: 'challenge' }, () => {})
  const strategy = new OneAccessAlipayStrategy<Customer>(options, async () => customer)
  passport.authenticate(strategy, { flow: 'app' })
  passport.authenticate(strategy)
  // @ts-expect-error there is no such flow
  passport.authenticate('oneaccess-alipay', { flow: 'popup' })
}

export function requireLoginIsMiddleware(oneaccess: OneAccessAlipayStrategy): void {
  expectTypeOf(oneaccess.requireLogin()).toEqualTypeOf<RequestHandler>()
}

export function requestsHaveTokens(req: Request): void {
  expectTypeOf(req.oneaccess.idToken()).resolves.toBeString()
  expectTypeOf(req.oneaccess.claims()).resolves.toEqualTypeOf<{
    claims: Record<string, unknown>
    verified: boolean
  }>()
  expectTypeOf(req.oneaccess.refresh()).resolves.toBeVoid()
  expectTypeOf(req.oneaccess.expiresAt).toEqualTypeOf<number | undefined>()
  expectTypeOf(req.oneaccess.sessionExpiresAt).toEqualTypeOf<number | undefined>()
  // @ts-expect-error the session token is not available after the login
  req.oneaccess.sessionToken
}

export function errorsAreNarrowedByClass(error: unknown): void {
  if (!(error instanceof OneAccessError)) return
  expectTypeOf(error.code).toEqualTypeOf<OneAccessErrorCode>()
  expectTypeOf(error.retryAfter).toEqualTypeOf<number | undefined>()
  // @ts-expect-error there is no such code
  if (error.code === 'unreachabel') return
}
