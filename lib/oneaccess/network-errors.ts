import { OneAccessError, type OneAccessErrorCode, unexpectedAnswer } from '../errors.js'
import { ExchangeError, type HttpCall } from '../transport/message.js'
import { isObject } from '../util/json.js'

/** The error for a call without a response. */
export function networkErrorOf(call: HttpCall, error: unknown): OneAccessError {
  const cause = systemCodeOf(error)
  const fail = (code: OneAccessErrorCode, status: number, hint: string) =>
    new OneAccessError(code, { step: call.step, status, hint, cause })
  if (error instanceof ExchangeError && error.code === 'ERR_PROXY_SETTING') {
    return fail('misconfigured', 500, error.message)
  }
  if (error instanceof ExchangeError && error.code === 'ERR_PROXY_REFUSED') {
    return fail('unreachable', 503, error.message)
  }
  if (cause === 'ERR_CANCELED' || cause === 'ECONNABORTED') {
    return fail(
      'timeout',
      504,
      cause === 'ECONNABORTED'
        ? "no complete response within the timeout of the app's axios instance: raise it in the option http"
        : `no complete response within ${call.deadline} ms: see the option timeouts`,
    )
  }
  if (/^(?:UND_ERR_INVALID_ARG|ERR_INVALID_CHAR)$/.test(cause)) {
    return fail('misconfigured', 500, UNSENDABLE)
  }
  if (/CERT|UNABLE_TO_|SELF_SIGNED|ERR_TLS|ERR_SSL|EPROTO/.test(cause)) {
    return fail('tls_untrusted', 503, tlsHint(cause, rootCauseOf(error)))
  }
  if (
    /ECONNREFUSED|ENOTFOUND|EAI_|EHOST|ENET|EADDR|CONNECT_TIMEOUT/.test(cause) ||
    wasConnecting(error)
  ) {
    return fail('unreachable', 503, 'check the option domain, DNS, and outbound network access')
  }
  if (/^HPE_|ERR_BAD_RESPONSE|ERR_FR_|Z_|ERR_ZLIB|ERR__ERROR/.test(cause) && !endedInBody(error)) {
    return unexpectedAnswer(call.step, 'the answer', 'is too large or is not well-formed HTTP')
  }
  return fail(
    'connection_lost',
    503,
    'the connection was lost before the response was complete: try again',
  )
}

const UNSENDABLE =
  'a value for the call cannot be sent in a header, so it was not sent: use visible ASCII characters, above all in device'

const UNTRUSTED =
  'the certificate of the domain is not trusted here: check the option domain, or set NODE_EXTRA_CA_CERTS'

/** Hints for a failed handshake, by OpenSSL's reason as Node passes it on. */
const TLS_HINTS: [words: RegExp, hint: string][] = [
  [
    /ALTNAME/,
    'the certificate is for another host name: check the option domain, and what DNS resolves it to',
  ],
  [
    /HAS_EXPIRED|NOT_YET_VALID/,
    "the certificate has expired or is not valid yet: check this machine's clock, then contact the operator of the domain",
  ],
  [
    /CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE|ALERT_CERTIFICATE|ALERT_UNKNOWN_CA|ALERT_HANDSHAKE_FAILURE/,
    'the server requires a client certificate, or refused yours: pass an httpsAgent with cert and key in the option http',
  ],
  [
    /VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS|PACKET_LENGTH|HTTP_REQUEST/,
    'no TLS version in common, or the port does not speak TLS: check the port in the option domain, and that the server supports TLS 1.2',
  ],
]

function tlsHint(code: string, error: unknown): string {
  // EPROTO alone says nothing; the reason is in the message
  const reason =
    error instanceof Error ? error.message.toUpperCase().replace(/[^A-Z0-9]+/g, '_') : ''
  const words = code === 'EPROTO' ? reason.slice(0, 400) : code
  return TLS_HINTS.find(([pattern]) => pattern.test(words))?.[1] ?? UNTRUSTED
}

function systemCodeOf(error: unknown): string {
  if (!isObject(error) && !(error instanceof Error)) return 'UNKNOWN'
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : 'UNKNOWN'
}

/** axios has one code both for a response that is too large and for a truncated one; only the latter has a response. */
function endedInBody(error: unknown): boolean {
  return isAxiosError(error) && error.code === 'ERR_BAD_RESPONSE' && error.response !== undefined
}

/** Checks the same flag as axios itself: axios need not be loaded, and the app may have another copy. */
function isAxiosError(error: unknown): error is Error & { code?: unknown; response?: unknown } {
  return error instanceof Error && 'isAxiosError' in error && error.isAxiosError === true
}

function rootCauseOf(error: unknown): unknown {
  return isAxiosError(error) ? error.cause : error
}

/** Whether it failed before anything was sent: connecting to one or all addresses, or in the TLS handshake. */
function wasConnecting(error: unknown): boolean {
  const root = rootCauseOf(error)
  if (!(root instanceof Error)) return false
  if (root instanceof AggregateError) return root.errors.every(wasConnecting)
  const isConnect = 'syscall' in root && root.syscall === 'connect'
  return isConnect || root.message.includes('before secure TLS connection was established')
}
