import type { OneAccessError, Step } from '../errors.js'
import { isObject, parseJson, ResponseReader } from '../util/json.js'
import { omitUndefined } from '../util/omit-undefined.js'
import { claimsOf } from './id-token.js'
import { userIn } from './user.js'

/** A session at OneAccess: its tokens. */
export interface SessionResponse {
  sessionToken: string
  idToken?: string
  /** The user id in the id_token, if it has one. */
  userID?: string
  /** Why a refresh discarded the id_token that it received, such as an invalid signature. */
  idTokenError?: OneAccessError
  /** The session token's remaining lifetime, in seconds. */
  expiresIn?: number
}

/** A login that OneAccess refuses, or that requires another step. */
export interface IncompleteLogin {
  status: string
  session?: undefined
  stateToken?: string
  /** The methods that OneAccess offers, such as `VERIFY_PHONE`. */
  flows: string[]
}

/** A login response. The login is complete only if it has a session. */
export type LoginResponse = { status: 'SUCCESS'; session: SessionResponse } | IncompleteLogin

/** A slider puzzle (docs/wire.md#first-logins-and-second-factors). */
export interface CaptchaResponse {
  token: string
  /** Base64 of the picture, without a `data:` prefix. */
  picture: string
  /** Base64 of the piece. */
  piece: string
  captchaID?: string
}

export function readCaptcha(body: unknown): CaptchaResponse {
  const answer = new ResponseReader('captcha', body)
  const captchaID = answer.optionalText('captchaId')
  return omitUndefined({
    token: answer.token('token'),
    picture: answer.base64('originalImageBase64'),
    piece: answer.base64('jigsawImageBase64'),
    captchaID,
  })
}

/** A 200 response is a login only with `SUCCESS` and a session token (docs/wire.md#log-in-with-the-code). */
export function readLogin(step: Step, body: unknown): LoginResponse {
  const answer = new ResponseReader(step, body)
  const status = answer.text('status')
  if (status === 'SUCCESS') return { status, session: readSession(answer) }
  const stateToken = answer.optionalToken('state_token')
  return omitUndefined({
    status: status.replace(/[^\w.-]/g, '?').slice(0, 64),
    stateToken,
    flows: flowsOf(answer.optionalText('data')),
  })
}

function readSession(answer: ResponseReader): SessionResponse {
  const sessionToken = answer.token('session_token')
  const idToken = answer.optionalToken('id_token')
  return sessionOf(sessionToken, idToken, answer.optionalSeconds('expire'))
}

/**
 * A refresh that leaves the session token as it is need not repeat it. A new session token replaces the
 * old one for good, so it is kept even if another field of the response is malformed.
 */
export function readRefreshed(answer: ResponseReader, presented: string): SessionResponse {
  const sessionToken = answer.optionalToken('session_token') ?? presented
  const idToken = unlessMalformed(() => answer.optionalToken('id_token'))
  const expiresIn = unlessMalformed(() => answer.optionalSeconds('expire'))
  return sessionOf(sessionToken, idToken, expiresIn)
}

/** The signed refresh returns only an id_token: the session token and its expiry stay as they are. */
export function readSignedRefresh(answer: ResponseReader, presented: string): SessionResponse {
  return sessionOf(presented, answer.token('id_token'), undefined)
}

function sessionOf(
  sessionToken: string,
  idToken: string | undefined,
  expiresIn: number | undefined,
): SessionResponse {
  const session: SessionResponse = { sessionToken }
  if (idToken) session.idToken = idToken
  const userID = userIn(claimsOf(session)?.claims)?.id
  if (userID) session.userID = userID
  if (expiresIn !== undefined) session.expiresIn = expiresIn
  return session
}

function unlessMalformed<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** `data` is JSON in a string, such as `{"socialBindOrRegisterFlow":["VERIFY_PHONE"]}`. */
function flowsOf(data: string | undefined): string[] {
  try {
    const parsed = parseJson(data ?? '')
    const lists = isObject(parsed) ? Object.values(parsed) : [parsed]
    return lists
      .flat()
      .filter((flow): flow is string => typeof flow === 'string' && /^\w{1,40}$/.test(flow))
      .slice(0, 10)
  } catch {
    return []
  }
}
