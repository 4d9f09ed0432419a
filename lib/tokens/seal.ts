import { createHash, hkdfSync, randomUUID } from 'node:crypto'
import type * as Jose from 'jose'
import { sha256 } from '../util/digest.js'

/** Turns a record's text into what lies in the store under a key, and back. */
export interface Seal<Sealed = string | Promise<string>> {
  /** No two results are equal, whatever the text: by that a store knows a write that is sent again. */
  close(text: string, key: string): Sealed
  /** Fails with a `SealError` when no listed secret opens it, or when it was moved from another key. */
  open(value: string, key: string): Sealed
}

/** What does not open. */
export class SealError extends Error {
  override readonly name = 'SealError'
}

/** For stores that are trusted as they are. Both are done at once: each login waits for them four times. */
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
 * Seals with JWE (`dir`, A256GCM). The first secret seals, all of them open, so that a secret can be
 * replaced in two deployments: add the new one behind the old one, and put it first when every
 * process has it. The store's key is bound into the header, so that a record that is moved to
 * another key does not open there.
 */
export function sealWith(secrets: readonly [string, ...string[]]): Seal<Promise<string>> {
  const keys = new Map(secrets.map((secret) => [keyIDFor(secret), sealingKey(secret)]))
  const [first] = keys.entries()
  if (first === undefined) throw new TypeError('sealWith needs a secret')
  const [kid, secret] = first
  // jose is only loaded where records are sealed
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
        if (found === undefined) throw new SealError('no secret of tokenStore.secret has sealed it')
        return found
      }
      const only = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] }
      const opened = await compactDecrypt(value, find, only).catch((error: unknown) => {
        throw error instanceof SealError ? error : new SealError('it is damaged, or not sealed')
      })
      if (opened.protectedHeader.key !== nameFor(key)) {
        throw new SealError('it was sealed for another key of the store')
      }
      return new TextDecoder().decode(opened.plaintext)
    },
  }
}

/** What stands for a key in a header, which anybody who reads the store can see. */
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
