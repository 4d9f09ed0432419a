import type { Request, RequestHandler } from 'express'
import { Strategy } from 'passport-strategy'
import { type AuthenticateOptions, checkFlow, isLinking, noReason } from './authenticate-options.js'
import { createClient } from './create-client.js'
import { type Drained, type DrainOptions, drain } from './drain.js'
import { passToErrorHandler, readEagerly, setPrivateHeaders } from './incoming-request.js'
import { readAppCode } from './login/app-code.js'
import { type Callback, callbackIn, consentPage, isPrefetch, problemOf } from './login/callback.js'
import type { Challenge } from './login/challenge.js'
import { Challenges } from './login/challenges.js'
import { readCompletion } from './login/contact.js'
import { contextOf } from './login/device.js'
import { identify } from './login/identify.js'
import {
  codeRefused,
  fail,
  failIncomplete,
  failNoUser,
  isChallenge,
  type Outcome,
  publishLogin,
} from './login/outcome.js'
import { verbsFor } from './login/passport-verbs.js'
import { phoneOutcome } from './login/phones.js'
import { profileOf } from './login/profile.js'
import { deliveryOf, RequestDeduplicator } from './login/request-deduplicator.js'
import type { StartedLogin } from './login/started-login.js'
import { StateStore } from './login/state-store.js'
import type { Verify, VerifyFunction, VerifyFunctionWithRequest } from './login/verify.js'
import { verifyBy } from './login/verify.js'
import { startedForAnotherRoute, type WebRoute, webRouteOf } from './login/web-route.js'
import type { OneAccessClient } from './oneaccess/client.js'
import type { LoginResponse, SessionResponse } from './oneaccess/responses.js'
import type { Settings, StrategyOptions } from './options.js'
import { currentLogin, expectedUserOf, leftRecordIn } from './session/current-login.js'
import { backgroundRefresh, logout } from './session/middleware.js'
import { PendingLogins, pendingLogin } from './session/pending-logins.js'
import { requireLogin } from './session/require-login.js'
import { type Serializer, serializerOf } from './session/serialize.js'
import {
  prepareSession,
  requireSession,
  sessionKeyOf,
  sessionNamesOf,
} from './session/session-entry.js'
import { UpstreamLogout } from './session/upstream-logout.js'
import { TokenManagers } from './tokens/manager.js'
import { recordOf } from './tokens/record.js'
import { validateOptions } from './validate-options.js'

