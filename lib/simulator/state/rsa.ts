import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

export interface RSAKeys {
  /** Signs id_tokens. */
  signing: KeyPair
  /** The app's own, for the logout (contract 1.8). */
  app: KeyPair
}

export interface KeyPair {
  publicKey: KeyObject
  privateKey: KeyObject
}

const generate = promisify(generateKeyPair)
let keys: Promise<RSAKeys> | undefined

/** Made once a process and ahead of the first call: it takes a moment, and tests start many simulators. */
export function rsaKeys(): Promise<RSAKeys> {
  keys ??= makeKeys()
  return keys
}

async function makeKeys(): Promise<RSAKeys> {
  const [signing, app] = await Promise.all([
    generate('rsa', { modulusLength: 2048 }),
    generate('rsa', { modulusLength: 2048 }),
  ])
  return { signing, app }
}
