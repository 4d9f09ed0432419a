import type { Request, RequestHandler } from 'express'
import { Strategy } from 'passport-strategy'
import { type AuthenticateOptions, checkFlow, isLinking, noReason } from './authenticate-options.js'
import { clientFor } from './create-client.js'
import { type Drained, type DrainOptions, drain } from './drain.js'
import { handOn, keepPrivate, readNow } from './incoming-request.js'
import { readAppCode } from './login/app-code.js'
import {
  consentPage,
  isCallback,
  isSpeculative,
  problemOf,
  readCallback,
} from './login/callback.js'
import type { Challenge } from './login/challenge.js'
import { Challenges } from './login/challenges.js'
import { readCompletion } from './login/contact.js'
import { contextOf } from './login/device.js'
import { identify } from './login/identify.js'
import {
  codeRefused,
  eventOf,
  fail,
  failIncomplete,
  isChallenge,
  type Outcome,
} from './login/outcome.js'
import { verbsFor } from './login/passport-verbs.js'
import { beginElsewhere } from './login/phones.js'
import { profileOf } from './login/profile.js'
import { deliveryOf, RequestDeduplicator } from './login/request-deduplicator.js'
import type { BegunLogin } from './login/started-login.js'
import { StateStore } from './login/state-store.js'
import {
  type Verify,
  type VerifyFunction,
  type VerifyFunctionWithRequest,
  verifyBy,
} from './login/verify.js'
import { begunForAnother, type WebRoute, webRouteOf } from './login/web-route.js'
import type { OneAccessClient } from './oneaccess/client.js'
import type { LoginResponse, SessionResponse } from './oneaccess/responses.js'
import type { Settings, StrategyOptions } from './options.js'
import { personOf, presentLogin } from './session/current-login.js'
import { backgroundRefresh, logout } from './session/middleware.js'
import { PendingLogins, pendingLogin } from './session/pending-logins.js'
import { requireLogin } from './session/require-login.js'
import { type Serializer, serializerOf } from './session/serialize.js'
import {
  beginEntry,
  needCookie,
  needSession,
  sessionKeyOf,
  sessionNamesOf,
} from './session/session-entry.js'
import { UpstreamLogout } from './session/upstream-logout.js'
import { publish } from './tokens/events.js'
import { TokenManagers } from './tokens/manager.js'
import { recordOf } from './tokens/record.js'
import { validateOptions } from './validate-options.js'

/**
 * Logs people in with Alipay through OneAccess or CIAM.
 *
 * A login is three calls that depend on each other: the code gives a session token, that gives a
 * ticket, and that gives the user. The access token is fetched beside the first. See the
 * README for each outcome's Passport verb.
 * @example
 * passport.use(new OneAccessAlipayStrategy(options, async (_tokens, profile) => profile))
 */
export class OneAccessAlipayStrategy<User extends object = Express.User> extends Strategy {
  readonly name = 'oneaccess-alipay'
  // Passport calls Object.create(strategy) for every request, on which #private members throw
  private readonly settings: () => Settings
  private readonly client: OneAccessClient
  private readonly managers: TokenManagers
  private readonly pendingLogins: PendingLogins
  private readonly deduplicator = new RequestDeduplicator('state_spent')
  private readonly challenges: Challenges
  private readonly upstreamLogout: UpstreamLogout | undefined
  private readonly verify: Verify
  private readonly sessionKey: string

  /** Throws a `TypeError` that names the option when one is wrong, missing or unknown. */
  constructor(
    options: StrategyOptions & { passReqToCallback: true },
    verify: VerifyFunctionWithRequest<User>,
  )
  constructor(
    options: StrategyOptions & { passReqToCallback?: false },
    verify: VerifyFunction<User>,
  )
  constructor(
    options: StrategyOptions,
    verify: VerifyFunction<User> | VerifyFunctionWithRequest<User>,
  ) {
    super()
    const settings = validateOptions(options)
    this.settings = () => settings // a function, so that no inspection of the strategy shows the secret
    this.client = clientFor(settings)
    this.managers = new TokenManagers(settings, this.client)
    this.sessionKey = sessionKeyOf(settings)
    this.pendingLogins = new PendingLogins(this.sessionKey, this.managers)
    this.challenges = new Challenges(this.client, this.managers, settings)
    this.upstreamLogout = settings.upstreamLogout ? new UpstreamLogout(this.client) : undefined
    this.verify = verifyBy(verify, settings)
  }

