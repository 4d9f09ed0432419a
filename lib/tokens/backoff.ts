import { OneAccessError, type OneAccessErrorCode, type Step } from '../errors.js'
import type { Backoff, EndReason, TokenRecord } from './record.js'

/**
 * What a failed renewal means for the record.
 * - `definitive`: OneAccess no longer knows the session token.
 * - `transient`: the token was not used up; try again later. So is a refusal without a code, or with
 *   one that nobody documents: gateways refuse like that, too.
 * - `ambiguous`: sent, and no usable answer: the token may have been replaced.
 */
export type FailureKind = 'definitive' | 'transient' | 'ambiguous'

const TRANSIENT: ReadonlySet<OneAccessErrorCode> = new Set([
  'unreachable',
  'busy',
  'rate_limited',
  'tls_untrusted',
  'misconfigured',
  'credential_refused',
  'credential_spent',
  'signature_refused',
  'request_incomplete',
  'refused',
])

/** Calls that come before the session token is presented. */
const BEFORE: ReadonlySet<Step> = new Set<Step>(['credential', 'keys', 'signature'])

export function failureKindOf(error: unknown): FailureKind {
  if (!(error instanceof OneAccessError)) return 'ambiguous'
  if (BEFORE.has(error.step) || TRANSIENT.has(error.code)) return 'transient'
  if (error.code === 'session_ended') return 'definitive'
  const { errorCode, httpStatus = 0 } = error
  const isPage = errorCode === undefined && httpStatus >= 400 && httpStatus < 500
  return isPage ? 'transient' : 'ambiguous'
}

const LONGEST = 60_000
/** What OneAccess asks for counts up to this, and with jitter up to twice as much. */
const LONGEST_ASKED = 5 * LONGEST
/** Clocks of two processes may differ by so much. */
const CLOCKS_APART = 10_000

/** When to try again: later each time, with jitter, and never before OneAccess wants. */
export function backoffAfter({ setback }: TokenRecord, error: unknown): Backoff {
  const count = (setback?.count ?? 0) + 1
  const backoff = Math.min(1_000 * 2 ** (count - 1), LONGEST) * (0.5 + Math.random() / 2)
  const { code, retryAfter = 0 } = error instanceof OneAccessError ? error : { code: LOST }
  const asked = Math.min(retryAfter * 1000, LONGEST_ASKED)
  const since = Date.now()
  // else all who were told to wait would come back in the same second
  const notBefore = since + Math.max(backoff, asked * (1 + Math.random()))
  // a refusal after which the record lives on is no end, and an app switches on the code
  return { count, since, notBefore, code: code === 'session_ended' ? LOST : code }
}

/** Milliseconds until the next try; 0 too when whoever wrote it has another clock, and nobody knows how long. */
export function backoffLeft({ setback }: TokenRecord): number {
  if (setback === undefined) return 0
  const { notBefore, since = notBefore - 2 * LONGEST_ASKED } = setback
  const left = notBefore - Date.now()
  return left > notBefore - since + CLOCKS_APART ? 0 : Math.max(left, 0)
}

const LOST = 'connection_lost'

/** The error for who needs a token while renewals are set back; undefined when they are not. */
export function backoffError(record: TokenRecord): OneAccessError | undefined {
  if (record.setback === undefined || backoffLeft(record) === 0) return undefined
  return notNow(
    record.setback,
    'the last refresh failed and the next attempt is due shortly: retry after the Retry-After header',
  )
}

/**
 * The error for who has waited for a renewal that failed. Whatever OneAccess said, it is no failure
 * of the person's: 503, and when to come again.
 */
export function renewalFailed(setback: Backoff, error: unknown): OneAccessError {
  if (!(error instanceof OneAccessError)) return notNow(setback, 'the refresh failed')
  if (error.code === 'session_ended') return notNow(setback, REFUSED, error)
  return notNow(setback, error.hint, error)
}

/** A refusal after which the record lives on for a while. */
const REFUSED =
  'OneAccess refused the session token; a process that has not saved yet may hold the one that replaced it, so the login is kept for a moment more'

function notNow(setback: Backoff, hint: string, error?: OneAccessError): OneAccessError {
  return new OneAccessError(setback.code as OneAccessErrorCode, {
    step: error?.step ?? 'refresh',
    status: 503,
    retryAfter: Math.max(Math.ceil((setback.notBefore - Date.now()) / 1000), 1),
    hint,
    errorCode: error?.errorCode,
    httpStatus: error?.httpStatus,
    cause: error?.message,
  })
}

/** The error for a login that is over. */
export function endedError(reason: EndReason): OneAccessError {
  return new OneAccessError('session_ended', {
    step: 'session',
    status: 401,
    detail: reason,
    hint: 'this login has ended: log in again',
  })
}

/** The error for who waited in vain for the process that holds the lease. */
export function leaseHeldTooLong(): OneAccessError {
  return new OneAccessError('timeout', {
    step: 'refresh',
    status: 503,
    retryAfter: 1,
    hint: 'another process holds the lease but does not refresh the record: check that process',
  })
}

/** The error for who has to wait for a turn, because many come back at once after an outage. */
export function rateLimitedLocally(): OneAccessError {
  return new OneAccessError('busy', {
    step: 'refresh',
    status: 503,
    retryAfter: 2 + Math.floor(Math.random() * 6),
    hint: 'OneAccess is back after an outage and refreshes are rate-limited for a while: no action is needed',
  })
}

/** The error for an id_token that is over as soon as it is given. */
export function expiredTokenIssued(): OneAccessError {
  return new OneAccessError('unexpected_answer', {
    step: 'refresh',
    status: 503,
    retryAfter: 1,
    hint: 'OneAccess issues id_tokens that have already expired: check their lifetime and the clocks',
  })
}
