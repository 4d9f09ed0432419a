import { createPublicKey } from 'node:crypto'
import { expect } from 'chai'
import { restore, useFakeTimers } from 'sinon'
import { startUpstream, type Upstream } from '../support/upstream.js'
import {
  appKey,
  CLIENT_ID,
  CONTEXT,
  createClient,
  networkErrorOf,
  PUBLIC_KEY,
  SERVER_DATE,
  signedIn,
  wireOf,
} from './support.js'

const LOGOUT = '/api/v2/sdk/logout'
const SESSION_TOKEN = 'bts-0123456789.abcdef~2VO'
const NOW = 1767225600123

describe('OneAccessClient.logout', () => {
  const { privateKey, answer: keyAnswer } = appKey()
  const { public_key: der } = keyAnswer.body as { public_key: string }
  let upstream: Upstream

  beforeEach(async () => {
    useFakeTimers({ now: NOW, toFake: ['Date'] })
    upstream = await startUpstream()
    upstream.script(PUBLIC_KEY, keyAnswer)
    upstream.script(SERVER_DATE, { body: { timestamp: NOW } })
    upstream.script(LOGOUT, { body: '' })
  })

  afterEach(async () => {
    restore()
    await upstream.close()
  })

  const signed = (n: number) => signedIn(upstream.at(LOGOUT)[n], privateKey)

  it('signs the session token, the server time and a nonce', async () => {
    await createClient(upstream).logout(SESSION_TOKEN, CONTEXT)
    expect(signed(0).get('session_token')).to.equal(SESSION_TOKEN)
    expect(signed(0).get('timestamp')).to.equal(String(NOW))
  })

  it('uses a new nonce for each call', async () => {
    const client = createClient(upstream)
    await client.logout(SESSION_TOKEN, CONTEXT)
    await client.logout(SESSION_TOKEN, CONTEXT)
    expect(signed(0).get('nonce')).to.not.equal(signed(1).get('nonce'))
  })

  it('fetches the public key and the server date once, then logs out, all with GET and X-Client-Id', async () => {
    const client = createClient(upstream)
    await client.logout(SESSION_TOKEN, CONTEXT)
    await client.logout(SESSION_TOKEN, CONTEXT)
    const sent = upstream.requests.map(wireOf)
    const lines = sent.map(({ line }) => line)
    expect(lines.slice(0, 2)).to.have.members([`GET ${PUBLIC_KEY}`, `GET ${SERVER_DATE}`])
    expect(lines.slice(2)).to.deep.equal([`GET ${LOGOUT}`, `GET ${LOGOUT}`])
    for (const { headers, body } of sent) {
      expect(headers['x-client-id']).to.equal(CLIENT_ID)
      expect(body).to.equal('')
    }
  })

  it('signs again, once, when OneAccess rejects the signature', async () => {
    const refused = { status: 400, body: { error_code: 'PARAM.0030' } }
    upstream.script(LOGOUT, refused, { body: '' })
    await createClient(upstream).logout(SESSION_TOKEN, CONTEXT)
    upstream.script(LOGOUT, refused)
    const error = await networkErrorOf(createClient(upstream).logout(SESSION_TOKEN, CONTEXT))
    expect(error).to.include({ code: 'signature_refused', step: 'logout' })
    expect(upstream.at(LOGOUT)).to.have.lengthOf(4)
  })

  it('never sends the session token in clear text', async () => {
    await createClient(upstream).logout(SESSION_TOKEN, CONTEXT)
    for (const request of upstream.requests)
      expect(JSON.stringify(request)).to.not.include(SESSION_TOKEN)
  })

  it('accepts the public key as PEM', async () => {
    const key = createPublicKey({ key: Buffer.from(der, 'base64'), format: 'der', type: 'spki' })
    upstream.script(PUBLIC_KEY, { body: { data: key.export({ type: 'spki', format: 'pem' }) } })
    await createClient(upstream).logout(SESSION_TOKEN, CONTEXT)
    expect(signed(0).get('session_token')).to.equal(SESSION_TOKEN)
  })

  for (const path of [PUBLIC_KEY, SERVER_DATE]) {
    it(`errors with 502 before the logout call when ${path} has no usable value`, async () => {
      upstream.script(path, { body: { data: 'nothing' } })
      const error = await networkErrorOf(createClient(upstream).logout(SESSION_TOKEN, CONTEXT))
      expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'signature' })
      expect(upstream.at(LOGOUT)).to.have.lengthOf(0)
    })
  }

  it('finds the key and the date in nested fields, and ignores similar values', async () => {
    const other = { id: 'a'.repeat(120), version: '1767225600', flags: [der] }
    upstream.script(PUBLIC_KEY, { body: { ...other, data: { key: { value: der } } } })
    const near = { id: 'n1767225600123', more: '1767225600123n', short: 123456789 }
    upstream.script(SERVER_DATE, { body: { ...near, data: { now: { ms: String(NOW) } } } })
    await createClient(upstream).logout(SESSION_TOKEN, CONTEXT)
    expect(signed(0).get('timestamp')).to.equal(String(NOW))
  })

  it('says that the date or the key is missing, or that the key is too short for the token', async () => {
    const call = () => networkErrorOf(createClient(upstream).logout(SESSION_TOKEN, CONTEXT))
    upstream.script(SERVER_DATE, { body: {} })
    expect((await call()).message).to.include('the server date is missing')
    upstream.script(SERVER_DATE, { body: NOW })
    upstream.script(PUBLIC_KEY, appKey(1024).answer)
    const error = await call()
    expect(error).to.include({ code: 'misconfigured', status: 500, step: 'logout' })
    expect(error.message).to.include('too long to sign with a 1024-bit key')
    expect(error.hint).to.equal('leave upstreamLogout off')
    upstream.script(PUBLIC_KEY, { body: {} })
    expect((await call()).message).to.include('the public key is missing or is not an RSA key')
  })

  it('reports an error of OneAccess without the session token in the message', async () => {
    const body = { error_code: 'IDAAS.SDK.PARAM.0023', error_msg: `no ${SESSION_TOKEN}` }
    upstream.script(LOGOUT, { status: 400, body })
    const error = await networkErrorOf(createClient(upstream).logout(SESSION_TOKEN, CONTEXT))
    expect(error).to.include({ code: 'session_ended', step: 'logout' })
    expect(error.message).to.not.include(SESSION_TOKEN)
  })
})
