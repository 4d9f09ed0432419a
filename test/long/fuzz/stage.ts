import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import express, { type Request } from 'express'
import passport from 'passport'
import {
  type FailureInfo,
  MemoryTokenStore,
  OneAccessAlipayStrategy,
  type OneAccessErrorCode,
  type StrategyOptions,
} from '../../../lib/index.js'
import { isObject } from '../../../lib/util/json.js'
import { challenge } from '../faults/answers.js'
import type { AnyRequest } from './requests.js'
import { adapterFor, type Script, textAnswer } from './upstream.js'

/** An outcome of a request, which must have exactly one. */
export type Outcome =
  | { verb: 'success' }
  | { verb: 'fail'; info: Partial<FailureInfo>; status: unknown }
  | { verb: 'error'; error: unknown }
  | { verb: 'ended'; status: number; headers: OutgoingHttpHeaders }

/** The value of every secret: no outcome may contain it. */
export const CANARY = 'canary-7f3e9d1c5b'
const CALL = 150

/** A strategy in Passport with generated requests and a scripted OneAccess. */
export class FuzzStage {
  script: Script = {}
  #verify: AnyRequest['verify'] = 'user'
  readonly #app = express()
  readonly #passport = new passport.Passport()
  readonly #store = new MemoryTokenStore()

  readonly #usual: Script

  /** `usual`: the responses of the tenant without a script. */
  constructor(own: Pick<StrategyOptions, 'phones' | 'idToken' | 'userFrom'>, usual: Script = {}) {
    this.#usual = usual
    const strategy = new OneAccessAlipayStrategy(
      {
        domain: 'tenant.example',
        clientID: 'client',
        clientSecret: CANARY,
        alipayAppID: '2021000000000001',
        callbackURL: 'https://shop.example/callback',
        ...own,
        tokenStore: this.#store,
        timeouts: { call: CALL, refresh: CALL, wait: CALL },
        http: { adapter: adapterFor(() => ({ ...this.#usual, ...this.script })) },
      },
      () => this.#user() as never,
    )
    this.#passport.use(strategy)
    this.#passport.serializeUser(strategy.serializeUser(() => 'u'))
    // the most permissive setting of an app
    this.#app.set('query parser', 'extended')
  }

  /** Sends the request, and waits a moment longer for a second outcome. */
  async send(any: AnyRequest, script: Script): Promise<Outcome[]> {
    const sessionID = `s${Math.random()}`
    const url = any.url.includes('STATE')
      ? any.url.replaceAll('STATE', await this.#openState(sessionID))
      : any.url
    if (any.flow === 'challenge' && any.challenged) {
      any = { ...any, body: await this.#challenged(any, sessionID) }
    }
    this.script = script
    this.#verify = any.verify
    const outcomes = await this.#run({ ...any, url }, sessionID)
    this.script = {}
    return outcomes
  }

  /** Opens a challenge; resolves to the body, with the handle if there is one. */
  async #challenged({ session, body }: AnyRequest, sessionID: string): Promise<unknown> {
    this.script = { login: CHALLENGE }
    const own = session === 'none' ? session : 'usual'
    const [outcome] = await this.#run({ ...BEGIN, ...LOGIN, session: own }, sessionID)
    const handle = outcome?.verb === 'fail' ? outcome.info.challenge?.handle : undefined
    if (session === 'none' && handle === undefined) throw new Error('no handle without a session')
    return handle !== undefined && isObject(body) ? { handle, ...body } : body
  }

  async #openState(sessionID: string): Promise<string> {
    const begin = { ...BEGIN, url: '/login' }
    const [outcome] = await this.#run(begin, sessionID)
    if (outcome?.verb !== 'ended') throw new Error('a plain login was not redirected')
    return new URL(String(outcome.headers.location)).searchParams.get('state') ?? ''
  }

  #run(any: AnyRequest, sessionID: string): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    return new Promise((resolve) => {
      const settle = (outcome: Outcome) => {
        outcomes.push(outcome)
        setImmediate(() => resolve(outcomes))
      }
      const { req, res } = this.#made(any, sessionID, settle)
      this.#passport.authenticate('oneaccess-alipay', { flow: any.flow }, (...given: unknown[]) => {
        const [error, user, info, status] = given
        if (error) settle({ verb: 'error', error })
        else if (user) settle({ verb: 'success' })
        else settle({ verb: 'fail', info: info as object, status })
      })(req, res, (error?: unknown) => settle({ verb: 'error', error }))
    })
  }

  #made(any: AnyRequest, sessionID: string, settle: (outcome: Outcome) => void) {
    const socket = { remoteAddress: '127.0.0.1', encrypted: false } as unknown as Socket
    const req = Object.setPrototypeOf(new IncomingMessage(socket), this.#app.request) as Request
    const { method, url, headers, body } = any
    Object.assign(req, {
      method,
      url,
      originalUrl: url,
      headers,
      body,
      sessionID,
      sessionStore: {},
    })
    const res = Object.setPrototypeOf(new ServerResponse(req), this.#app.response)
    res.end = () => {
      settle({ verb: 'ended', status: res.statusCode, headers: res.getHeaders() })
    }
    Object.assign(req, { res, next: (error: unknown) => settle({ verb: 'error', error }) })
    Object.assign(req, { session: sessionOf(any) })
    return { req, res }
  }

  async #user(): Promise<unknown> {
    if (this.#verify === 'throws') throw new Error('the app failed')
    if (this.#verify === 'odd') return 7
    return this.#verify === 'user' ? { id: 'u' } : false
  }
}

const BEGIN: AnyRequest = {
  flow: 'web',
  method: 'GET',
  url: '/login',
  headers: {},
  body: undefined,
  session: 'usual',
  verify: 'user',
  challenged: false,
}
const LOGIN = {
  flow: 'app' as const,
  headers: { 'content-type': 'application/json', 'content-length': '9' },
  body: { code: 'c' },
}
const CHALLENGE = textAnswer(challenge('SOCIAL_BIND'))

function sessionOf({ session }: AnyRequest): unknown {
  if (session === 'none') return undefined
  const ready = (done: (error?: unknown) => void) => done()
  if (session === 'odd') return { regenerate: 7, 'oneaccess:client': [{ record: {} }] }
  return { regenerate: ready, save: ready }
}

/** The documented codes of errors. */
export const ERROR_CODES: ReadonlySet<OneAccessErrorCode> = new Set<OneAccessErrorCode>([
  ...(['unreachable', 'connection_lost', 'timeout', 'busy', 'rate_limited'] as const),
  ...(['upstream_failed', 'unexpected_answer', 'misconfigured', 'credential_refused'] as const),
  ...(['credential_spent', 'request_incomplete', 'tls_untrusted', 'refused'] as const),
  ...(['session_ended', 'state_token_refused', 'puzzle_refused', 'code_not_sent'] as const),
  ...(['session_missing', 'alipay_error', 'id_token_invalid'] as const),
])
