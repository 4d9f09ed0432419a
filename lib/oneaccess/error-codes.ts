import { STATUS_CODES } from 'node:http'
import {
  OneAccessError,
  type OneAccessErrorCode,
  type OneAccessErrorDetails,
  type Step,
  unexpectedAnswer,
} from '../errors.js'
import type { HttpCall } from '../transport/message.js'
import { isObject } from '../util/json.js'
import { omitUndefined } from '../util/omit-undefined.js'
import { otherRefreshCalls } from './refresh-with.js'

type ErrorFields = Pick<OneAccessErrorDetails, 'errorCode' | 'detail' | 'httpStatus'>

/** The error for a response that refuses a call, or that is not from OneAccess at all. */
export function refusalOf(
  call: HttpCall,
  httpStatus: number,
  retryAfter: string,
  body: unknown,
): OneAccessError {
  const fields: ErrorFields = { httpStatus, ...errorShapeOf(body, call.secrets) }
  const fail = (code: OneAccessErrorCode, status: number, hint: string) =>
    new OneAccessError(code, {
      step: call.step,
      status,
      hint,
      retryAfter: status === 503 ? secondsOf(retryAfter) : undefined,
      ...fields,
    })
  const known = fields.errorCode === undefined ? undefined : meaningOf(fields.errorCode, call)
  if (known && (known[0] !== 'session_ended' || canEndSession(httpStatus))) return fail(...known)
  if (httpStatus < 400) return unexpected(call, httpStatus, fields)
  const plain = meaningOfStatus(call, httpStatus)
  if (plain) return fail(...plain)
  if (isForeignCode(fields.errorCode, httpStatus) && isFromIntermediary(call, httpStatus, body)) {
    const hint = `${httpStatus} without an error code from OneAccess: ${INTERMEDIARY}`
    return fail('unexpected_answer', 502, hint)
  }
  return fail(...plainRefusal(call, httpStatus))
}

/** What the status alone says, whatever the call and the body. */
function meaningOfStatus(call: HttpCall, httpStatus: number): Meaning | undefined {
  if (httpStatus === 429) {
    return ['rate_limited', 503, 'OneAccess is limiting the rate of calls: wait, then try again']
  }
  if (httpStatus >= 500) {
    const hint = 'OneAccess failed: try again later; if it persists, contact its support'
    return ['upstream_failed', 503, hint]
  }
  if (httpStatus === 404 || httpStatus === 405) {
    const hint = `${call.path} does not exist on this host: check domain${optionHint(call)}`
    return ['misconfigured', 500, hint]
  }
  if (httpStatus !== 407) return undefined
  return ['unreachable', 503, 'the outbound proxy requires authentication: check HTTPS_PROXY']
}

/**
 * Whether a refusal with this status may mean that the session has ended. A failure, a rate limit
 * or a redirect says nothing about the session, whatever error code comes with it.
 */
function canEndSession(httpStatus: number): boolean {
  if (httpStatus === 407 || httpStatus === 429) return false
  return httpStatus < 300 || (httpStatus >= 400 && httpStatus < 500)
}

/**
 * Whether the refusal comes from something in front of OneAccess, such as a firewall's page or a
 * gateway's JSON, which says nothing about the user. OneAccess itself refuses with 400, or with an
 * error code of its own; a bare 401 or 403 can come from it only if the call has a credential.
 */
function isFromIntermediary(
  { step, headers }: HttpCall,
  httpStatus: number,
  body: unknown,
): boolean {
  if (body === UNREADABLE) return true
  if (step === 'credential' || step === 'keys') return false
  const isAuthorized = headers.Authorization !== undefined
  return httpStatus !== 400 && !(isAuthorized && (httpStatus === 401 || httpStatus === 403))
}

/**
 * Whether the error code is not OneAccess's. It documents only some of its codes, so an unknown one
 * counts as its own, except the codes of Huawei Cloud's API gateway and the name of the HTTP
 * status, which frameworks put there.
 */
function isForeignCode(errorCode: string | undefined, httpStatus: number): boolean {
  if (errorCode === undefined || errorCode.startsWith('APIG.')) return true
  return errorCode.toLowerCase() === STATUS_CODES[httpStatus]?.toLowerCase()
}

/** Represents a body that is not JSON. */
export const UNREADABLE: unique symbol = Symbol('unreadable')

const INTERMEDIARY = 'look for a firewall or proxy in front of OneAccess that blocks the call'

