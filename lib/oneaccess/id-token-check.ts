import type * as Jose from 'jose'
import { OneAccessError, unexpectedAnswer } from '../errors.js'
import type { Json } from '../util/json.js'
import type { Http } from './http.js'
import { boundedKeySet } from './key-set.js'

/** A signature algorithm with a public key. `none` and `HS*` are not allowed. */
export type SignatureAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'

export const SIGNATURES: readonly SignatureAlgorithm[] = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA'] as const),
]

/** How id_tokens are checked: signature, time (`exp` is required), audience, and issuer where given. */
export interface IDTokenOptions {
  /** Where the tenant publishes its keys. Default `https://{domain}/api/v1/oauth2/keys`. */
  jwksUri?: string
  /** The required value of the claim `iss` or `Issuer`. Default: not checked. */
  issuer?: string
  /**
   * The value that the claim `aud` or `Audience` must be or contain. Default: the client id; tokens
   * without an audience, or with the literal word `Audience` that some tenants use, pass.
   */
  audience?: string
  /** Allowed algorithms. Default `RS256` and `RS512`: CIAM documents the first, OneAccess's sample uses the second. */
  algorithms?: readonly SignatureAlgorithm[]
  /** Milliseconds that the clocks may differ by. Default 60000. */
  clockTolerance?: number
}

/** Keys are fetched again after 10 minutes, and for an unknown `kid` at most every 30 seconds. */
const KEYS = { cacheMaxAge: 600_000, cooldownDuration: 30_000 }

/** Checks id_tokens against the tenant's published keys, which are cached. */
export class IDTokenCheck {
  readonly #http: Http
  readonly #options: IDTokenOptions & { jwksUri: string }
  readonly #clientID: string
  readonly #algorithms: string[]
  readonly #deadline: number
  #loading: Promise<Tools> | undefined
  #failedAt = Number.NEGATIVE_INFINITY

  /** Throws a `TypeError` for an algorithm without a public key. */
  constructor(
    http: Http,
    options: IDTokenOptions & { jwksUri: string },
    clientID: string,
    deadline: number,
  ) {
    this.#http = http
    this.#options = options
    this.#clientID = clientID
    this.#algorithms = [...(options.algorithms ?? ['RS256', 'RS512'])]
    this.#deadline = deadline
    const all: readonly string[] = SIGNATURES
    if (this.#algorithms.length === 0 || !this.#algorithms.every((one) => all.includes(one))) {
      throw new TypeError(`idToken.algorithms may contain only: ${SIGNATURES.join(', ')}`)
    }
  }

