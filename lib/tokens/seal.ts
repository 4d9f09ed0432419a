import { createHash, hkdfSync } from 'node:crypto'
import type * as Jose from 'jose'

/** Turns a record's text into what lies in the store, and back. */
export interface Seal {
  close(text: string): Promise<string>
  /** Rejects when no listed secret opens it. */
  open(value: string): Promise<string>
}

/** For stores that are trusted as they are. */
export const noSeal: Seal = {
  close: async (text) => text,
  open: async (value) => value,
}

/**
 * Seals with JWE (`dir`, A256GCM). The first secret seals, all of them open, so that a secret can be
 * replaced: add the new one behind the old one, put it first when every process has it, and take the
 * old one out when its records have ended. A process that cannot open a record takes it for ended.
 */
export function sealWith(secrets: readonly [string, ...string[]]): Seal {
  const keys = new Map(secrets.map((secret) => [keyIDFor(secret), sealingKey(secret)]))
  const [first] = keys.entries()
  if (first === undefined) throw new TypeError('sealWith needs a secret')
  const [kid, key] = first
  // jose is only loaded where records are sealed
  const load = () => import('jose')
  return {
    async close(text) {
      const { CompactEncrypt } = await load()
      return new CompactEncrypt(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid })
        .encrypt(key)
    },
    async open(value) {
      const { compactDecrypt } = await load()
      const find = (header: Jose.CompactJWEHeaderParameters) => {
        const found = keys.get(header.kid ?? '')
        if (found === undefined) throw new Error('sealed with a secret that is not listed')
        return found
      }
      const only = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] }
      const { plaintext } = await compactDecrypt(value, find, only)
      return new TextDecoder().decode(plaintext)
    },
  }
}

function sealingKey(secret: string): Uint8Array {
  return new Uint8Array(
    hkdfSync('sha256', secret, '', 'passport-oneaccess-alipay token record', 32),
  )
}

function keyIDFor(secret: string): string {
  return createHash('sha256').update(sealingKey(secret)).digest('hex').slice(0, 16)
}
