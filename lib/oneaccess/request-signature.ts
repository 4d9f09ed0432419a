import { constants, createPublicKey, type KeyObject, publicEncrypt, randomUUID } from 'node:crypto'
import { unexpectedAnswer } from '../errors.js'
import { isObject } from '../json.js'

/**
 * Contract 1.8: Base64 of RSA-OAEP (SHA-256, MGF1 with SHA-256) under the app's public key. The
 * session token does not leave this machine in the clear.
 */
export function requestSignature(key: KeyObject, timestamp: string, sessionToken: string): string {
  const text = `session_token=${sessionToken}&timestamp=${timestamp}&nonce=${randomUUID()}`
  try {
    return publicEncrypt(
      { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
      Buffer.from(text),
    ).toString('base64')
  } catch {
    throw unexpectedAnswer('logout', 'the public key', 'is too small for the session token')
  }
}

/** The form of this answer is open: PEM or base64 of DER, bare or as any field. */
export function readPublicKey(body: unknown): KeyObject {
  for (const text of leavesOf(body).map(String)) {
    const base64 = text.replace(/-----[^-]+-----|\s/g, '')
    if (!/^[\w+/]{100,}={0,2}$/.test(base64)) continue
    try {
      return createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' })
    } catch {
      // some other text of the answer
    }
  }
  throw unexpectedAnswer('logout', 'the public key', 'is missing or is no RSA key')
}

/** The form of this answer is open too: a number of milliseconds, bare or as any field. */
export function readServerDate(body: unknown): string {
  const found = leavesOf(body).find((leaf) => /^\d{10,17}$/.test(String(leaf)))
  if (found === undefined) throw unexpectedAnswer('logout', 'the server date', 'is missing')
  return String(found)
}

function leavesOf(value: unknown, depth = 0): (string | number)[] {
  if (typeof value === 'string' || typeof value === 'number') return [value]
  if (!isObject(value) || depth > 3) return []
  return Object.values(value).flatMap((one) => leavesOf(one, depth + 1))
}
