import { expect } from 'chai'
import type { StrategyOptions } from '../lib/index.js'
import { validateOptions } from '../lib/validate-options.js'

const NEEDED = {
  domain: 'acme.huaweioneaccess.com',
  clientID: 'client-1',
  clientSecret: 'secret-1',
  alipayAppID: '2021000000000001',
  callbackURL: 'https://shop.example.com/auth/alipay/callback',
}
const JWKS = 'https://a.example/keys'

/** Invalid options with the complete message, which must say what to write instead. */
const REFUSED: [options: object, says: string][] = [
  [{ clientID: 'a b' }, 'clientID must contain only visible ASCII characters'],
  [{ clientID: '' }, 'clientID must be a non-empty string'],
  [{ clientID: undefined }, 'clientID is required'],
  [{ device: 7 }, 'device must be a function'],
  [{ upstreamLogout: 'yes' }, 'upstreamLogout must be true or false'],
  [{ loginVersion: 'v1' }, 'loginVersion must be one of: v3, v2'],
  [
    { stateTTL: 0 },
    'stateTTL must be a number of milliseconds, more than 0 and at most 2147483647',
  ],
  [{ maxConnections: 0 }, 'maxConnections must be a whole number, at least 1'],
  [{ callbackURL: '/callback' }, 'callbackURL must be an absolute URL'],
  [{ callbackURL: 'ftp://shop.example' }, 'callbackURL must be an https URL'],
  [
    { callbackURL: 'http://shop.example/callback' },
    'callbackURL must be https: plain http is allowed only for loopback',
  ],
  [{ callbackURL: 'https://u:p@shop.example' }, 'callbackURL must not contain a user or password'],
  [{ callbackURL: 'https://shop.example/#a' }, 'callbackURL must not have a #fragment'],
  [
    { callbackURL: 'https://shop.example/?error=a' },
    'callbackURL must not use error, which Alipay adds',
  ],
  [
    { callbackURL: 'https://shop.example/?app_id=a' },
    'callbackURL must not use app_id, which Alipay adds',
  ],
  [{ callbackMethod: 'POST' }, 'callbackMethod must be GET: Alipay redirects the browser back'],
  [{ verify: true }, 'verify must be a function'],
  [
    { domain: 'http://acme.example' },
    'domain must be https: plain http is allowed only for loopback',
  ],
  [{ domain: 'acme.example/login' }, 'domain must be a host or an origin, without a path'],
  [{ scope: 7 }, 'scope must be a scope such as auth_user, or an array of them'],
  [{ credential: 7 }, 'credential must be { clientID, clientSecret, auth }'],
  [
    { credential: { clientID: 'a', clientSecret: 'b', basic: true } },
    'credential.basic is unknown; known options: clientID, clientSecret, auth',
  ],
  [{ tokenStore: 7 }, 'tokenStore must be a TokenStore, or { store, secret }'],
  [{ tokenStore: { get() {} } }, 'tokenStore lacks the method compareAndSet()'],
  [{ tokenStore: { store: { get() {} } } }, 'tokenStore.store lacks the method compareAndSet()'],
  [{ tokenStore: { secret: 7 } }, 'tokenStore.secret must be a string, or an array of them'],
  [
    { tokenStore: { secret: 'x'.repeat(31) } },
    'tokenStore.secret must have at least 32 characters: generate one with openssl rand -hex 32',
  ],
  [{ timeouts: 7 }, 'timeouts must be an object'],
  [
    { timeouts: { lease: 15_000 } },
    'timeouts.lease must be longer than timeouts.refresh: the lease must outlast the call',
  ],
  [
    { timeouts: { store: 20_000 } },
    'timeouts.store must be shorter than timeouts.lease: the lease must be renewed before it expires',
  ],
  [{ timeouts: { wait: 15_001 } }, 'timeouts.wait must not be longer than timeouts.refresh'],
  [{ userFrom: 'id-token' }, "userFrom 'id-token' needs the option idToken, such as idToken: true"],
  [{ idToken: 7 }, 'idToken must be true or an object'],
  [
    { idToken: { jwksUri: JWKS, algorithms: ['HS256'] } },
    'idToken.algorithms must contain one or more of: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA',
  ],
  [{ http: 7 }, 'http must be an axios instance, or settings for one'],
]

describe('validateOptions, for an invalid option', () => {
  for (const [options, says] of REFUSED) {
    it(`throws a TypeError that says what it must be: ${says.slice(0, 70)}`, () => {
      expect(() => validateOptions({ ...NEEDED, ...options } as StrategyOptions)).to.throw(
        TypeError,
        new RegExp(`^OneAccessAlipayStrategy: option ${escaped(says)}$`),
      )
    })
  }

  it('lists the known options for an unknown name', () => {
    const misspelt = { ...NEEDED, clientId: 'a' } as StrategyOptions
    expect(() => validateOptions(misspelt)).to.throw(
      /clientId is unknown; known options: domain, clientID, /,
    )
  })

  it('throws without options', () => {
    expect(() => validateOptions(undefined as never)).to.throw('option options must be an object')
  })

  it('joins several scopes with commas, as Alipay requires', () => {
    const scope = ['auth_base', 'auth_user']
    expect(validateOptions({ ...NEEDED, scope }).web?.scope).to.equal('auth_base,auth_user')
  })
})

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