  /**
   * Called by Passport; ends in exactly one of its verbs.
   * @example
   * app.get('/auth/alipay', passport.authenticate('oneaccess-alipay', { state: { returnTo: '/' } }))
   */
  override authenticate(req: Request, options: AuthenticateOptions = {}): void {
    const began = Date.now()
    const act = verbsFor(this, req, this.pendingLogins, options, this.settings().messages)
    const flow = options.flow ?? 'web'
    this.decide(req, flow, options)
      .then((outcome) => this.challenges.enter(req, outcome))
      // without an error Passport would go on to the route, as if somebody were logged in
      .catch((error: unknown): Outcome => ({ verb: 'error', error: error || noReason() }))
      .then((outcome) => {
        const event = eventOf(flow, outcome, Date.now() - began)
        if (event) publish.login(event)
        act(outcome)
      })
      .catch((error: unknown) => handOn(req, error)) // thrown by the app, after the verb was given
  }

  /**
   * For `passport.serializeUser`: asks the app what to keep of the user, then keeps the tokens of the login.
   * @example
   * passport.serializeUser(oneaccess.serializeUser((user) => user.id))
   */
  serializeUser(serialize: (user: User, req: Request) => unknown): Serializer {
    return serializerOf(serialize as (user: object) => unknown)
  }

  /**
   * Middleware, behind `passport.session()`: `req.oneaccess`, and id_tokens renewed ahead of their end.
   * @example
   * app.use(passport.session(), oneaccess.backgroundRefresh())
   */
  backgroundRefresh(): RequestHandler {
    this.pendingLogins.isMounted = true
    return backgroundRefresh(this.managers, this.settings(), this.sessionKey)
  }

  /**
   * Middleware for routes of people who are logged in; others are sent to the option `loginPath`, programs get 401.
   * @example
   * app.get('/orders', oneaccess.requireLogin(), (_req, res) => res.send('yours'))
   */
  requireLogin(): RequestHandler {
    return requireLogin(this.settings())
  }

  /**
   * Middleware for the logout route: ends the tokens' record, then the Passport session.
   * @example
   * app.post('/logout', oneaccess.logout(), (_req, res) => res.redirect('/'))
   */
  logout(): RequestHandler {
    return logout(this.managers, this.sessionKey, this.upstreamLogout)
  }

  /**
   * What OneAccess wants more of the person who has just tried to log in; undefined when nothing is
   * open in this browser. It ends with its session, after 10 minutes, or after 5 wrong codes.
   * @example
   * res.json(await (await oneaccess.challenge(req))?.captcha())
   */
  challenge(req: Request): Promise<Challenge | undefined> {
    return this.challenges.of(req)
  }

  /**
   * For a clean shutdown, once you no longer listen: resolves when nothing is under way any more, or
   * after `timeout` milliseconds (default 20000), with how many refreshes the token store does not have.
   * @example
   * const { unsaved } = await oneaccess.drain({ timeout: 10_000 })
   */
  drain({ timeout = 20_000 }: DrainOptions = {}): Promise<Drained> {
    return drain([this.managers, this.upstreamLogout], timeout, () => this.managers.unsaved)
  }

  /** Reads all that it needs of the request before its first await: by then the request may be over. */
  private async decide(req: Request, flow: string, options: AuthenticateOptions): Promise<Outcome> {
    checkFlow(flow, options)
    keepPrivate(req, flow)
    if (flow === 'app') return this.finishFromApp(req, options)
    if (flow === 'challenge') return this.finishChallenge(req)
    const settings = this.settings()
    const route = webRouteOf(settings.web, options)
    needSession(req)
    if (isSpeculative(req)) return { verb: 'hold-off' }
    if (isCallback(req, route.web.callbackURL)) return this.finish(req, route)
    const elsewhere = beginElsewhere(req, options, settings, this.sessionKey)
    return elsewhere ?? this.begin(req, route, options.state)
  }

  /** Off to Alipay, with a `state` that only this browser can bring back. */
  private async begin(req: Request, route: WebRoute, value: unknown): Promise<Outcome> {
    needCookie(req, this.pendingLogins)
    beginEntry(req, this.sessionKey)
    const [session] = sessionNamesOf(req, this.sessionKey)
    const state = await this.states(req).open(session, value, route.purpose)
    return { verb: 'redirect', url: consentPage(route.web, state) }
  }

