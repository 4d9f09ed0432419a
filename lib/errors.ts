import { errorMessage } from './messages.js'

/** The call or the component where something went wrong. */
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
 * What went wrong; switch on it. The README says what to do about each code.
 * The groups say whose fault it is: the network or OneAccess, the configuration, the user or nobody,
 * the app.
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

/** The parts of an error; see the fields of `OneAccessError`. */
export interface OneAccessErrorDetails {
  step: Step
  hint: string
  status: number
  /** A message for the user that is more specific than the default one. */
  publicMessage?: string | undefined
  /** What OneAccess or the system said, with secrets removed. */
  detail?: string | undefined
  errorCode?: string | undefined
  httpStatus?: number | undefined
  retryAfter?: number | undefined
  /** The system's own error code, such as `ECONNREFUSED`. */
  cause?: string | undefined
}

/**
 * Every failure that is not the user's own. No field holds a secret (a code, ticket, token, phone number
 * or credential), so it is safe to log the whole error.
 *
 * Express's default error handler responds with `status` and, where known, `Retry-After`.
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
  /** The call or the component where it went wrong. */
  readonly step: Step
  /** The HTTP status that the app should respond with. */
  readonly status: number
  /** What to do about it. */
  readonly hint: string
  /**
   * A sentence that is safe to show to the user: it reveals nothing about the app. In Chinese if the
   * browser prefers it; see the option `messages`.
   */
  readonly publicMessage: string
  /** OneAccess's own error code, or Alipay's for `alipay_error`: an opaque string. */
  readonly errorCode?: string
  /** What OneAccess said, or what is wrong with its response; also in `message`. */
  readonly detail?: string
  /** The HTTP status of OneAccess's response, if there was one. */
  readonly httpStatus?: number
  /** Seconds to wait before another attempt, where known. */
  readonly retryAfter?: number
  /** Headers that Express's default error handler adds to the response. */
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
    if (details.detail !== undefined) this.detail = details.detail
    if (details.httpStatus !== undefined) this.httpStatus = details.httpStatus
    if (details.retryAfter !== undefined) {
      this.retryAfter = details.retryAfter
      this.headers = { 'Retry-After': String(details.retryAfter) }
    }
  }
}

/** The error for a response that does not match the documentation; names the step and the field. */
export function unexpectedAnswer(step: Step, field: string, found: string): OneAccessError {
  return new OneAccessError('unexpected_answer', {
    step,
    status: 502,
    detail: `${field} ${found}`,
    hint: `OneAccess's response to the ${step} call does not match its documentation: check ${field}`,
  })
}
