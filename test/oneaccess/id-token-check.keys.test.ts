import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto'
import { expect } from 'chai'
import { type JWK, type JWTPayload, SignJWT } from 'jose'
import sinon, { type SinonFakeTimers } from 'sinon'
import type { OneAccessClient, OneAccessClientOptions } from '../../lib/index.js'
import { startUpstream, type Upstream } from '../support/upstream.js'
import {
  CLIENT_ID,
  CONTEXT,
  CREDENTIAL,
  createClient,
  GRANTED,
  LOGIN_V3,
  networkErrorOf,
  REFRESH_ID_TOKEN,
} from './support.js'

const KEYS = '/keys'
type IDToken = Exclude<OneAccessClientOptions['idToken'], true | undefined>
type Algorithm = NonNullable<IDToken['algorithms']>[number]

const ALGORITHMS: Algorithm[] = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA'] as const),
]

const RSA = [1, 2, 3].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }))
const CURVES: Partial<Record<Algorithm, string>> = {
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
}

function pairFor(alg: Algorithm, nth: number): KeyPairKeyObjectResult | undefined {
  const namedCurve = CURVES[alg]
  if (namedCurve !== undefined) return generateKeyPairSync('ec', { namedCurve })
  return alg === 'EdDSA' ? generateKeyPairSync('ed25519') : RSA[nth]
}

/** A key of the tenant: its public JWK, and a function that signs with it. */
function keyOf(alg: Algorithm, nth: 0 | 1 | 2 = 0, header: { kid?: string } = {}) {
  const pair = pairFor(alg, nth)
  if (pair === undefined) throw new Error('no such key')
  const jwk: JWK = { ...(pair.publicKey.export({ format: 'jwk' }) as JWK), ...header }
  const sign = (claims: Record<string, unknown> = {}) =>
    new SignJWT({ exp: Date.now() / 1000 + 300, ...claims } as JWTPayload)
      .setProtectedHeader({ alg, ...header })
      .sign(pair.privateKey)
  return { jwk, sign }
}

