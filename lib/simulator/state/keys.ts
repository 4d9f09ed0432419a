import { constants, type JsonWebKey, privateDecrypt, sign } from 'node:crypto'
import type { RSAKeys } from './rsa.js'

type Algorithm = 'RS256' | 'RS512'

const digests = { RS256: 'RSA-SHA256', RS512: 'RSA-SHA512' }

/** What the tenant does with its two RSA keys. */
export class Keys {
  private readonly rsa: RSAKeys

  constructor(rsa: RSAKeys) {
    this.rsa = rsa
  }

  /** A JWS in compact form, its key named by `kid`. */
  signJWT(claims: object, algorithm: Algorithm): string {
    const header = { alg: algorithm, typ: 'JWT', kid: keyID(algorithm) }
    const input = `${encode(header)}.${encode(claims)}`
    const signature = sign(digests[algorithm], Buffer.from(input), this.rsa.signing.privateKey)
    return `${input}.${signature.toString('base64url')}`
  }

  /** The keys that id_tokens are signed with (contract 5). */
  jwks(): { keys: JsonWebKey[] } {
    const jwk = this.rsa.signing.publicKey.export({ format: 'jwk' })
    const algorithms: Algorithm[] = ['RS256', 'RS512']
    return { keys: algorithms.map((alg) => ({ ...jwk, kid: keyID(alg), use: 'sig', alg })) }
  }

  /** The app's public key (contract 1.8), Base64 of its DER form. */
  appPublicKey(): string {
    return this.rsa.app.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  }

  /** RSA-OAEP with SHA-256, also for MGF1; undefined when it is not that, or under another key. */
  decrypt(base64: string): string | undefined {
    const { privateKey: key } = this.rsa.app
    const padding = constants.RSA_PKCS1_OAEP_PADDING
    try {
      const bytes = Buffer.from(base64, 'base64')
      return privateDecrypt({ key, padding, oaepHash: 'sha256' }, bytes).toString()
    } catch {
      return undefined
    }
  }
}

function keyID(algorithm: Algorithm): string {
  return `simulated-${algorithm.toLowerCase()}`
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
