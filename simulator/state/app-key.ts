import { constants, privateDecrypt } from 'node:crypto'
import { appKey } from './rsa.js'

/** The app's public key (docs/wire.md#signature), Base64 of its DER form. */
export function publicKeyText(): string {
  return appKey().publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
}

/**
 * Decrypts RSA-OAEP with SHA-256, also for MGF1; undefined if it is anything else or another key
 * was used.
 */
export function decrypt(base64: string): string | undefined {
  const { privateKey: key } = appKey()
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  try {
    const bytes = Buffer.from(base64, 'base64')
    return privateDecrypt({ key, padding, oaepHash: 'sha256' }, bytes).toString()
  } catch {
    return undefined
  }
}