function unexpected(call: HttpCall, httpStatus: number, fields: ErrorFields): OneAccessError {
  if (httpStatus >= 300) {
    return unexpectedAnswer(
      call.step,
      'the HTTP status',
      `is ${httpStatus}, and redirects are not followed`,
    )
  }
  if (fields.errorCode === undefined) {
    return unexpectedAnswer(call.step, 'the body', 'is not JSON')
  }
  const [code, status, hint] = plainRefusal(call, httpStatus)
  return new OneAccessError(code, { step: call.step, status, hint, ...fields })
}

type Meaning = [code: OneAccessErrorCode, status: number, hint: string]

const CLIENT_ID: Meaning = [
  'misconfigured',
  500,
  'OneAccess does not know the client id: check clientID',
]
const INCOMPLETE: Meaning = [
  'request_incomplete',
  500,
  'OneAccess says a value is missing from the request: check the option device; if you do not set it, report a bug in this package',
]
const ENDED: Meaning = ['session_ended', 401, 'the session at OneAccess has ended: log in again']
const BUSY: Meaning = ['busy', 503, 'OneAccess is busy: try again later']
const STATE_TOKEN: Meaning = ['state_token_refused', 401, 'this login has expired: start it again']
const PUZZLE: Meaning = [
  'puzzle_refused',
  400,
  'the puzzle was not solved correctly: show a new one',
]
const NOT_SENT: Meaning = [
  'code_not_sent',
  400,
  'OneAccess did not send the code: show a new puzzle; if it keeps failing, check errorCode',
]
const SPENT: Meaning = [
  'credential_spent',
  503,
  'OneAccess refused an access token it had just issued: try again; if it persists, contact its support',
]
const SIGNATURE: Meaning = [
  'signature_refused',
  503,
  'OneAccess refused a signature made with the public key and time it had just returned: try again; if it persists, contact its support',
]
const KEYS: Meaning = [
  'misconfigured',
  500,
  'the keys that verify id_tokens could not be fetched: check idToken.jwksUri',
]
const CREDENTIAL: Meaning = [
  'credential_refused',
  500,
  'OneAccess refused the API credential: check clientID and clientSecret, or the option credential',
]

const CODE: Meaning = ['code_refused', 401, 'OneAccess refused the code from Alipay: log in again']
const FORBIDDEN: Meaning = [
  'misconfigured',
  500,
  'the API credential is not allowed to make this call: check credential, and the API permissions of the application',
]

/** docs/wire.md#error-codes. Codes are opaque: there are three families, and the same number means different things in each. */
const MEANINGS: Record<string, Meaning> = {
  'IDAAS.SDK.PARAM.0001': INCOMPLETE,
  'IDAAS.SDK.PARAM.0002': CLIENT_ID,
  'IDAAS.SDK.PARAM.0003': CLIENT_ID,
  'IDAAS.SDK.PARAM.0022': INCOMPLETE,
  'IDAAS.SDK.PARAM.0023': ENDED,
  'IDAAS.SDK.COM.0002': BUSY,
  'IDAAS.TENANT.COM.0002': BUSY,
  'SDK.COMMON.1008': BUSY,
  'SDK.COMMON.1003': INCOMPLETE,
  'SDK.COMMON.1012': CLIENT_ID,
  'APP.0001': CLIENT_ID,
  'APP.0002': CLIENT_ID,
  'PARAM.0013': STATE_TOKEN,
  'PARAM.0014': STATE_TOKEN,
  'IDAAS.SDK.COMMON.1007': STATE_TOKEN,
  'PARAM.0030': SIGNATURE,
  'PARAM.0031': INCOMPLETE,
  'IDAAS.SDK.CAPTCHA.0002': PUZZLE,
  'IDAAS.SDK.CAPTCHA.0006': NOT_SENT,
  invalid_token: SPENT,
  invalid_client: CREDENTIAL,
  unauthorized: CREDENTIAL,
}

function meaningOf(errorCode: string, { step, headers }: HttpCall): Meaning | undefined {
  if (errorCode === 'SDK.COMMON.1005') return expiredAt(step)
  const meaning = Object.hasOwn(MEANINGS, errorCode) ? MEANINGS[errorCode] : undefined
  // OAuth's words may be a gateway's, where the call has no credential that could be refused
  const isOfCredential = meaning === SPENT || meaning === CREDENTIAL
  if (isOfCredential && step !== 'credential' && headers.Authorization === undefined)
    return undefined
  return meaning
}

