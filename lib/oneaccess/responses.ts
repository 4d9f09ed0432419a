import type { OneAccessError, Step } from '../errors.js'
import { isObject, parseJson, ResponseReader } from '../util/json.js'
import { omitUndefined } from '../util/omit-undefined.js'
import { claimsOf } from './id-token.js'
import { userIn } from './user.js'

/** What a session at OneAccess is held by. */
export interface SessionResponse {
  sessionToken: string
  idToken?: string
  /** The id of the user whom the id_token that came names, if it names one. */
  userID?: string
  /** Why a refresh leaves out the id_token that came: its signature, say, is wrong. */
  idTokenError?: OneAccessError
  /** The session token's life in seconds, from now. */
  expiresIn?: number
}

/** A login that OneAccess wants more for, or refuses. */
export interface IncompleteLogin {
  status: string
  session?: undefined
  stateToken?: string
  /** What is offered, such as `VERIFY_PHONE`. */
  flows: string[]
}

/** A login is complete only when it has a session. */
export type LoginResponse = { status: 'SUCCESS'; session: SessionResponse } | IncompleteLogin

/** A slider puzzle (docs/wire.md#first-logins-and-second-factors): where does the piece belong in the picture? */
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

/** 200 is not a login: only `SUCCESS` with a session token is (docs/wire.md#log-in-with-the-code). */
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
 * A refresh may leave the session token as it is, and then need not repeat it. A new one is all that
 * opens the session from now on, so it is kept though what stands beside it is malformed.
 */
export function readRefreshed(answer: ResponseReader, presented: string): SessionResponse {
  const sessionToken = answer.optionalToken('session_token') ?? presented
  const idToken = unlessMalformed(() => answer.optionalToken('id_token'))
  const expiresIn = unlessMalformed(() => answer.optionalSeconds('expire'))
  return sessionOf(sessionToken, idToken, expiresIn)
}

/** The signed refresh answers an id_token alone: the session token and its end stay as they are. */
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
