import { createHash, hkdfSync, randomUUID } from 'node:crypto'
import type * as Jose from 'jose'
import { sha256 } from '../util/digest.js'

/** Encrypts a record for its key in the store, and decrypts it. */
export interface Seal<Sealed = string | Promise<string>> {
  /** No two results are equal, even for the same text: a store recognizes a repeated write by that. */
  close(text: string, key: string): Sealed
  /** Fails with a `SealError` if no configured secret decrypts it, or if it was moved from another key. */
  open(value: string, key: string): Sealed
}

/** A value that cannot be decrypted. */
export class SealError extends Error {
  override readonly name = 'SealError'
}

/** No encryption, for a store that is trusted. Synchronous, because each login waits for it four times. */
export const noSeal: Seal<string> = {
  close: (text) => `${randomUUID().slice(0, 13)}:${text}`,
  open: (value) => {
    if (/^ey[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/.test(value)) {
      throw new SealError('it is sealed, and this process has no secret: set tokenStore.secret')
    }
    return value.replace(/^[\da-f]{8}-[\da-f]{4}:/, '')
  },
}

/**
 * Encrypts with JWE (`dir`, A256GCM). The first secret encrypts, all decrypt, so that a secret can be
 * replaced in two deployments: append the new one, and move it to the front when every process has it.
 * The header includes the key in the store, so that a record that is moved to another key cannot be
 * decrypted there.
 */
export function sealWith(secrets: readonly [string, ...string[]]): Seal<Promise<string>> {
  const keys = new Map(secrets.map((secret) => [keyIDFor(secret), sealingKey(secret)]))
  const [first] = keys.entries()
  if (first === undefined) throw new TypeError('sealWith needs a secret')
  const [kid, secret] = first
  // jose is loaded only if records are encrypted
  const load = () => import('jose')
  return {
    async close(text, key) {
      const { CompactEncrypt } = await load()
      return new CompactEncrypt(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid, key: nameFor(key) })
        .encrypt(secret)
    },
    async open(value, key) {
      const { compactDecrypt } = await load()
      const find = (header: Jose.CompactJWEHeaderParameters) => {
        const found = keys.get(header.kid ?? '')
        if (found === undefined)
          throw new SealError('it was sealed with a secret that is not in tokenStore.secret')
        return found
      }
      const only = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] }
      const opened = await compactDecrypt(value, find, only).catch((error: unknown) => {
        throw error instanceof SealError ? error : new SealError('it is damaged, or not sealed')
      })
      if (opened.protectedHeader.key !== nameFor(key)) {
        throw new SealError('it was sealed under another key of the store')
      }
      return new TextDecoder().decode(opened.plaintext)
    },
  }
}

/** Represents a key in the header, which anyone who reads the store can see. */
function nameFor(key: string): string {
  return sha256(key).slice(0, 24)
}

function sealingKey(secret: string): Uint8Array {
  return new Uint8Array(
    hkdfSync('sha256', secret, '', 'passport-oneaccess-alipay token record', 32),
  )
}

function keyIDFor(secret: string): string {
  return createHash('sha256').update(sealingKey(secret)).digest('hex').slice(0, 16)
}
