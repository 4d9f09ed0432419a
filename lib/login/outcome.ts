import { OneAccessError } from '../errors.js'
import { FAILURES, type Language } from '../messages.js'
import type { IncompleteLogin } from '../oneaccess/responses.js'
import type { PendingLogin } from '../session/pending-logins.js'
import { type LoginEvent, publish } from '../tokens/events.js'
import { omitUndefined } from '../util/omit-undefined.js'

/** Why a login failed: the values of `info.code`. The README lists them too. */
export type FailureCode =
  /** The user refused at Alipay. */
  | 'declined'
  /** On a phone, outside Alipay's app: `info.link` starts the login there. */
  | 'open_in_alipay'
  /** In WeChat, which does not open links to Alipay: the user has to start the login in another browser. */
  | 'open_in_browser'
  /** Alipay's callback, or the request of a native app, has no code. */
  | 'code_missing'
  /** A parameter is malformed. */
  | 'parameters_malformed'
  /** The callback has no `state`. */
  | 'state_missing'
  /** The `state` was not issued to this browser's session, or the login is not that of the user who is logged in. */
  | 'state_unknown'
  /** The user took too long. */
  | 'state_expired'
  /** The `state` has already been used. */
  | 'state_spent'
  /** The callback belongs to another Alipay app. */
  | 'app_id_mismatch'
  /** OneAccess refused the code. */
  | 'code_refused'
  /** A policy at OneAccess denies this user access. */
  | 'access_denied'
  /** The Alipay account must be linked to a user first. */
  | 'social_bind'
  /** The Alipay account must first be linked to a user, or registered as a new one. */
  | 'user_register'
  /** A second factor is needed. */
  | 'mfa_auth'
  /** OneAccess returned an undocumented status; see `info.status`. */
  | 'login_incomplete'
  /** The app's own `verify` gave no user. */
  | 'no_user'
  /** No challenge is open in this session: it has expired or is already finished. */
  | 'challenge_missing'
  /** Too many wrong codes. */
  | 'challenge_over'
  /** Too many wrong codes for one number or email address, in any browser; `info.retryAfter` says how long to wait. */
  | 'contact_blocked'
  /** The code is wrong or has expired; the challenge stays open for `info.triesLeft` more tries. */
  | 'verify_code_wrong'
  /** The code is malformed. */
  | 'verify_code_malformed'
  /** The mobile number or the email address is malformed. */
  | 'contact_malformed'

/** Describes a failed login to the app. Switch on `code`; `message` is safe to show to the user. */
export interface FailureInfo {
  code: FailureCode
  message: string
  /** With `open_in_alipay`: a link for a button or a redirect that opens the start route in Alipay's app. */
  link?: string
  /** What OneAccess requires next; absent if the login cannot be continued. */
  challenge?: {
    status: string
    flows: string[]
    /** In the `app` flow without a session: identifies the challenge in the JSON for flow `challenge`. */
    handle?: string
  }
  /** For the operator: what is wrong on the app's side, such as a `verify` that gives `true` as the user. */
  detail?: string
  /** How many more codes the user may try. */
  triesLeft?: number
  /** Seconds to wait before another try. */
  retryAfter?: number
  /** With `login_incomplete`: the undocumented status that OneAccess returned. */
  status?: string
  /** The app's own value, as passed to `authenticate(name, { state })`. */
  state?: unknown
}

/** The outcome of a request, before a Passport verb is called. */
export type Outcome =
  | { verb: 'redirect'; url: string }
  /**
   * `opened` is the id of the challenge to put into the browser's session; `detail` is for events, and
   * never what the app's `verify` gave.
   */
  | {
      verb: 'fail'
      info: FailureInfo
      status: number | undefined
      opened?: string
      detail?: string | undefined
    }
  | { verb: 'success'; user: object; info: object; login: PendingLogin }
  | { verb: 'error'; error: unknown }
  /** The browser is prefetching: it is answered 503 without a verb, because a verb would redirect it. */
  | { verb: 'hold-off' }

export type Failure = Outcome & { verb: 'fail' }

