import { OneAccessError, type OneAccessErrorCode, type Step } from '../errors.js'
import type { Backoff, EndReason, TokenRecord } from './record.js'

/**
 * What a failed refresh means for the record.
 * - `definitive`: OneAccess no longer knows the session token.
 * - `transient`: the token was not used up; try again later. This includes a refusal without an error
 *   code or with an undocumented one, because gateways refuse like that too.
 * - `ambiguous`: sent, but without a usable response: the token may have been replaced.
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

/** Calls that are made before the session token is presented. */
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
/** A Retry-After counts up to this; jitter may double it. */
const LONGEST_ASKED = 5 * LONGEST
/** How far the clocks of two processes may differ. */
const CLOCKS_APART = 10_000

/** When to try again: later each time, with jitter, and never earlier than OneAccess asks. */
export function backoffAfter({ setback }: TokenRecord, error: unknown): Backoff {
  const count = (setback?.count ?? 0) + 1
  const backoff = Math.min(1_000 * 2 ** (count - 1), LONGEST) * (0.5 + Math.random() / 2)
  const { code, retryAfter = 0 } = error instanceof OneAccessError ? error : { code: LOST }
  const asked = Math.min(retryAfter * 1000, LONGEST_ASKED)
  const since = Date.now()
  // otherwise all clients that were told to wait would come back in the same second
  const notBefore = since + Math.max(backoff, asked * (1 + Math.random()))
  // a refusal that the record survives is not an end, and apps switch on the code
  return { count, since, notBefore, code: code === 'session_ended' ? LOST : code }
}

/** Milliseconds until the next attempt; 0 also if the clock of the process that wrote it must be wrong. */
export function backoffLeft({ setback }: TokenRecord): number {
  if (setback === undefined) return 0
  const { notBefore, since = notBefore - 2 * LONGEST_ASKED } = setback
  const left = notBefore - Date.now()
  return left > notBefore - since + CLOCKS_APART ? 0 : Math.max(left, 0)
}

const LOST = 'connection_lost'

/** The error for a request that needs a token during the backoff; undefined if there is none. */
export function backoffError(record: TokenRecord): OneAccessError | undefined {
  if (record.setback === undefined || backoffLeft(record) === 0) return undefined
  return tryLaterError(
    record.setback,
    'the last refresh failed and the next attempt is due shortly: try again after the time in Retry-After',
  )
}

/**
 * The error for a request that waited for a refresh that failed. Whatever OneAccess said, it is not the
 * user's fault: 503, and when to try again.
 */
export function renewalFailed(setback: Backoff, error: unknown): OneAccessError {
  if (!(error instanceof OneAccessError)) return tryLaterError(setback, 'the refresh failed')
  if (error.code === 'session_ended') return tryLaterError(setback, REFUSED, error)
  return tryLaterError(setback, error.hint, error)
}

/** The hint for a refusal that the record survives for a while. */
const REFUSED =
  'OneAccess refused the session token, but another process may hold its replacement and not have saved it yet: the login is kept for now, try again'

function tryLaterError(setback: Backoff, hint: string, error?: OneAccessError): OneAccessError {
  return new OneAccessError(setback.code as OneAccessErrorCode, {
    step: error?.step ?? 'refresh',
    status: 503,
    retryAfter: Math.max(Math.ceil((setback.notBefore - Date.now()) / 1000), 1),
    hint,
    detail: error?.detail,
    errorCode: error?.errorCode,
    httpStatus: error?.httpStatus,
    // the system's error code, as for a login
    cause: error?.cause instanceof Error ? error.cause.message : error?.message,
  })
}

/** The error for a login that has ended. */
export function endedError(reason: EndReason): OneAccessError {
  return new OneAccessError('session_ended', {
    step: 'session',
    status: 401,
    detail: reason,
    hint: 'this login has ended: log in again',
  })
}

/** The error for a request that waited for the process that holds the lease, and got nothing. */
export function leaseHeldTooLong(): OneAccessError {
  return new OneAccessError('timeout', {
    step: 'refresh',
    status: 503,
    retryAfter: 1,
    hint: 'another process holds the lease but does not refresh the record: check that process',
  })
}

/** The error for a request that must wait for its turn, because many come back at once after an outage. */
export function rateLimitedLocally(): OneAccessError {
  return new OneAccessError('busy', {
    step: 'refresh',
    status: 503,
    retryAfter: 2 + Math.floor(Math.random() * 6),
    hint: 'OneAccess is back after an outage and refreshes are rate-limited for a while: no action is needed',
  })
}

/** The error for an id_token that has already expired when OneAccess issues it. */
export function expiredTokenIssued(): OneAccessError {
  return new OneAccessError('unexpected_answer', {
    step: 'refresh',
    status: 503,
    retryAfter: 1,
    hint: 'OneAccess issues id_tokens that have already expired: check their lifetime and the clocks',
  })
}
