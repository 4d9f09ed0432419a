import { OneAccessError } from '../errors.js'
import { FAILURES, type Language } from '../messages.js'
import type { IncompleteLogin } from '../oneaccess/responses.js'
import type { PendingLogin } from '../session/pending-logins.js'
import { type LoginEvent, publish } from '../tokens/events.js'
import { omitUndefined } from '../util/omit-undefined.js'

/** Why a login failed: what `info.code` says. The README has the same list. */
export type FailureCode =
  /** The person refused at Alipay. */
  | 'declined'
  /** On a phone, outside of Alipay's app: `info.link` begins the login there. */
  | 'open_in_alipay'
  /** In WeChat, which opens no links to Alipay: the login begins in another browser. */
  | 'open_in_browser'
  /** Alipay's callback, or an app's request, came without a code. */
  | 'code_missing'
  /** A parameter is malformed. */
  | 'parameters_malformed'
  /** The callback has no `state`. */
  | 'state_missing'
  /** The `state` was not made for this browser's session, or for somebody else than is logged in. */
  | 'state_unknown'
  /** The person took too long. */
  | 'state_expired'
  /** The `state` was used already. */
  | 'state_spent'
  /** The callback is another Alipay app's. */
  | 'app_id_mismatch'
  /** OneAccess refuses the code. */
  | 'code_refused'
  /** A policy at OneAccess refuses this person. */
  | 'access_denied'
  /** The Alipay account must be linked to a user first. */
  | 'social_bind'
  /** The Alipay account must be linked to a user, or a user be registered, first. */
  | 'user_register'
  /** A second factor is needed. */
  | 'mfa_auth'
  /** OneAccess answered a status that nobody documents; `info.status` has it. */
  | 'login_incomplete'
  /** The app's own `verify` gave no user. */
  | 'no_user'
  /** No challenge is open in this browser: it took too long, or it is finished. */
  | 'challenge_missing'
  /** Too many wrong codes. */
  | 'challenge_over'
  /** Too many wrong codes for one number or email, in any browser; `info.retryAfter` says how long to wait. */
  | 'contact_blocked'
  /** The code is wrong or too old; the challenge stays open. `info.triesLeft` says how often. */
  | 'verify_code_wrong'
  /** The code has not the form of one. */
  | 'verify_code_malformed'
  /** The mobile number or the email has not the form of one. */
  | 'contact_malformed'

/** What a failed login tells the app. `message` may be shown to a person; switch on `code`. */
export interface FailureInfo {
  code: FailureCode
  message: string
  /** With `open_in_alipay`: opens the start route in Alipay's app. For a button, or a redirect. */
  link?: string
  /** What OneAccess wants more; absent when it gave nothing to go on with. */
  challenge?: {
    status: string
    flows: string[]
    /** In the `app` flow without a session: names the challenge, for the JSON of flow `challenge`. */
    handle?: string
  }
  /** What is wrong with the app's own part, such as a `verify` that gives `true`: for its operator. */
  detail?: string
  /** How many more codes may be tried. */
  triesLeft?: number
  /** Seconds to wait before another try. */
  retryAfter?: number
  /** OneAccess's status, where it is none of the documented ones. */
  status?: string
  /** The app's own value, as given to `authenticate(name, { state })`. */
  state?: unknown
}

/** What a request comes to, before Passport is told. */
export type Outcome =
  | { verb: 'redirect'; url: string }
  /** `opened` names the challenge that goes into the browser's session. */
  | { verb: 'fail'; info: FailureInfo; status: number | undefined; opened?: string }
  | { verb: 'success'; user: object; info: object; login: PendingLogin }
  | { verb: 'error'; error: unknown }
  /** The browser only looks ahead: told to come again, with no verb, for a verb would redirect it. */
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

/** Each code has its sentence. */
const MESSAGES: Record<FailureCode, Record<Language, string>> = FAILURES

/** A failed login; `more` goes into the info. */
export function fail(code: FailureCode, more: Partial<FailureInfo> = {}): Failure {
  const { state, ...rest } = more
  const info = { ...rest, message: rest.message ?? MESSAGES[code].en, code }
  return {
    verb: 'fail',
    info: state === undefined ? info : { ...info, state },
    status: STATUS[code],
  }
}

/** A request that is malformed; the person who wrote it reads what about it. */
export function malformed(what: string): Failure {
  return fail('parameters_malformed', { message: `${MESSAGES.parameters_malformed.en} ${what}` })
}

/** Tells a code that OneAccess refuses, which is the person's, from every other error. */
export function codeRefused(error: unknown): 'refused' {
  if (error instanceof OneAccessError && error.code === 'code_refused') return 'refused'
  throw error
}

const CHALLENGES: Record<string, FailureCode> = {
  SOCIAL_BIND: 'social_bind',
  USER_REGISTER: 'user_register',
  MFA_AUTH: 'mfa_auth',
}

/** A 200 that is no login (docs/wire.md#log-in-with-the-code). */
export function failIncomplete(answer: IncompleteLogin, state: unknown): Failure {
  const { status, flows } = answer
  if (status === 'ACCESS_DENIED') return fail('access_denied', { state })
  const code = Object.hasOwn(CHALLENGES, status) ? CHALLENGES[status] : undefined
  if (code === undefined) return fail('login_incomplete', { status, state })
  return fail(code, isChallenge(answer) ? { challenge: { status, flows }, state } : { state })
}

/** Whether the person can finish this login, with what OneAccess wants more. */
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
      return { flow, outcome: 'fail', ...reasonOf(outcome.info), duration }
    case 'error': {
      return { flow, outcome: 'error', ...codesOf(outcome.error), duration }
    }
    default:
      return undefined
  }
}

function reasonOf({ code, detail }: FailureInfo): Pick<LoginEvent, 'code' | 'detail'> {
  return detail === undefined ? { code } : { code, detail }
}

function codesOf(error: unknown): Partial<LoginEvent> {
  if (!(error instanceof OneAccessError)) return { code: 'app' }
  const { code, step, errorCode, httpStatus, hint } = error
  return omitUndefined({ code, step, errorCode, httpStatus, hint })
}
