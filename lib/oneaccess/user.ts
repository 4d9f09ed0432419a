import { OneAccessError, type Step, unexpectedAnswer } from '../errors.js'
import { isObject, type Json, parseJson } from '../util/json.js'
import { redact } from './error-codes.js'

/** A user as OneAccess returns it; only `id` is certain. */
export interface OneAccessUser extends Record<string, unknown> {
  id: string
}

/** Reads any of the three documented responses (docs/wire.md#sso_ticket-to-user). No error repeats a secret. */
export function readUser(body: unknown, secrets: readonly string[]): OneAccessUser {
  if (!isObject(body)) throw unexpectedAnswer('verify', 'the body', 'is not a JSON object')
  const { code, message, data } = body
  if (code !== undefined && code !== null && String(code) !== '0') {
    throw new OneAccessError('refused', {
      step: 'verify',
      status: 502,
      errorCode: redact(String(code), secrets, 64),
      detail: typeof message === 'string' ? redact(message, secrets, 200) : undefined,
      hint: 'OneAccess returned no user for a ticket it had just issued: try again, then ask its support',
    })
  }
  const outer = isObject(data) ? data : body
  const user = isObject(outer.user) ? outer.user : outer
  if (!isUser(user)) throw unexpectedAnswer('verify', 'id', 'is missing, empty or not a string')
  return user
}

/**
 * The user that an id_token names. Samples show two shapes: the user's fields as claims, or as JSON
 * in the claim `api`. Undefined if the token is opaque or names no user.
 */
export function userIn(claims: Json | undefined): OneAccessUser | undefined {
  if (claims === undefined || isUser(claims)) return claims
  try {
    const user = typeof claims.api === 'string' ? parseJson(claims.api) : claims.api
    return isUser(user) ? user : undefined
  } catch {
    return undefined
  }
}

function isUser(value: unknown): value is OneAccessUser {
  return isObject(value) && typeof value.id === 'string' && value.id !== ''
}

/** The error for an id_token that names a user other than the one who logged in. */
export function wrongUserError(step: Step): OneAccessError {
  return new OneAccessError('id_token_invalid', {
    step,
    status: 502,
    detail: 'it names another user',
    hint: 'OneAccess returned an id_token that belongs to another user; it was discarded: report this to OneAccess',
  })
}
