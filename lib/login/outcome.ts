import { OneAccessError } from '../errors.js'
import { FAILURES, type FailureCode, type Language } from '../messages.js'
import type { IncompleteLogin } from '../oneaccess/responses.js'
import type { PendingLogin } from '../session/pending-logins.js'
import { type LoginEvent, publish } from '../tokens/events.js'
import { omitUndefined } from '../util/omit-undefined.js'

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
    detail: rest.detail,
  }
}

/**
 * `verify` gave no user. The app gets the info that `verify` gave; events get only what this
 * package says about it.
 */
export function failNoUser(info: object, state: unknown, wrong: string | undefined): Failure {
  const failure = fail('no_user', { state, ...info, ...(wrong && { detail: wrong }) })
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