describe('IDTokenCheck', () => {
  let upstream: Upstream
  let clock: SinonFakeTimers

  beforeEach(async () => {
    clock = sinon.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ['Date'] })
    upstream = await startUpstream()
    upstream.script(CREDENTIAL, GRANTED)
  })

  afterEach(async () => {
    clock.restore()
    await upstream.close()
  })

  const publish = (...keys: JWK[]) => upstream.script(KEYS, { body: { keys } })
  const fetches = () => upstream.at(KEYS).length

  const clientWith = (idToken: Partial<IDToken> = {}) =>
    createClient(upstream, { idToken: { jwksUri: `${upstream.url}${KEYS}`, ...idToken } })

  const logIn = (idToken: string, client: OneAccessClient) => {
    upstream.script(LOGIN_V3, {
      body: { status: 'SUCCESS', session_token: 's1', id_token: idToken },
    })
    return client.loginWithAlipay('code-1', CONTEXT)
  }

  const refresh = (idToken: string, client: OneAccessClient) => {
    upstream.script(REFRESH_ID_TOKEN, { body: { session_token: 's2', id_token: idToken } })
    return client.refresh('s1', CONTEXT)
  }

  const refused = async (idToken: string, client = clientWith()) => {
    const error = await networkErrorOf(logIn(idToken, client))
    expect(error).to.include({ code: 'id_token_invalid', status: 502, step: 'keys' })
    expect(error.hint).to.include('idToken')
    return error.message
  }

  describe('algorithms', () => {
    for (const alg of ALGORITHMS) {
      it(`accepts ${alg} when it is listed`, async () => {
        const { jwk, sign } = keyOf(alg)
        publish(jwk)
        const login = await logIn(await sign(), clientWith({ algorithms: [alg] }))
        expect(login.status).to.equal('SUCCESS')
      })
    }

    for (const alg of ALGORITHMS) {
      const isDefault = alg === 'RS256' || alg === 'RS512'
      it(`${isDefault ? 'accepts' : 'rejects'} ${alg} by default`, async () => {
        const { jwk, sign } = keyOf(alg)
        publish(jwk)
        if (isDefault) expect((await logIn(await sign(), clientWith())).status).to.equal('SUCCESS')
        else expect(await refused(await sign())).to.include('its algorithm is not allowed')
      })
    }

    it('throws a TypeError that names the possible algorithms for an empty list', () => {
      expect(() => clientWith({ algorithms: [] })).to.throw(TypeError, ALGORITHMS.join(', '))
    })
  })

  describe('rejections', () => {
    it('rejects a wrong signature', async () => {
      const [genuine, foreign] = [keyOf('RS256', 0, { kid: 'a' }), keyOf('RS256', 1)]
      publish(genuine.jwk)
      expect(await refused(await foreign.sign())).to.include('its signature is invalid')
    })

    it('rejects a token signed with a key that is not published', async () => {
      const [genuine, other] = [keyOf('RS256', 0, { kid: 'a' }), keyOf('RS256', 1, { kid: 'b' })]
      publish(genuine.jwk)
      expect(await refused(await other.sign())).to.include(
        'the key that signed it is not published',
      )
    })

    it('rejects a token that is not a JWT', async () => {
      publish()
      expect(await refused('opaque')).to.include('it is not a signed JWT')
    })

    it('rejects another issuer, in iss and in Issuer', async () => {
      const { jwk, sign } = keyOf('RS256')
      publish(jwk)
      const client = clientWith({ issuer: 'us' })
      for (const claims of [{ iss: 'them' }, { Issuer: 'them' }, {}]) {
        expect(await refused(await sign(claims), client)).to.include('its issuer does not match')
      }
      for (const claims of [{ iss: 'us' }, { Issuer: 'us' }]) {
        expect((await logIn(await sign(claims), client)).status).to.equal('SUCCESS')
      }
    })

    it('rejects another audience, in aud and in Audience, as a string and as an array', async () => {
      const { jwk, sign } = keyOf('RS256')
      publish(jwk)
      const client = clientWith({ audience: 'us' })
      for (const claims of [{ aud: 'them' }, { Audience: ['them'] }, {}]) {
        expect(await refused(await sign(claims), client)).to.include('its audience is another')
      }
      for (const claims of [{ aud: 'us' }, { aud: ['them', 'us'] }, { Audience: 'us' }]) {
        expect((await logIn(await sign(claims), client)).status).to.equal('SUCCESS')
      }
    })

    it('rejects a token for another client, without the option audience', async () => {
      const { jwk, sign } = keyOf('RS256')
      publish(jwk)
      const foreign = [
        ...['another-client', ['another-client'], ['Audience', 'another-client'], ''],
        CLIENT_ID.toUpperCase(),
      ]
      for (const audience of foreign) {
        expect(await refused(await sign({ aud: audience }))).to.include(
          'its audience is another application',
        )
        expect(await refused(await sign({ Audience: audience }))).to.include('its audience is')
      }
    })

    it('accepts an audience that is the client id, is missing, or is the word Audience', async () => {
      const { jwk, sign } = keyOf('RS256')
      publish(jwk)
      for (const claims of [
        { aud: CLIENT_ID },
        { aud: ['x', CLIENT_ID] },
        { aud: 'Audience' },
        {},
      ]) {
        expect((await logIn(await sign(claims), clientWith())).status).to.equal('SUCCESS')
      }
    })

    it('rejects a token without exp, at login and at refresh', async () => {
      const { jwk, sign } = keyOf('RS256')
      publish(jwk)
      const endless = await sign({ exp: undefined })
      expect(await refused(endless)).to.include('it has no exp')
      const renewed = await refresh(endless, clientWith())
      expect(renewed.idTokenError?.message).to.include('it has no exp')
    })
  })

  it('true fetches the keys from the URL at which the tenant publishes them', async () => {
    const { jwk, sign } = keyOf('RS256')
    upstream.script('/api/v1/oauth2/keys', { body: { keys: [jwk] } })
    const client = createClient(upstream, { idToken: true })
    expect((await logIn(await sign({ aud: CLIENT_ID }), client)).status).to.equal('SUCCESS')
    expect(await refused(await sign({ aud: 'them' }), client)).to.include(
      'its audience is another application',
    )
  })

  it('tolerates a clock difference of a minute by default', async () => {
    const { jwk, sign } = keyOf('RS256')
    publish(jwk)
    const now = Date.now() / 1000
    expect((await logIn(await sign({ exp: now - 55 }), clientWith())).status).to.equal('SUCCESS')
    expect(await refused(await sign({ exp: now - 65 }))).to.include('it has expired')
  })

  it('tries each suitable key on a token without kid', async () => {
    const keys = ([0, 1, 2] as const).map((nth) => keyOf('RS256', nth))
    publish(...keys.slice(0, 2).map(({ jwk }) => jwk))
    const [first, second, foreign] = await Promise.all(keys.map(({ sign }) => sign()))
    for (const token of [first, second]) {
      expect((await logIn(token ?? '', clientWith())).status).to.equal('SUCCESS')
    }
    expect(await refused(foreign ?? '')).to.include('its signature is invalid')
  })

  it('fetches the keys from jwksUri, including its query', async () => {
    publish()
    await clientWith({ jwksUri: `${upstream.url}${KEYS}?app=a1` }).prepare()
    const [asked] = upstream.at(KEYS)
    expect([asked?.method, asked?.path]).to.deep.equal(['GET', `${KEYS}?app=a1`])
  })

  for (const body of ['', '[]', '{}', '{"keys":[7]}']) {
    it(`errors with unexpected_answer when the key set is ${body || 'empty'}`, async () => {
      upstream.script(KEYS, { body })
      const error = await networkErrorOf(clientWith().prepare())
      expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'keys' })
      expect(error.message).to.include('is not a JSON Web Key Set')
    })
  }

  it('caches the keys for 10 minutes', async () => {
    publish()
    const client = clientWith()
    await client.prepare()
    clock.tick(599_000)
    await client.prepare()
    expect(fetches()).to.equal(1)
    clock.tick(2_000)
    await client.prepare()
    expect(fetches()).to.equal(2)
  })

  it('checks a refresh with the cached keys while new ones cannot be fetched, and retries after 30 s', async () => {
    const { jwk, sign } = keyOf('RS256', 0, { kid: 'a' })
    publish(jwk)
    const client = clientWith()
    expect(await refresh(await sign(), client)).to.have.property('idToken')
    clock.tick(660_000)
    upstream.script(KEYS, { status: 503, body: '' })
    for (let n = 0; n < 3; n++) {
      expect(await refresh(await sign(), client)).to.have.property('idToken')
    }
    expect(fetches()).to.equal(2)
    clock.tick(31_000)
    publish(jwk)
    await refresh(await sign(), client)
    expect(fetches()).to.equal(3)
  })

  it('does not send the session token of a refresh when there are no keys', async () => {
    upstream.script(KEYS, { status: 503, body: '' })
    const error = await networkErrorOf(refresh('e30.e30.x', clientWith()))
    expect(error).to.include({ code: 'upstream_failed', step: 'keys' })
    expect(upstream.at(REFRESH_ID_TOKEN)).to.deep.equal([])
  })

  it('shares connections with the other calls when jwksUri is on the OneAccess host', async () => {
    const { jwk, sign } = keyOf('RS256')
    publish(jwk)
    const client = createClient(upstream, {
      idToken: { jwksUri: `${upstream.url}${KEYS}` },
      maxConnections: 1,
    })
    await client.prepareKeys()
    await refresh(await sign(), client)
    expect(new Set(upstream.requests.map(({ connection }) => connection)).size).to.equal(1)
  })

  it('checks a refresh with the cached keys, and fetches an unknown one for the next refresh', async () => {
    const [old, young] = [keyOf('RS256', 0, { kid: 'a' }), keyOf('RS256', 1, { kid: 'b' })]
    publish(old.jwk)
    const client = clientWith()
    expect(await refresh(await old.sign(), client)).to.have.property('idToken')
    publish(old.jwk, young.jwk)
    const token = await young.sign()
    clock.tick(29_000)
    expect((await refresh(token, client)).idTokenError?.code).to.equal('id_token_invalid')
    expect(fetches(), 'so soon again').to.equal(1)
    clock.tick(2_000)
    expect((await refresh(token, client)).idTokenError?.code).to.equal('id_token_invalid')
    let renewed = await refresh(token, client)
    while (renewed.idTokenError) renewed = await refresh(token, client)
    expect(renewed.idToken).to.equal(token)
    expect(fetches()).to.equal(2)
  })
})
