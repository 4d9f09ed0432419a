import { constants, createPublicKey, type KeyObject, publicEncrypt, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { OneAccessError, type Step, unexpectedAnswer } from '../errors.js'
import { isObject } from '../util/json.js'
import type { CallContext, OneAccessRequests } from './requests.js'

/** What a signature is made with: the app's public key, and OneAccess's clock relative to ours. */
interface SigningMaterial {
  key: KeyObject
  /** Milliseconds that OneAccess's clock is ahead. */
  ahead: number
  /** Milliseconds per unit of OneAccess's timestamps. */
  unit: number
}

/** A call that carries a signature in its header `X-signature`. */
interface SignedCall {
  step: Step
  sessionToken: string
  context: CallContext
  /** The hint if the session token is too long to be signed. */
  otherwise: string
  send: (signature: string) => Promise<unknown>
}

/** An ISV application has a key in each of its customers' tenants. */
const MOST_TENANTS = 100

/**
 * Signs calls by encrypting the session token with the app's public key. The key and the clock difference
 * are the same for all calls of an app in one tenant: they are fetched once, no matter how many calls
 * wait for them, and again if OneAccess refuses a signature.
 */
export class RequestSigner {
  readonly #requests: OneAccessRequests
  readonly #materials = new LRUCache<string, Promise<SigningMaterial>>({ max: MOST_TENANTS })

  constructor(requests: OneAccessRequests) {
    this.#requests = requests
  }

  /** Sends the call and, if OneAccess refuses the signature, once more with a new key and time. */
  async send(call: SignedCall): Promise<unknown> {
    const material = this.#materialFor(call)
    try {
      return await call.send(signatureFor(call, await material))
    } catch (error) {
      if ((error as Partial<OneAccessError>).code !== 'signature_refused') throw error
      this.#forget(call, material)
      return call.send(signatureFor(call, await this.#materialFor(call)))
    }
  }

  #materialFor(call: SignedCall): Promise<SigningMaterial> {
    const known = this.#materials.get(tenantOf(call))
    if (known) return known
    const fetched = this.#fetch(call)
    this.#materials.set(tenantOf(call), fetched)
    fetched.catch(() => this.#forget(call, fetched))
    return fetched
  }

  /** Unless another call has already replaced it. */
  #forget(call: SignedCall, material: Promise<SigningMaterial>): void {
    const tenant = tenantOf(call)
    if (this.#materials.peek(tenant) === material) this.#materials.delete(tenant)
  }

  async #fetch({ context }: SignedCall): Promise<SigningMaterial> {
    const get = (path: string) =>
      this.#requests.sdk({ step: 'signature', method: 'GET', path, secrets: [] }, context)
    const askedAt = Date.now()
    const [key, time] = await Promise.all([
      get(PUBLIC_KEY_PATH).then(readPublicKey),
      get(SERVER_DATE_PATH).then((body) => ({ ...readServerDate(body), at: Date.now() })),
    ])
    // the server read its clock about halfway between the question and the answer
    return { key, ahead: time.now - (askedAt + time.at) / 2, unit: time.unit }
  }
}

function tenantOf({ context }: SignedCall): string {
  return context.tenantID ?? ''
}

const PUBLIC_KEY_PATH = '/api/v2/sdk/public-key'
const SERVER_DATE_PATH = '/api/v2/sdk/server-date'

/** Base64 of RSA-OAEP, with SHA-256 both as its hash and in MGF1. */
function signatureFor(call: SignedCall, { key, ahead, unit }: SigningMaterial): string {
  const timestamp = Math.floor((Date.now() + ahead) / unit)
  const nonce = randomBytes(6).toString('hex') // short: a 2048-bit key takes 190 bytes in all
  const text = `session_token=${call.sessionToken}&timestamp=${timestamp}&nonce=${nonce}`
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  try {
    return publicEncrypt({ key, padding, oaepHash: 'sha256' }, Buffer.from(text)).toString('base64')
  } catch {
    throw tooLong(call, key)
  }
}

function tooLong({ step, otherwise }: SignedCall, key: KeyObject): OneAccessError {
  const bits = key.asymmetricKeyDetails?.modulusLength
  return new OneAccessError('misconfigured', {
    step,
    status: 500,
    detail: `the session token is too long to sign with a ${bits}-bit key`,
    hint: otherwise,
  })
}

/** Trying to read a value that is not a key is expensive, so only this many are tried. */
const MOST_LEAVES = 20
/** In characters; RSA with 16,384 bits has fewer. */
const LONGEST_KEY = 8_192

/** OneAccess documents the field `public_key` but not its format: accepts PEM, or DER in base64. */
function readPublicKey(body: unknown): KeyObject {
  for (const text of leavesOf(body).slice(0, MOST_LEAVES).map(String)) {
    if (text.length > LONGEST_KEY) continue
    const base64 = text.replace(/-----[^-]+-----|\s/g, '')
    if (!/^[\w+/]{100,}={0,2}$/.test(base64)) continue
    try {
      const der = Buffer.from(base64, 'base64')
      const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
      if (key.asymmetricKeyType === 'rsa') return key
    } catch {
      // some other text in the response
    }
  }
  throw unexpectedAnswer('signature', 'the public key', 'is missing or is not an RSA key')
}

/** OneAccess documents the field `timestamp` but not its unit: 13 digits are milliseconds, 10 are seconds. */
function readServerDate(body: unknown): { now: number; unit: number } {
  const found = leavesOf(body)
    .map(String)
    .find((leaf) => /^(\d{10}|\d{13})$/.test(leaf))
  if (found === undefined) throw unexpectedAnswer('signature', 'the server date', 'is missing')
  const unit = found.length === 13 ? 1 : 1000
  return { now: Number(found) * unit, unit }
}

function leavesOf(value: unknown, depth = 0): (string | number)[] {
  if (typeof value === 'string' || typeof value === 'number') return [value]
  if (!isObject(value) || depth > 3) return []
  return Object.values(value).flatMap((one) => leavesOf(one, depth + 1))
}
