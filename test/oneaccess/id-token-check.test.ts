import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { expect } from 'chai'
import {
  OneAccessClient,
  type OneAccessClientOptions,
  type OneAccessError,
} from '../../lib/index.js'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { signJWT } from '../../simulator/state/keys.js'
import { signingKey } from '../../simulator/state/rsa.js'

const DEVICE = { osVersion: 'Android 10', fingerprint: 'f', ip: '127.0.0.1', agent: 'a' }
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('OneAccessClient, option idToken', () => {
  let simulator: Simulator
  beforeEach(async () => {
    simulator = await startSimulator()
  })
  afterEach(() => simulator.close())

  type IDToken = Exclude<OneAccessClientOptions['idToken'], true | undefined>
  function clientWith(idToken: Partial<IDToken> = {}): OneAccessClient {
    const { domain: origin, clientID, clientSecret } = simulator
    const jwksUri = `${origin}/api/v1/oauth2/keys`
    const credential = { clientID, clientSecret, auth: 'body' } as const
    return new OneAccessClient({ origin, clientID, credential, idToken: { jwksUri, ...idToken } })
  }

  function logIn(client: OneAccessClient) {
    const code = simulator.issueCode(simulator.people[0]?.id ?? '')
    return client.loginWithAlipay(code, { device: DEVICE })
  }

  async function errorOf(work: Promise<unknown>): Promise<OneAccessError> {
    return work.then(
      () => expect.fail('it was accepted'),
      (error: OneAccessError) => error,
    )
  }

  /** Makes the next login return this token instead of its own. */
  const forge = (make: (genuine: string) => string) =>
    simulator.fault('login', {
      change(answer) {
        const body = answer as { id_token: string }
        return { ...body, id_token: make(body.id_token) }
      },
    })

  const claimsOf = (token: string) =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object

  for (const idTokenShape of ['claims', 'api'] as const) {
    for (const idTokenAlgorithm of ['RS256', 'RS512'] as const) {
      it(`accepts a token that the tenant signed: ${idTokenAlgorithm}, shape ${idTokenShape}`, async () => {
        Object.assign(simulator.settings, { idTokenShape, idTokenAlgorithm })
        const expected =
          idTokenShape === 'claims'
            ? { issuer: simulator.url, audience: simulator.clientID }
            : { issuer: 'Issuer', audience: 'Audience' }
        const { session } = await logIn(clientWith(expected))
        expect(session?.idToken).to.match(/^ey/)
      })

      it(`rejects another issuer and another audience: ${idTokenAlgorithm}, shape ${idTokenShape}`, async () => {
        Object.assign(simulator.settings, { idTokenShape, idTokenAlgorithm })
        for (const expected of [{ issuer: 'https://other.example' }, { audience: 'other' }]) {
          const error = await errorOf(logIn(clientWith(expected)))
          expect([error.code, error.status, error.step]).to.deep.equal([
            'id_token_invalid',
            502,
            'keys',
          ])
        }
      })
    }
  }

  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const signed = (header: object, claims: object) => {
    const input = `${encode(header)}.${encode(claims)}`
    return `${input}.${sign('RSA-SHA256', Buffer.from(input), foreign).toString('base64url')}`
  }
  const hmac = (token: string, header: object, key: string) => {
    const input = `${encode(header)}.${token.split('.')[1]}`
    return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
  }
  const FORGERIES: [name: string, make: (genuine: string) => string][] = [
    ['a foreign key', (t) => signed({ alg: 'RS256', kid: 'simulated-rs256' }, claimsOf(t))],
    ['an unknown kid', (t) => signed({ alg: 'RS256', kid: 'other' }, claimsOf(t))],
    ['no kid and a foreign key', (t) => signed({ alg: 'RS256' }, claimsOf(t))],
    ['alg none', (t) => `${encode({ alg: 'none' })}.${t.split('.')[1]}.`],
    [
      'alg None and the genuine signature',
      (t) => `${encode({ alg: 'None' })}.${t.split('.').slice(1).join('.')}`,
    ],
    [
      'alg HS256 and the public key as its secret',
      (t) => {
        const publicKey = signingKey().publicKey.export({ type: 'spki', format: 'pem' })
        return hmac(t, { alg: 'HS256', kid: 'simulated-rs256' }, publicKey.toString())
      },
    ],
    ['alg HS256 and the client secret', (t) => hmac(t, { alg: 'HS256' }, simulator.clientSecret)],
    ['changed claims', (t) => t.replace(/\.[^.]+\./, `.${encode({ ...claimsOf(t), id: 'x' })}.`)],
    [
      'its own key in the header',
      (t) => signed({ alg: 'RS256', jwk: foreign.export({ format: 'jwk' }) }, claimsOf(t)),
    ],
    ['a format other than JWT', () => 'opaque-token'],
    ['an empty signature', (t) => t.replace(/[^.]+$/, '')],
    ['a critical extension', (t) => signed({ alg: 'RS256', crit: ['x'], x: 1 }, claimsOf(t))],
  ]
  for (const [name, make] of FORGERIES) {
    it(`rejects a token with ${name}`, async () => {
      forge(make)
      const error = await errorOf(logIn(clientWith()))
      expect([error.code, error.status]).to.deep.equal(['id_token_invalid', 502])
      expect(JSON.stringify(error) + error.message).to.not.include('wangfang')
    })
  }

  const TIMES: [claim: 'exp' | 'nbf', offset: number, message: string | undefined][] = [
    ['exp', -20, undefined],
    ['exp', -40, 'it has expired'],
    ['nbf', 20, undefined],
    ['nbf', 40, 'it is not valid yet'],
  ]
  for (const [claim, offset, message] of TIMES) {
    it(`${message ? 'rejects' : 'accepts'} ${claim} ${offset} s from now with a clockTolerance of 30 s`, async () => {
      const now = Math.floor(Date.now() / 1000)
      forge((token) => signJWT({ ...claimsOf(token), [claim]: now + offset }, 'RS256'))
      const login = logIn(clientWith({ clockTolerance: 30_000 }))
      if (message) expect((await errorOf(login)).message).to.include(message)
      else expect((await login).status).to.equal('SUCCESS')
    })
  }

  it('rejects a valid signature whose algorithm is not listed', async () => {
    simulator.settings.idTokenAlgorithm = 'RS512'
    const error = await errorOf(logIn(clientWith({ algorithms: ['RS256'] })))
    expect(error.message).to.include('its algorithm is not allowed')
  })

  for (const algorithm of ['none', 'HS256', 'HS512', '', 'RS1']) {
    it(`throws a TypeError when algorithms lists ${JSON.stringify(algorithm)}`, () => {
      const algorithms = [algorithm] as unknown as ['RS256']
      expect(() => clientWith({ algorithms })).to.throw(TypeError, /algorithms/)
    })
  }

  it('fetches the keys once for many logins, even with unknown kids', async () => {
    const client = clientWith()
    await Promise.all(Array.from({ length: 20 }, () => logIn(client)))
    for (let n = 0; n < 5; n++) {
      forge((token) => signed({ alg: 'RS256', kid: `flood-${n}` }, claimsOf(token)))
      await errorOf(logIn(client))
    }
    expect(simulator.count('jwks')).to.equal(1)
  })

  it('errors with step keys when the keys cannot be fetched or read', async () => {
    simulator.fault('jwks', { status: 500, times: 'always' })
    expect(await errorOf(logIn(clientWith()))).to.include({
      code: 'upstream_failed',
      step: 'keys',
      status: 503,
    })
    simulator.clearFaults()
    simulator.fault('jwks', { body: '<html>', times: 'always' })
    expect(await errorOf(logIn(clientWith()))).to.include({
      code: 'unexpected_answer',
      step: 'keys',
    })
    simulator.clearFaults()
    simulator.fault('jwks', { body: { keys: 7 }, times: 'always' })
    expect(await errorOf(logIn(clientWith()))).to.include({
      code: 'unexpected_answer',
      step: 'keys',
    })
  })

  it('returns the new session token of a refresh whose id_token is forged', async () => {
    simulator.settings.rotation = 'always'
    const client = clientWith()
    const { session } = await logIn(client)
    simulator.fault('refresh-id-token', {
      change: (answer) => ({ ...(answer as object), id_token: 'a.b.c' }),
    })
    const renewed = await client.refresh(session?.sessionToken ?? '', { device: DEVICE })
    expect(renewed.sessionToken).to.equal(simulator.sessions()[0]?.sessionToken)
    expect(renewed.sessionToken).to.not.equal(session?.sessionToken)
    expect(renewed).to.not.have.property('idToken')
    expect(renewed.idTokenError).to.include({ code: 'id_token_invalid' })
  })

  it('does not send the session token of a refresh while the keys cannot be fetched', async () => {
    const { session } = await logIn(clientWith())
    simulator.fault('jwks', { status: 503 })
    const error = await errorOf(
      clientWith().refresh(session?.sessionToken ?? '', { device: DEVICE }),
    )
    expect(error).to.include({ step: 'keys', status: 503 })
    expect(simulator.count('refresh-id-token')).to.equal(0)
  })
})