  /** Back from Alipay: the state is spent before anything else is looked at. */
  private async finish(req: Request, route: WebRoute): Promise<Outcome> {
    const { web, purpose, linking } = route
    const callback = readCallback(req)
    const { state, code } = callback
    if (state === undefined) {
      return problemOf(callback, web) ?? fail(code ? 'state_missing' : 'code_missing')
    }
    const sessions = sessionNamesOf(req, this.sessionKey)
    const present = presentLogin(req, this.sessionKey)
    const context = readNow(() => contextOf(req, this.settings()))
    return this.deduplicator.once(
      deliveryOf(`${state} ${purpose}`, code, sessions),
      async (remember) => {
        const spent = await this.states(req).spend(sessions, state)
        if (spent.outcome !== 'now') return fail(`state_${spent.outcome}`)
        if (spent.purpose !== purpose) return begunForAnother(spent.value)
        remember()
        const problem = problemOf(callback, web, spent.value)
        if (problem) return problem
        if (code === undefined) return fail('code_missing', { state: spent.value })
        const only = spent.isFormer ? await personOf(present, this.managers.for(req)) : undefined
        const login = this.client.loginWithAlipay(code, context())
        return this.logIn(req, login, { context: context(), state: spent.value, only, linking })
      },
    )
  }

  /** A native app or a mini program has the code already; there is no state. */
  private async finishFromApp(req: Request, options: AuthenticateOptions): Promise<Outcome> {
    const code = readAppCode(req)
    if (typeof code !== 'string') return code
    const context = contextOf(req, this.settings())
    const login = options.miniProgram
      ? this.client.loginWithMiniProgram(code, context)
      : this.client.loginWithAlipay(code, context)
    const { state } = options
    return this.logIn(req, login, { context, state, linking: isLinking(options) })
  }

  private async logIn(
    req: Request,
    login: Promise<LoginResponse>,
    begun: BegunLogin,
  ): Promise<Outcome> {
    const { userFrom } = this.settings()
    const ahead = userFrom === 'ticket' ? this.client.prepare() : this.client.prepareKeys()
    ahead.catch(() => {}) // the call that needs it asks again, and tells
    const answer = await login.catch(codeRefused)
    if (answer === 'refused') return fail('code_refused', { state: begun.state })
    return this.proceed(req, answer, begun)
  }

  /** A login is complete, or OneAccess wants more: then what that needs is kept on the server. */
  private async proceed(req: Request, answer: LoginResponse, begun: BegunLogin): Promise<Outcome> {
    if (answer.session) return this.welcome(req, answer.session, begun)
    const { state, only } = begun
    // who it is shows only at the challenge's end, and until then it could be anybody
    if (only && isChallenge(answer)) return fail('state_unknown', { state })
    const failure = failIncomplete(answer, state)
    return isChallenge(answer) ? this.challenges.open(req, answer, begun, failure) : failure
  }

  /** The code that a person was sent; ends like any login, or in one more challenge. */
  private async finishChallenge(req: Request): Promise<Outcome> {
    const form = readCompletion(req, this.settings().web?.callbackURL)
    if ('verb' in form) return form
    return this.challenges.finish(req, form, (answer, begun) => this.proceed(req, answer, begun))
  }

  /** Logged in at OneAccess: who is it, and does the app know them? */
  private async welcome(
    req: Request,
    session: SessionResponse,
    { context, state, only }: BegunLogin,
  ): Promise<Outcome> {
    const { userFrom, refreshBefore } = this.settings()
    const user = await identify(this.client, session, context, userFrom)
    if (only && only.userID !== user.id) return fail('state_unknown', { state })
    const record = recordOf(session, context, refreshBefore, user.id)
    const verified = await this.verify(req, record, profileOf(user))
    if (!verified.user) return fail('no_user', { state, ...verified.info })
    const login = pendingLogin(record)
    return { verb: 'success', user: verified.user, info: { state, ...verified.info }, login }
  }

  private states(req: Request): StateStore {
    return new StateStore(this.managers.for(req).records, this.settings().stateTTL)
  }
}
