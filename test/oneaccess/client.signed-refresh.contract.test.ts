import { expect } from 'chai'
import { restore, useFakeTimers } from 'sinon'
import { type Reply, startUpstream, type Upstream } from '../support/upstream.js'
import {
  appKey,
  CLIENT_ID,
  CONTEXT,
  CREDENTIAL,
  createClient,
  DEVICE_HEADERS,
  networkErrorOf,
  PUBLIC_KEY,
  REFRESH_ID_TOKEN,
  REFRESH_SESSION_TOKEN,
  REFRESH_SIGNED,
  SERVER_DATE,
  signedIn,
  TENANTS,
  wireOf,
} from './support.js'

const TOKEN = 'bts-0123456789.abcdef~2VO'
const ID_TOKEN = 'eyJraWQi.OiI0NjJX.EuY29tIn0'
const NOW = 1767225600123
const WITH = { refreshWith: 'signed-id-token' } as const
const REFUSED: Reply = { status: 400, body: { error_code: 'PARAM.0030', error_msg: 'signature' } }

describe("OneAccessClient.refresh with refreshWith: 'signed-id-token'", () => {
  const { privateKey, answer: keyAnswer } = appKey()
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
    upstream.script(PUBLIC_KEY, keyAnswer)
    upstream.script(SERVER_DATE, { body: { timestamp: String(NOW) } })
    upstream.script(REFRESH_SIGNED, { body: { id_token: ID_TOKEN } })
  })

  afterEach(async () => {
    restore()
    await upstream.close()
  })

  const clockAt = (now: number) => useFakeTimers({ now, toFake: ['Date'] })
  const signed = (n: number) => signedIn(upstream.at(REFRESH_SIGNED)[n], privateKey)

  for (const { name, options, context, headers } of TENANTS) {
    it(`fetches the public key and the server date of ${name}, then sends a signed request without a body`, async () => {
      await createClient(upstream, { ...options, ...WITH }).refresh(TOKEN, context)
      const known = { ...DEVICE_HEADERS, 'x-client-id': CLIENT_ID, ...headers }
      const sent = upstream.requests.map(wireOf)
      const ahead = sent.slice(0, 2).sort((a, b) => a.line.localeCompare(b.line))
      expect(ahead).to.deep.equal([
        { line: `GET ${PUBLIC_KEY}`, headers: known, body: '' },
        { line: `GET ${SERVER_DATE}`, headers: known, body: '' },
      ])
      const { 'x-signature': signature, ...others } = sent[2]?.headers ?? {}
      expect(signature).to.match(/^[A-Za-z0-9+/]{342}==$/)
      expect({ ...sent[2], headers: others }).to.deep.equal({
        line: `POST ${REFRESH_SIGNED}`,
        headers: known,
        body: '',
      })
    })
  }

  it('signs the session token, the server time and a nonce', async () => {
    clockAt(NOW - 3_600_000)
    await createClient(upstream, WITH).refresh(TOKEN, CONTEXT)
    expect(signed(0).get('session_token')).to.equal(TOKEN)
    expect(signed(0).get('timestamp')).to.equal(String(NOW))
    expect(signed(0).get('nonce')).to.match(/^[0-9a-f]{12}$/)
  })

  it('signs the time in seconds when the server date is in seconds', async () => {
    clockAt(NOW - 3_600_000)
    upstream.script(SERVER_DATE, { body: { timestamp: 1767225600 } })
    await createClient(upstream, WITH).refresh(TOKEN, CONTEXT)
    expect(signed(0).get('timestamp')).to.equal('1767225600')
  })

  it('sends X-L when language is set', async () => {
    await createClient(upstream, { ...WITH, language: 'en' }).refresh(TOKEN, CONTEXT)
    const languages = upstream.requests.map((request) => wireOf(request).headers['x-l'])
    expect(languages).to.deep.equal(['en', 'en', 'en'])
  })

  it('never sends the session token in clear text', async () => {
    await createClient(upstream, WITH).refresh(TOKEN, CONTEXT)
    for (const request of upstream.requests) expect(JSON.stringify(request)).to.not.include(TOKEN)
  })

  it('returns the id_token, and keeps the session token even if the response has another one', async () => {
    const more = { id_token: ID_TOKEN, session_token: 'another', expire: 1 }
    for (const body of [{ id_token: ID_TOKEN }, more]) {
      upstream.script(REFRESH_SIGNED, { body })
      const answer = await createClient(upstream, WITH).refresh(TOKEN, CONTEXT)
      expect(answer).to.deep.equal({ sessionToken: TOKEN, idToken: ID_TOKEN })
    }
  })

  it('errors with 502 and names id_token when the response has none', async () => {
    for (const body of [{}, { id_token: '' }, { id_token: 7 }]) {
      upstream.script(REFRESH_SIGNED, { body })
      const error = await networkErrorOf(createClient(upstream, WITH).refresh(TOKEN, CONTEXT))
      expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'refresh' })
      expect(error.hint).to.match(/\bid_token$/)
    }
  })

  it('fetches the key and the date once for concurrent and later calls', async () => {
    const clock = clockAt(NOW)
    const client = createClient(upstream, WITH)
    await Promise.all([client.refresh(TOKEN, CONTEXT), client.refresh(TOKEN, CONTEXT)])
    clock.tick(86_400_000)
    await client.refresh(TOKEN, CONTEXT)
    expect(upstream.at(PUBLIC_KEY)).to.have.lengthOf(1)
    expect(upstream.at(SERVER_DATE)).to.have.lengthOf(1)
    expect(signed(2).get('timestamp')).to.equal(String(NOW + 86_400_000))
  })

  it('fetches the key once for each tenant of an ISV application', async () => {
    const client = createClient(upstream, WITH)
    for (const tenantID of ['a', 'b', 'a']) await client.refresh(TOKEN, { ...CONTEXT, tenantID })
    const asked = upstream.at(PUBLIC_KEY).map((request) => wireOf(request).headers['x-tenant-id'])
    expect(asked).to.deep.equal(['a', 'b'])
  })

  it('shares the key with logout()', async () => {
    upstream.script('/api/v2/sdk/logout', { body: '' })
    const client = createClient(upstream, WITH)
    await client.refresh(TOKEN, CONTEXT)
    await client.logout(TOKEN, CONTEXT)
    expect(upstream.at(PUBLIC_KEY)).to.have.lengthOf(1)
  })

  it('fetches the key and the date again and signs again when OneAccess rejects the signature', async () => {
    upstream.script(REFRESH_SIGNED, REFUSED, { body: { id_token: ID_TOKEN } })
    const { idToken } = await createClient(upstream, WITH).refresh(TOKEN, CONTEXT)
    expect(idToken).to.equal(ID_TOKEN)
    expect(signed(1).get('nonce')).to.not.equal(signed(0).get('nonce'))
    expect(upstream.at(PUBLIC_KEY)).to.have.lengthOf(2)
    expect(upstream.at(SERVER_DATE)).to.have.lengthOf(2)
  })

  it('signs again once, then errors with signature_refused', async () => {
    upstream.script(REFRESH_SIGNED, REFUSED)
    const error = await networkErrorOf(createClient(upstream, WITH).refresh(TOKEN, CONTEXT))
    expect(error).to.include({ code: 'signature_refused', status: 503, step: 'refresh' })
    expect(upstream.at(REFRESH_SIGNED)).to.have.lengthOf(2)
  })

  it('fetches the key again after a failure', async () => {
    const client = createClient(upstream, WITH)
    upstream.script(PUBLIC_KEY, { status: 500 })
    const error = await networkErrorOf(client.refresh(TOKEN, CONTEXT))
    expect(error).to.include({ code: 'upstream_failed', step: 'signature' })
    upstream.script(PUBLIC_KEY, keyAnswer)
    expect((await client.refresh(TOKEN, CONTEXT)).idToken).to.equal(ID_TOKEN)
  })

  it('signs a session token of 133 characters with a 2048-bit key, and errors with misconfigured on a longer one', async () => {
    const client = createClient(upstream, WITH)
    await client.refresh('t'.repeat(133), CONTEXT)
    const error = await networkErrorOf(client.refresh('t'.repeat(134), CONTEXT))
    expect(error).to.include({ code: 'misconfigured', status: 500, step: 'refresh' })
    expect(error.message).to.include('too long to sign with a 2048-bit key')
    expect(error.hint).to.equal('set refreshWith to id-token or session-token')
    expect(upstream.at(REFRESH_SIGNED)).to.have.lengthOf(1)
  })

  it('names refreshWith in the hint when the tenant has no public key', async () => {
    upstream.script(PUBLIC_KEY, { status: 404 })
    const error = await networkErrorOf(createClient(upstream, WITH).refresh(TOKEN, CONTEXT))
    expect(error).to.include({ code: 'misconfigured', status: 500, step: 'signature' })
    expect(error.hint).to.include('set refreshWith to id-token or session-token')
  })

  it('fetches no access token, and tries no other call, after a failure', async () => {
    upstream.script(REFRESH_SIGNED, { status: 500 })
    await networkErrorOf(createClient(upstream, WITH).refresh(TOKEN, CONTEXT))
    for (const path of [CREDENTIAL, REFRESH_ID_TOKEN, REFRESH_SESSION_TOKEN])
      expect(upstream.at(path)).to.have.lengthOf(0)
    expect(upstream.at(REFRESH_SIGNED)).to.have.lengthOf(1)
  })
})
