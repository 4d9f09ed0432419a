import { errorMessage } from './messages.js'

/** The call or the part at which something went wrong. */
export type Step =
  | 'consent'
  | 'credential'
  | 'login'
  | 'ticket'
  | 'verify'
  | 'refresh'
  | 'keys'
  | 'signature'
  | 'captcha'
  | 'captcha-verify'
  | 'send-code'
  | 'bind'
  | 'register'
  | 'second-factor'
  | 'mobile'
  | 'logout'
  | 'app'
  | 'session'
  | 'store'

/**
 * What went wrong, in one word to switch on. The README lists each with what to do.
 * Whose fault: the network's or OneAccess's (first group), the configuration's (second),
 * the person's or nobody's (third), the app's (fourth).
 */
export type OneAccessErrorCode =
  | 'unreachable'
  | 'connection_lost'
  | 'timeout'
  | 'busy'
  | 'rate_limited'
  | 'upstream_failed'
  | 'unexpected_answer'
  | 'id_token_invalid'
  //
  | 'misconfigured'
  | 'alipay_error'
  | 'credential_refused'
  | 'credential_spent'
  | 'signature_refused'
  | 'request_incomplete'
  | 'tls_untrusted'
  //
  | 'refused'
  | 'code_refused'
  | 'session_ended'
  | 'state_token_refused'
  | 'puzzle_refused'
  | 'code_not_sent'
  | 'input_malformed'
  | 'not_logged_in'
  | 'other_strategy'
  //
  | 'session_missing'
  | 'session_not_regenerated'
  | 'serializer_missing'
  | 'middleware_order'
  | 'passport_session_missing'
  | 'verify_timeout'
  | 'store_failed'

/** What an error is made of; see the fields of `OneAccessError`. */
export interface OneAccessErrorDetails {
  step: Step
  hint: string
  status: number
  /** A message that a person may read, where it says more than the general one. */
  publicMessage?: string | undefined
  /** What OneAccess or the system said, already free of secrets. */
  detail?: string | undefined
  errorCode?: string | undefined
  httpStatus?: number | undefined
  retryAfter?: number | undefined
  /** The system's own error code, such as `ECONNREFUSED`. */
  cause?: string | undefined
}

/**
 * Every failure that is not the person's. It holds no secret: no code, ticket, token, phone number
 * or credential, in no field, so it may be logged whole.
 *
 * Express's own error handler answers it with `status` and, where known, `Retry-After`.
 *
 * @example
 * app.use((error: unknown, _req: Request, res: Response, next: NextFunction) => {
 *   if (!(error instanceof OneAccessError)) return next(error)
 *   console.error(error)
 *   res.status(error.status).send(error.publicMessage)
 * })
 */
export class OneAccessError extends Error {
  override readonly name = 'OneAccessError'
  /** What went wrong; switch on this. */
  readonly code: OneAccessErrorCode
  /** At which call or part. */
  readonly step: Step
  /** The HTTP status with which an app should answer. */
  readonly status: number
  /** What to do about it. */
  readonly hint: string
  /**
   * A sentence that may be shown to a person: it tells nothing of how the app is made. In Chinese for
   * a browser that prefers it; see the option `messages`.
   */
  readonly publicMessage: string
  /** OneAccess's own code, or Alipay's for `alipay_error`, as it came: an opaque string. */
  readonly errorCode?: string
  /** The HTTP status with which OneAccess answered, if it did. */
  readonly httpStatus?: number
  /** Seconds after which another try makes sense, where known. */
  readonly retryAfter?: number
  /** Headers that Express's error handler adds to the answer. */
  readonly headers?: Record<string, string>

  constructor(code: OneAccessErrorCode, details: OneAccessErrorDetails) {
    super(
      `${details.step}: ${code}${details.errorCode ? ` ${details.errorCode}` : ''}` +
        `${details.detail ? ` (${details.detail})` : ''}: ${details.hint}`,
      details.cause ? { cause: new Error(details.cause) } : undefined,
    )
    this.code = code
    this.step = details.step
    this.status = details.status
    this.hint = details.hint
    this.publicMessage =
      details.publicMessage ?? errorMessage({ code, status: details.status }, 'en')
    if (details.errorCode !== undefined) this.errorCode = details.errorCode
    if (details.httpStatus !== undefined) this.httpStatus = details.httpStatus
    if (details.retryAfter !== undefined) {
      this.retryAfter = details.retryAfter
      this.headers = { 'Retry-After': String(details.retryAfter) }
    }
  }
}

/** The error for an answer that breaks the documented API: names the step and the field. */
export function unexpectedAnswer(step: Step, field: string, found: string): OneAccessError {
  return new OneAccessError('unexpected_answer', {
    step,
    status: 502,
    detail: `${field} ${found}`,
    hint: `OneAccess answered the ${step} call with something that its documentation does not allow, look at ${field}`,
  })
}
