import { generateKeyPair, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

interface KeyPair {
  publicKey: KeyObject
  privateKey: KeyObject
}

// One of each per process: generating one takes 0.1 s or more, and tests start many simulators.
let signing: KeyPair | undefined
let app: KeyPair | undefined
const size = { modulusLength: 2048 }

/** Generates both before the first call, so that no call waits for them. */
export async function prepareKeys(): Promise<void> {
  if (signing && app) return
  const generate = () => promisify(generateKeyPair)('rsa', size)
  const [first, second] = await Promise.all([generate(), generate()])
  signing ??= first
  app ??= second
}

/** The key that signs id_tokens. */
export function signingKey(): KeyPair {
  signing ??= generateKeyPairSync('rsa', size)
  return signing
}

/** The app's own key, for the signature of some calls (docs/wire.md#signature). */
export function appKey(): KeyPair {
  app ??= generateKeyPairSync('rsa', size)
  return app
}