const STATUS: Record<FailureCode, number | undefined> = {
  declined: 401,
  open_in_alipay: 401,
  open_in_browser: 401,
  code_missing: 401,
  parameters_malformed: 400,
  state_missing: 403,
  state_unknown: 403,
  state_expired: 403,
  state_spent: 403,
  app_id_mismatch: 403,
  code_refused: 401,
  access_denied: 401,
  social_bind: 401,
  user_register: 401,
  mfa_auth: 401,
  login_incomplete: 401,
  no_user: undefined,
  challenge_missing: 403,
  challenge_over: 403,
  contact_blocked: 429,
  verify_code_wrong: 401,
  verify_code_malformed: 400,
  contact_malformed: 400,
}

// the annotation makes sure that each code has a message
const MESSAGES: Record<FailureCode, Record<Language, string>> = FAILURES

/** A failed login; `more` is added to its info. */
export function fail(code: FailureCode, more: Partial<FailureInfo> = {}): Failure {
  const { state, ...rest } = more
  const info = { ...rest, message: rest.message ?? MESSAGES[code].en, code }
  return {
    verb: 'fail',
    info: state === undefined ? info : { ...info, state },
    status: STATUS[code],
    ...(rest.detail === undefined ? {} : { detail: rest.detail }),
  }
}

/** `verify` gave no user: the app gets what it said, and events get only what this package says of it. */
export function failNoUser(said: object, state: unknown, wrong: string | undefined): Failure {
  const failure = fail('no_user', { state, ...said, ...(wrong && { detail: wrong }) })
  return { ...failure, detail: wrong }
}

/** A malformed request; the message tells the developer who sent it what is wrong. */
export function malformed(what: string): Failure {
  return fail('parameters_malformed', { message: `${MESSAGES.parameters_malformed.en} ${what}` })
}

/** For `catch`: a code that OneAccess refused is a failed login; every other error is thrown again. */
export function codeRefused(error: unknown): 'refused' {
  if (error instanceof OneAccessError && error.code === 'code_refused') return 'refused'
  throw error
}

const CHALLENGES: Record<string, FailureCode> = {
  SOCIAL_BIND: 'social_bind',
  USER_REGISTER: 'user_register',
  MFA_AUTH: 'mfa_auth',
}

/** The failure for a 200 response that is not a login (docs/wire.md#log-in-with-the-code). */
export function failIncomplete(answer: IncompleteLogin, state: unknown): Failure {
  const { status, flows } = answer
  if (status === 'ACCESS_DENIED') return fail('access_denied', { state })
  const code = Object.hasOwn(CHALLENGES, status) ? CHALLENGES[status] : undefined
  if (code === undefined) return fail('login_incomplete', { status, state })
  return fail(code, isChallenge(answer) ? { challenge: { status, flows }, state } : { state })
}

/** Whether the user can complete this login by answering a challenge. */
export function isChallenge(
  answer: IncompleteLogin,
): answer is IncompleteLogin & { stateToken: string } {
  return answer.stateToken !== undefined && Object.hasOwn(CHALLENGES, answer.status)
}

/** Publishes how a login ended; a redirect to Alipay is not an end. */
export function publishLogin(flow: string, outcome: Outcome, duration: number): void {
  const event = eventOf(flow, outcome, duration)
  if (event) publish.login(event)
}

export function eventOf(flow: string, outcome: Outcome, duration: number): LoginEvent | undefined {
  switch (outcome.verb) {
    case 'success':
      return { flow, outcome: 'success', duration }
    case 'fail':
      return { flow, outcome: 'fail', ...reasonOf(outcome), duration }
    case 'error': {
      return { flow, outcome: 'error', ...codesOf(outcome.error), duration }
    }
    default:
      return undefined
  }
}

function reasonOf({ info: { code }, detail }: Failure): Pick<LoginEvent, 'code' | 'detail'> {
  return detail === undefined ? { code } : { code, detail }
}

function codesOf(error: unknown): Partial<LoginEvent> {
  if (!(error instanceof OneAccessError)) return { code: 'app' }
  const { code, step, errorCode, httpStatus, hint } = error
  return omitUndefined({ code, step, errorCode, httpStatus, hint })
}
