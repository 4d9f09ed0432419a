import { unexpectedAnswer } from '../errors.js'
import { isObject, type Json } from '../util/json.js'

/** Keys that a tenant may publish. */
const MOST_KEYS = 100

/** What a public key is read from (RFC 7517 and 7518); certificates beside it are not looked at. */
const MEMBERS = ['kty', 'kid', 'use', 'key_ops', 'alg', 'n', 'e', 'crv', 'x', 'y'] as const

/** In characters; RSA of 16,384 bits, the most that OpenSSL takes, has fewer. */
const LONGEST_MEMBER = 4_096

/**
 * The keys of a JSON Web Key Set, bounded: reading them costs no more than a tenant's own do. What is
 * no key set is handed on as it is. Throws when there are more keys than any tenant publishes.
 */
export function boundedKeySet(body: unknown): unknown {
  if (!isObject(body) || !Array.isArray(body.keys)) return body ?? null
  const { keys } = body
  if (keys.length > MOST_KEYS) {
    throw unexpectedAnswer('keys', 'keys', `holds more than ${MOST_KEYS} keys`)
  }
  return { keys: keys.map((key) => (isObject(key) ? boundedKey(key) : key)).filter(isUsable) }
}

function boundedKey(key: Json): Json {
  const members = MEMBERS.filter((name) => Object.hasOwn(key, name))
  return Object.fromEntries(members.map((name) => [name, key[name]]))
}

/** A key with a member that is too long is as good as none; the others are used. */
function isUsable(key: unknown): boolean {
  const values = isObject(key) ? Object.values(key).flat() : []
  return values.every((value) => typeof value !== 'string' || value.length <= LONGEST_MEMBER)
}