  /**
   * Fetches the keys before the first check, unless they are cached. Old keys are used while new ones
   * cannot be fetched, so that an outage of the key endpoint does not stop refreshes.
   */
  async prepare(): Promise<void> {
    const { jose, keys } = await this.#tools()
    if (keys.fresh) return
    const keysAreCached = keys.jwks() !== undefined
    if (keysAreCached && Date.now() - this.#failedAt < KEYS.cooldownDuration) return
    await keys.reload().catch((error: unknown) => {
      this.#failedAt = Date.now()
      if (!keysAreCached) throw meaningOf(jose, error)
    })
  }

  /** Resolves if the token is valid; otherwise rejects with a `OneAccessError` with step `keys`. */
  async verify(token: string): Promise<void> {
    const { jose, keys } = await this.#tools()
    await this.#check(jose, keys, token)
  }

  /** As `verify`, but only with cached keys. Fetches an unknown key in the background, for the next check. */
  async verifyAtOnce(token: string): Promise<void> {
    const { jose, keys } = await this.#tools()
    const atHand = jose.createLocalJWKSet(keys.jwks() ?? { keys: [] })
    await this.#check(jose, atHand, token).catch((error: unknown) => {
      if (!keys.coolingDown) keys.reload().catch(() => {})
      throw error
    })
  }

  async #check(jose: typeof Jose, keys: Jose.JWTVerifyGetKey, token: string): Promise<void> {
    const claims = await this.#signed(jose, keys, token).catch((error: unknown) => {
      throw meaningOf(jose, error)
    })
    const { issuer, audience } = this.#options
    if (issuer !== undefined && (claims.iss ?? claims.Issuer) !== issuer) {
      throw invalid('its issuer does not match')
    }
    const audiences = audiencesOf(claims)
    const wanted = audience ?? (audiences.some(isRealAudience) ? this.#clientID : undefined)
    if (wanted !== undefined && !audiences.includes(wanted)) {
      throw invalid('its audience is another application')
    }
  }

  async #signed(jose: typeof Jose, keys: Jose.JWTVerifyGetKey, token: string) {
    const { clockTolerance = 60_000 } = this.#options
    const options = {
      algorithms: this.#algorithms,
      clockTolerance: clockTolerance / 1000,
      requiredClaims: ['exp'],
    }
    try {
      return (await jose.jwtVerify(token, keys, options)).payload
    } catch (error) {
      if (!(error instanceof jose.errors.JWKSMultipleMatchingKeys)) throw error
      return await firstOf(
        error,
        async (key) => (await jose.jwtVerify(token, key, options)).payload,
      )
    }
  }

  /** jose is loaded only if signatures are checked. */
  #tools(): Promise<Tools> {
    this.#loading ??= import('jose').then((jose) => ({ jose, keys: this.#remoteKeys(jose) }))
    return this.#loading
  }

  /** Fetches keys like every other call: with a deadline, limits, and the app's proxy. */
  #remoteKeys(jose: typeof Jose): Jose.RemoteJWKSet {
    const url = new URL(this.#options.jwksUri)
    const fetchKeys = async () => {
      const keys = await this.#http.send({
        step: 'keys',
        method: 'GET',
        path: url.pathname + url.search,
        headers: {},
        deadline: this.#deadline,
        secrets: [],
      })
      return new Response(JSON.stringify(boundedKeySet(keys)))
    }
    const timeoutDuration = this.#deadline
    return jose.createRemoteJWKSet(url, { ...KEYS, timeoutDuration, [jose.customFetch]: fetchKeys })
  }
}

interface Tools {
  jose: typeof Jose
  keys: Jose.RemoteJWKSet
}

/** Tries a token without `kid` with each key that could have signed it. */
async function firstOf<K, T>(keys: AsyncIterable<K>, attempt: (key: K) => Promise<T>): Promise<T> {
  let last: unknown
  for await (const key of keys) {
    try {
      return await attempt(key)
    } catch (error) {
      last = error
    }
  }
  throw last
}

/** The audiences of a token, in either of the documented shapes. */
export function audiencesOf(claims: Json): unknown[] {
  const audience = claims.aud ?? claims.Audience
  return audience === undefined ? [] : [audience].flat()
}

/** Some tenants put the literal word `Audience` there, which names no application. */
export function isRealAudience(audience: unknown): boolean {
  return audience !== 'Audience'
}

/** jose's errors contain the claims, which are personal data, so only the kind of error is reported. */
function meaningOf(jose: typeof Jose, error: unknown): OneAccessError {
  if (error instanceof OneAccessError) return error
  const { errors } = jose
  if (error instanceof errors.JWKSInvalid || error instanceof errors.JWKInvalid) {
    return unexpectedAnswer('keys', 'keys', 'is not a JSON Web Key Set')
  }
  if (error instanceof errors.JWTExpired) return invalid('it has expired')
  if (error instanceof errors.JWTClaimValidationFailed) {
    return invalid(error.claim === 'exp' ? 'it has no exp' : 'it is not valid yet')
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return invalid('its algorithm is not allowed')
  if (error instanceof errors.JWKSNoMatchingKey)
    return invalid('the key that signed it is not published')
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return invalid('its signature is invalid')
  }
  return invalid('it is not a signed JWT, or its key is unusable')
}

function invalid(detail: string): OneAccessError {
  return new OneAccessError('id_token_invalid', {
    step: 'keys',
    status: 502,
    detail,
    hint: 'the id_token does not meet the option idToken: check jwksUri, issuer, audience and algorithms',
  })
}
