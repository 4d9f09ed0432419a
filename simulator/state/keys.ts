import { type JsonWebKey, sign } from 'node:crypto'
import { signingKey } from './rsa.js'

type Algorithm = 'RS256' | 'RS512'

const digests = { RS256: 'RSA-SHA256', RS512: 'RSA-SHA512' }

/** A JWS in compact form, with the key's `kid`. */
export function signJWT(claims: object, algorithm: Algorithm): string {
  const header = { alg: algorithm, typ: 'JWT', kid: keyID(algorithm) }
  const input = `${encode(header)}.${encode(claims)}`
  const signature = sign(digests[algorithm], Buffer.from(input), signingKey().privateKey)
  return `${input}.${signature.toString('base64url')}`
}

/** The keys that id_tokens are signed with (docs/wire.md#id_token). */
export function jwks(): { keys: JsonWebKey[] } {
  const jwk = signingKey().publicKey.export({ format: 'jwk' })
  const algorithms: Algorithm[] = ['RS256', 'RS512']
  return { keys: algorithms.map((alg) => ({ ...jwk, kid: keyID(alg), use: 'sig', alg })) }
}

function keyID(algorithm: Algorithm): string {
  return `simulated-${algorithm.toLowerCase()}`
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
