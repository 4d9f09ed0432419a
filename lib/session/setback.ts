import { OneAccessError, type OneAccessErrorCode } from '../errors.js'
import type { EndReason, TokenRecord } from './record.js'

/**
 * What a failed renewal means for the record.
 * - `definitive`: OneAccess no longer knows the session token.
 * - `transient`: the token was not used up; try again later.
 * - `ambiguous`: sent, and no usable answer: the token may have been replaced.
 * - `bounded`: refused with a code that nobody documents; try again, but not for ever.
 */
export type Verdict = 'definitive' | 'transient' | 'ambiguous' | 'bounded'

const TRANSIENT: ReadonlySet<OneAccessErrorCode> = new Set([
  'unreachable',
  'busy',
  'rate_limited',
  'tls_untrusted',
  'misconfigured',
  'credential_refused',
  'credential_spent',
  'request_incomplete',
])

export function verdictOn(error: unknown): Verdict {
  if (!(error instanceof OneAccessError)) return 'ambiguous'
  if (error.code === 'session_ended') return 'definitive'
  if (error.step === 'credential' || TRANSIENT.has(error.code)) return 'transient'
  return error.code === 'refused' ? 'bounded' : 'ambiguous'
}

/** So often may OneAccess refuse with an undocumented code before the login is over. */
export const MOST_REFUSALS = 5

const LONGEST = 60_000

/** When to try again: later each time, with jitter, and never before OneAccess wants. */
export function setbackAfter(record: TokenRecord, error: unknown): TokenRecord['setback'] & object {
  const count = (record.setback?.count ?? 0) + 1
  const { code, retryAfter } =
    error instanceof OneAccessError ? error : { code: 'connection_lost', retryAfter: undefined }
  const backoff = Math.min(1_000 * 2 ** (count - 1), LONGEST) * (0.5 + Math.random() / 2)
  const asked = Math.min((retryAfter ?? 0) * 1000, 5 * LONGEST)
  return { count, notBefore: Date.now() + Math.max(backoff, asked), code }
}

/** The error for who needs a token while the renewal is set back; undefined when it is not. */
export function setbackError(record: TokenRecord): OneAccessError | undefined {
  const { setback } = record
  if (setback === undefined) return undefined
  const wait = setback.notBefore - Date.now()
  if (wait <= 0 || wait > 5 * LONGEST) return undefined
  return new OneAccessError(setback.code as OneAccessErrorCode, {
    step: 'refresh',
    status: 503,
    retryAfter: Math.ceil(wait / 1000),
    hint: 'the last renewal of the id_token failed, and the next is due in a moment',
  })
}

/** The error for a login that is over. */
export function endedError(reason: EndReason): OneAccessError {
  return new OneAccessError('session_ended', {
    step: 'session',
    status: 401,
    detail: reason,
    hint: 'this login is over: log in again',
  })
}