/**
 * Logs users in with Alipay through OneAccess or CIAM.
 *
 * A login takes three dependent calls: the code is exchanged for a session token, the session token
 * for a ticket, and the ticket for the user. The access token is fetched during the first of them.
 * The README lists the Passport verb for each outcome.
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

  /** Throws a `TypeError` that names the option if one is wrong, missing or unknown. */
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
    this.settings = () => settings // a function, so that inspecting the strategy does not reveal the secret
    this.client = createClient(settings)
    this.managers = new TokenManagers(settings, this.client)
    this.sessionKey = sessionKeyOf(settings)
    this.pendingLogins = new PendingLogins(this.sessionKey, this.managers)
    this.challenges = new Challenges(this.client, this.managers, settings)
    this.upstreamLogout = settings.upstreamLogout ? new UpstreamLogout(this.client) : undefined
    this.verify = verifyBy(verify, settings)
  }

  /**
   * Called by Passport. Calls exactly one of Passport's verbs; a browser that prefetches is answered 503.
   * @example
   * app.get('/auth/alipay', passport.authenticate('oneaccess-alipay', { state: { returnTo: '/' } }))
   */
  override authenticate(req: Request, options: AuthenticateOptions = {}): void {
    const callVerb = verbsFor(this, req, this.pendingLogins, options, this.settings().messages)
    this.outcomeOf(req, options.flow ?? 'web', options)
      .then(callVerb)
      .catch((error: unknown) => passToErrorHandler(req, error)) // thrown by the app, after the verb
  }

  private async outcomeOf(req: Request, flow: string, options: AuthenticateOptions) {
    const startedAt = Date.now()
    let outcome: Outcome
    try {
      outcome = await this.route(req, flow, options)
      if (outcome.verb === 'fail') await this.challenges.enter(req, outcome) // at each delivery
    } catch (error) {
      // called without an error, Passport would go on to the route as if the user were logged in
      outcome = { verb: 'error', error: error || noReason() }
    }
    publishLogin(flow, outcome, Date.now() - startedAt)
    return outcome
  }

  /**
   * For `passport.serializeUser`: asks the app what to keep of the user, then stores the tokens of the login.
   * @example
   * passport.serializeUser(oneaccess.serializeUser((user) => user.id))
   */
  serializeUser(serialize: (user: User, req: Request) => unknown): Serializer {
    return serializerOf(serialize as (user: object) => unknown)
  }

  /**
   * Middleware to mount after `passport.session()`: sets `req.oneaccess`, and refreshes id_tokens before they expire.
   * @example
   * app.use(passport.session(), oneaccess.backgroundRefresh())
   */
  backgroundRefresh(): RequestHandler {
    this.pendingLogins.isMounted = true
    return backgroundRefresh(this.managers, this.settings(), this.sessionKey)
  }

  /**
   * Middleware for routes that require a login: redirects browsers to the option `loginPath`, and answers other clients 401.
   * @example
   * app.get('/orders', oneaccess.requireLogin(), (_req, res) => res.send('yours'))
   */
  requireLogin(): RequestHandler {
    return requireLogin(this.settings())
  }

  /**
   * Middleware for the logout route: ends the token record, then the Passport session.
   * @example
   * app.post('/logout', oneaccess.logout(), (_req, res) => res.redirect('/'))
   */
  logout(): RequestHandler {
    return logout(this.managers, this.sessionKey, this.upstreamLogout)
  }

  /**
   * The challenge that OneAccess has set the user who just tried to log in; undefined if none is open
   * in this session. It ends with the session, after 10 minutes, or after 5 wrong codes.
   * @example
   * res.json(await (await oneaccess.challenge(req))?.captcha())
   */
  challenge(req: Request): Promise<Challenge | undefined> {
    return this.challenges.of(req)
  }

  /**
   * For a graceful shutdown, after the server has stopped listening: resolves when no refresh, save or logout is
   * in progress, or after `timeout` milliseconds (default 20000), with the number of refreshes not yet in the token store.
   * @example
   * const { unsaved } = await oneaccess.drain({ timeout: 10_000 })
   */
  drain({ timeout = 20_000 }: DrainOptions = {}): Promise<Drained> {
    return drain([this.managers, this.upstreamLogout], timeout, () => this.managers.unsaved)
  }

  // flow 'web': startWebLogin -> Alipay's page -> handleCallback -> logIn
  // flow 'app': handleAppCode -> logIn             flow 'challenge': handleChallenge -> continueLogin
  // logIn -> continueLogin -> finishLogin, or a challenge; after the verb, session/serialize.ts stores the tokens
  // Each reads what it needs from the request before its first await, because the response may end in the meantime.

  private route(req: Request, flow: string, options: AuthenticateOptions) {
    checkFlow(flow, options)
    setPrivateHeaders(req, flow)
    if (flow === 'app') return this.handleAppCode(req, options)
    if (flow === 'challenge') return this.handleChallenge(req)
    const settings = this.settings()
    const route = webRouteOf(settings.web, options)
    requireSession(req)
    if (isPrefetch(req)) return { verb: 'hold-off' } as const
    const callback = callbackIn(req, route.web.callbackURL)
    if (callback) return this.handleCallback(req, route, callback)
    const onPhone = phoneOutcome(req, options, settings, this.sessionKey)
    return onPhone ?? this.startWebLogin(req, route, options.state)
  }

  /** Redirects to Alipay, with a `state` that only this browser can bring back. */
  private async startWebLogin(req: Request, route: WebRoute, value: unknown): Promise<Outcome> {
    prepareSession(req, this.sessionKey, this.pendingLogins)
    const [session] = sessionNamesOf(req, this.sessionKey)
    const state = await this.states(req).open(session, value, route.purpose)
    return { verb: 'redirect', url: consentPage(route.web, state) }
  }

  /** Back from Alipay. The state is spent before anything else is checked. */
  private handleCallback(req: Request, { web, purpose, linking }: WebRoute, callback: Callback) {
    const { state, code } = callback
    if (state === undefined) {
      return problemOf(callback, web) ?? fail(code ? 'state_missing' : 'code_missing')
    }
    const sessions = sessionNamesOf(req, this.sessionKey)
    const current = currentLogin(req, this.sessionKey)
    const manager = this.managers.for(req)
    const readContext = readEagerly(() => contextOf(req, this.settings()))
    const left = leftRecordIn(req, this.sessionKey)
    const delivery = deliveryOf(`${state} ${purpose}`, code, sessions, left)
    return this.deduplicator.once(delivery, async (remember) => {
      const spent = await this.states(req).spend(sessions, state)
      if (spent.outcome !== 'valid') return fail(`state_${spent.outcome}`)
      if (spent.purpose !== purpose) return startedForAnotherRoute(spent.value)
      remember()
      const problem = problemOf(callback, web, spent.value)
      if (problem) return problem
      if (code === undefined) return fail('code_missing', { state: spent.value })
      const expectedUser = spent.isFormer ? await expectedUserOf(current, manager) : undefined
      const started = { context: readContext(), appState: spent.value, expectedUser, linking }
      return await this.logIn(req, this.client.loginWithAlipay(code, started.context), started)
    })
  }

  /** A native app or a mini program has its code from Alipay's SDK; there is no `state` to check. */
  private async handleAppCode(req: Request, options: AuthenticateOptions): Promise<Outcome> {
    const code = readAppCode(req)
    if (typeof code !== 'string') return code
    const context = contextOf(req, this.settings())
    const call = options.miniProgram ? 'loginWithMiniProgram' : 'loginWithAlipay'
    const login = this.client[call](code, context)
    return this.logIn(req, login, { context, appState: options.state, linking: isLinking(options) })
  }

  /** The user has entered the code that OneAccess sent; ends like any login, or in another challenge. */
  private async handleChallenge(req: Request): Promise<Outcome> {
    const form = readCompletion(req, this.settings().web?.callbackURL)
    if ('verb' in form) return form
    return this.challenges.finish(req, form, (answer, started) =>
      this.continueLogin(req, answer, started),
    )
  }

  private async logIn(
    req: Request,
    login: Promise<LoginResponse>,
    started: StartedLogin,
  ): Promise<Outcome> {
    const { userFrom } = this.settings()
    const ahead = userFrom === 'ticket' ? this.client.prepare() : this.client.prepareKeys()
    ahead.catch(() => {}) // the call that needs it fetches it again, and reports the error
    const answer = await login.catch(codeRefused)
    if (answer === 'refused') return fail('code_refused', { state: started.appState })
    return await this.continueLogin(req, answer, started)
  }

  /** Either OneAccess has logged the user in, or it sets a challenge, which is kept on the server. */
  private async continueLogin(
    req: Request,
    answer: LoginResponse,
    started: StartedLogin,
  ): Promise<Outcome> {
    if (answer.session) return await this.finishLogin(req, answer.session, started)
    const { appState: state, expectedUser } = started
    // only the end of the challenge shows who the user is; until then it could be anyone
    if (expectedUser && isChallenge(answer)) return fail('state_unknown', { state })
    const failure = failIncomplete(answer, state)
    return isChallenge(answer) ? this.challenges.open(req, answer, started, failure) : failure
  }

  /** OneAccess has logged the user in: find out who it is, and ask the app. */
  private async finishLogin(
    req: Request,
    session: SessionResponse,
    { context, appState: state, expectedUser }: StartedLogin,
  ): Promise<Outcome> {
    const { userFrom, refreshBefore } = this.settings()
    const user = await identify(this.client, session, context, userFrom)
    if (expectedUser && expectedUser.userID !== user.id) return fail('state_unknown', { state })
    const record = recordOf(session, context, refreshBefore, user.id)
    const verified = await this.verify(req, record, profileOf(user))
    if (!verified.user) return failNoUser(verified.info, state, verified.detail)
    const info = { state, ...verified.info }
    return { verb: 'success', user: verified.user, info, login: pendingLogin(record) }
  }

  private states(req: Request): StateStore {
    return new StateStore(this.managers.for(req).records, this.settings().stateTTL)
  }
}
