import { unexpectedAnswer } from '../errors.js'
import { isObject, type Json } from '../util/json.js'

/** How many keys a tenant may publish. */
const MOST_KEYS = 100

/** The members of a public key (RFC 7517 and 7518); certificates are ignored. */
const MEMBERS = ['kty', 'kid', 'use', 'key_ops', 'alg', 'n', 'e', 'crv', 'x', 'y'] as const

/** In characters; RSA with 16,384 bits, OpenSSL's maximum, has fewer. */
const LONGEST_MEMBER = 4_096

/**
 * Limits a JSON Web Key Set, so that reading it costs no more than a tenant's own. Anything else is
 * returned unchanged, for jose to reject. Throws if there are more keys than any tenant publishes.
 */
export function boundedKeySet(body: unknown): unknown {
  if (!isObject(body) || !Array.isArray(body.keys)) return body ?? null
  const { keys } = body
  if (keys.length > MOST_KEYS) {
    throw unexpectedAnswer('keys', 'keys', `contains more than ${MOST_KEYS} keys`)
  }
  return { keys: keys.map((key) => (isObject(key) ? boundedKey(key) : key)).filter(isUsable) }
}

function boundedKey(key: Json): Json {
  const members = MEMBERS.filter((name) => Object.hasOwn(key, name))
  return Object.fromEntries(members.map((name) => [name, key[name]]))
}

/** Drops a key with an overlong member; the others are used. */
function isUsable(key: unknown): boolean {
  const values = isObject(key) ? Object.values(key).flat() : []
  return values.every((value) => typeof value !== 'string' || value.length <= LONGEST_MEMBER)
}