function expiredAt(step: Step): Meaning {
  if (step === 'login') return CODE
  if (step === 'refresh' || step === 'ticket') {
    return ENDED
  }
  return ['refused', 401, 'a value in the request has expired: start again']
}

/** A 4xx without a documented error code: what it means depends on the call (docs/wire.md#error-codes). */
function plainRefusal({ step, headers }: HttpCall, httpStatus: number): Meaning {
  if (step === 'login') return CODE
  if (step === 'credential') return CREDENTIAL
  if (step === 'keys') return KEYS
  if (headers.Authorization !== undefined) {
    if (httpStatus === 401) return SPENT
    if (httpStatus === 403) return FORBIDDEN
  }
  if (step === 'ticket' || step === 'verify') {
    return [
      'refused',
      502,
      `OneAccess refused the ${step} call right after accepting the login: see errorCode, and contact its support if it persists`,
    ]
  }
  if (step === 'captcha-verify') return PUZZLE
  if (step === 'send-code') return NOT_SENT
  return ['refused', 401, `OneAccess refused the ${step} call`]
}

function optionHint({ step, path }: HttpCall): string {
  if (step === 'keys') return ' and idToken.jwksUri'
  if (step === 'login') return ' and loginVersion'
  if (step !== 'refresh' && step !== 'signature') return ''
  const others = otherRefreshCalls(path).join(' or ')
  return `, or set refreshWith to ${others}${step === 'signature' ? ' and leave upstreamLogout off' : ''}`
}

/** Reads both documented shapes: `error_code`/`error_msg` and `error`/`error_description`. */
function errorShapeOf(body: unknown, secrets: readonly string[]): ErrorFields {
  if (!isObject(body)) return {}
  const code = [body.error_code, body.error].find((one) => typeof one === 'string' && one !== '')
  const message = [body.error_msg, body.error_description].find((one) => typeof one === 'string')
  return omitUndefined({
    errorCode: typeof code === 'string' ? redact(code, secrets, 64) : undefined,
    detail: typeof message === 'string' ? redact(message, secrets, 200) : undefined,
  })
}

/** Removes secrets from text for an error, because OneAccess may repeat what it was sent. */
export function redact(text: string, secrets: readonly string[], length: number): string {
  const forms = secrets.flatMap(encodingsOf).filter((form) => form.length > 3)
  const longest = Math.max(0, ...forms.map((form) => form.length))
  // cut before searching: a message may be as long as a response
  let clean = text.slice(0, length + longest).replace(FULL_WIDTH, toHalfWidth)
  for (const form of forms) clean = clean.replaceAll(form, '***')
  // the cut may have left part of a secret at the end
  if (text.length > length + longest) clean = clean.slice(0, -longest || undefined)
  return clean
    .replace(/[^\x20-\x7e\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]/gu, '?')
    .replace(/[\w.+-]+@[\w.-]+/g, '***')
    .replace(/[\w+/=-]{24,}|\d(?:[ ().-]{0,2}\d){5,}/g, '***')
    .slice(0, length)
}

/** Digits, letters and the signs in numbers and email addresses, as Chinese keyboards write them. */
const FULL_WIDTH = /[\uff0b\uff0d\uff0e\uff10-\uff19\uff20-\uff3a\uff41-\uff5a]/g

function toHalfWidth(wide: string): string {
  return String.fromCharCode(wide.charCodeAt(0) - 0xfee0)
}

/** A secret as it is, and as encoded in a form or a URL. */
function encodingsOf(secret: string): string[] {
  const form = new URLSearchParams({ '': secret }).toString().slice(1)
  const encodable = secret.replace(/\p{Surrogate}/gu, '\ufffd') // a lone one throws
  return [secret, form, encodeURIComponent(encodable)]
}

/** A day, in seconds. */
const LONGEST_WAIT = 86_400

function secondsOf(retryAfter: string): number | undefined {
  if (/^\d+$/.test(retryAfter)) return Math.min(Number(retryAfter), LONGEST_WAIT)
  if (!retryAfter.endsWith(' GMT')) return undefined // Date.parse takes '1.5' for a day in 2001
  const date = Date.parse(retryAfter)
  if (Number.isNaN(date)) return undefined
  return Math.min(Math.max(Math.ceil((date - Date.now()) / 1000), 0), LONGEST_WAIT)
}
