import { isObject, type Json, parseJson } from '../util/json.js'

/** The claims of an id_token, not verified here: it came over TLS directly from OneAccess. */
interface IDTokenClaims {
  /** Every claim as received. */
  claims: Json
  /** `exp`, in milliseconds since the epoch. */
  expiresAt?: number
  /** `iat`, in milliseconds since the epoch. */
  issuedAt?: number
}

/** Decodes an id_token (docs/wire.md#id_token); undefined if it is not a JWT, as in some samples. */
export function readIDToken(token: string): IDTokenClaims | undefined {
  const parts = token.split('.')
  const payload = parts[1]
  if (parts.length !== 3 || payload === undefined) return undefined
  try {
    const claims = parseJson(Buffer.from(payload, 'base64url').toString('utf8'))
    if (!isObject(claims)) return undefined
    const read: IDTokenClaims = { claims }
    if (isTime(claims.exp)) read.expiresAt = claims.exp * 1000
    if (isTime(claims.iat)) read.issuedAt = claims.iat * 1000
    return read
  } catch {
    return undefined
  }
}

/**
 * The claims of a response's id_token. Decoded once, because both the login and the record need
 * them.
 */
export function claimsOf(answer: { idToken?: string }): IDTokenClaims | undefined {
  if (answer.idToken === undefined) return undefined
  const known = read.get(answer)
  if (known) return known
  const claims = readIDToken(answer.idToken)
  if (claims) read.set(answer, claims)
  return claims
}

const read = new WeakMap<object, IDTokenClaims>()

/** The last second that a date can hold. */
const LAST = 8.64e12

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= LAST
}
