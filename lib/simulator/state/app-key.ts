import { constants, generateKeyPairSync, type KeyObject, privateDecrypt } from 'node:crypto'

let pair: { publicKey: KeyObject; privateKey: KeyObject } | undefined

/** The app's own key (contract 1.8), another one than what signs id_tokens. One a process. */
function appKey(): { publicKey: KeyObject; privateKey: KeyObject } {
  pair ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
  return pair
}

/** Base64 of its DER form. */
export function publicKeyText(): string {
  return appKey().publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
}

/** RSA-OAEP with SHA-256, also for MGF1; undefined when it is not that, or under another key. */
export function decrypt(base64: string): string | undefined {
  try {
    const { privateKey: key } = appKey()
    const padding = constants.RSA_PKCS1_OAEP_PADDING
    const plain = privateDecrypt(
      { key, padding, oaepHash: 'sha256' },
      Buffer.from(base64, 'base64'),
    )
    return plain.toString()
  } catch {
    return undefined
  }
}
