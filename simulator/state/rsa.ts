import { generateKeyPair, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

interface KeyPair {
  publicKey: KeyObject
  privateKey: KeyObject
}

// One of each a process: making one takes a tenth of a second and more, and tests start many simulators.
let signing: KeyPair | undefined
let app: KeyPair | undefined
const size = { modulusLength: 2048 }

/** Makes both ahead of the first call, so that no call waits for them. */
export async function prepareKeys(): Promise<void> {
  if (signing && app) return
  const generate = () => promisify(generateKeyPair)('rsa', size)
  const [first, second] = await Promise.all([generate(), generate()])
  signing ??= first
  app ??= second
}

/** Signs id_tokens. */
export function signingKey(): KeyPair {
  signing ??= generateKeyPairSync('rsa', size)
  return signing
}

/** The app's own, for the logout (docs/wire.md#signature). */
export function appKey(): KeyPair {
  app ??= generateKeyPairSync('rsa', size)
  return app
}
