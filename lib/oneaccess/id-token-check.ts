import type * as Jose from 'jose'
import { OneAccessError, unexpectedAnswer } from '../errors.js'
import type { Json } from '../util/json.js'
import type { Http } from './http.js'
import { boundedKeySet } from './key-set.js'

/** Signatures that a public key proves. `none` and `HS*`, which it does not, cannot be listed. */
export const SIGNATURES = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA'] as const),
] as const

/** How id_tokens are checked: signature, time (`exp` is required), audience, and issuer where given. */
export interface IDTokenOptions {
  /** Where the tenant publishes its keys. Default `https://{domain}/api/v1/oauth2/keys`. */
  jwksUri?: string
  /** What the claim `iss`, or `Issuer`, must be. Default: it is not looked at. */
  issuer?: string
  /**
   * What the claim `aud`, or `Audience`, must be or hold. Default: the client id; tokens without an
   * audience, or with the literal word `Audience` that some tenants put there, pass.
   */
  audience?: string
  /** Default `RS256` and `RS512`: CIAM says the first, OneAccess shows the second. */
  algorithms?: readonly (typeof SIGNATURES)[number][]
  /** Milliseconds by which the two clocks may differ. Default 60000. */
  clockTolerance?: number
}

/** Keys are fetched anew after 10 minutes, and for an unknown `kid` at most once in 30 seconds. */
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

  /** Throws a `TypeError` when an algorithm is listed that no public key proves. */
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
   * Fetches the keys ahead of the first check, unless they are at hand. Old ones will do while new ones
   * cannot be had: that the keys are away must not keep anybody's id_token from being renewed.
   */
  async prepare(): Promise<void> {
    const { jose, keys } = await this.#tools()
    if (keys.fresh) return
    const isAtHand = keys.jwks() !== undefined
    if (isAtHand && Date.now() - this.#failedAt < KEYS.cooldownDuration) return
    await keys.reload().catch((error: unknown) => {
      this.#failedAt = Date.now()
      if (!isAtHand) throw meaningOf(jose, error)
    })
  }

  /** Resolves when the token is the tenant's; else rejects with a `OneAccessError` of step `keys`. */
  async verify(token: string): Promise<void> {
    const { jose, keys } = await this.#tools()
    await this.#check(jose, keys, token)
  }

  /** The same by the keys at hand alone. An unknown one is fetched for the next time. */
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
      throw invalid('its issuer is another')
    }
    const audiences = audiencesOf(claims)
    const wanted = audience ?? (audiences.some(isReal) ? this.#clientID : undefined)
    if (wanted !== undefined && !audiences.includes(wanted)) {
      throw invalid('it is meant for another application')
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

  /** jose is only loaded where signatures are checked. */
  #tools(): Promise<Tools> {
    this.#loading ??= import('jose').then((jose) => ({ jose, keys: this.#remoteKeys(jose) }))
    return this.#loading
  }

  /** Fetched like every other call: with its deadline, its limits, and the app's proxy. */
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

/** A token without `kid` is tried with each key that could have signed it. */
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

/** For whom a token is, in either of the documented shapes. */
export function audiencesOf(claims: Json): unknown[] {
  const audience = claims.aud ?? claims.Audience
  return audience === undefined ? [] : [audience].flat()
}

/** Some tenants fill the audience with the word for it: that names no application. */
export function isReal(audience: unknown): boolean {
  return audience !== 'Audience'
}

/** jose's errors hold the claims, which are personal: only their kind is told. */
function meaningOf(jose: typeof Jose, error: unknown): OneAccessError {
  if (error instanceof OneAccessError) return error
  const { errors } = jose
  if (error instanceof errors.JWKSInvalid || error instanceof errors.JWKInvalid) {
    return unexpectedAnswer('keys', 'keys', 'is no JSON Web Key Set')
  }
  if (error instanceof errors.JWTExpired) return invalid('its time is over')
  if (error instanceof errors.JWTClaimValidationFailed) {
    return invalid(error.claim === 'exp' ? 'it has no exp' : 'its time has not begun')
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return invalid('its algorithm is not listed')
  if (error instanceof errors.JWKSNoMatchingKey) return invalid('no published key has signed it')
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return invalid('its signature is wrong')
  }
  return invalid('it is no signed JWT, or its key cannot be used')
}

function invalid(detail: string): OneAccessError {
  return new OneAccessError('id_token_invalid', {
    step: 'keys',
    status: 502,
    detail,
    hint: 'the id_token does not meet the option idToken: check jwksUri, issuer, audience and algorithms',
  })
}
