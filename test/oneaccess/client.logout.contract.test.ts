import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto'
import { expect } from 'chai'
import { startUpstream, type Upstream } from '../support/upstream.js'
import { CLIENT_ID, CONTEXT, clientFor, failureOf, wireOf } from './support.js'

const LOGOUT = '/api/v2/sdk/logout'
const PUBLIC_KEY = '/api/v2/sdk/public-key'
const SERVER_DATE = '/api/v2/sdk/server-date'
const SESSION_TOKEN = 'bts-0123456789.abcdef~2VO'

describe('OneAccessClient.logout, against contract 1.8', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const der = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
    upstream.script(PUBLIC_KEY, { body: { public_key: der } })
    upstream.script(SERVER_DATE, { body: { timestamp: 1767225600123 } })
    upstream.script(LOGOUT, { body: '' })
  })

  afterEach(() => upstream.close())

  /** What the nth logout call says under its signature, by RSA-OAEP with SHA-256 and MGF1-SHA-256. */
  function signed(n: number): URLSearchParams {
    const signature = wireOf(upstream.at(LOGOUT)[n]).headers['x-signature'] ?? ''
    expect(signature).to.match(/^[A-Za-z0-9+/]+={0,2}$/)
    const padding = constants.RSA_PKCS1_OAEP_PADDING
    const sealed = Buffer.from(signature, 'base64')
    const text = privateDecrypt({ key: privateKey, padding, oaepHash: 'sha256' }, sealed).toString()
    expect(text).to.match(/^session_token=[^&]+&timestamp=\d+&nonce=[^&]+$/)
    return new URLSearchParams(text)
  }

  it('signs the session token, the time of the server and a nonce', async () => {
    await clientFor(upstream).logout(SESSION_TOKEN, CONTEXT)
    expect(signed(0).get('session_token')).to.equal(SESSION_TOKEN)
    expect(signed(0).get('timestamp')).to.equal('1767225600123')
  })

  it('never uses a nonce twice', async () => {
    const client = clientFor(upstream)
    await client.logout(SESSION_TOKEN, CONTEXT)
    await client.logout(SESSION_TOKEN, CONTEXT)
    expect(signed(0).get('nonce')).to.not.equal(signed(1).get('nonce'))
  })

  it('asks for the key and the time, then logs out once, all by GET and as the app', async () => {
    await clientFor(upstream).logout(SESSION_TOKEN, CONTEXT)
    const sent = upstream.requests.map(wireOf)
    const lines = sent.map(({ line }) => line)
    expect(lines.slice(0, 2)).to.have.members([`GET ${PUBLIC_KEY}`, `GET ${SERVER_DATE}`])
    expect(lines.slice(2)).to.deep.equal([`GET ${LOGOUT}`])
    for (const { headers, body } of sent) {
      expect(headers['x-client-id']).to.equal(CLIENT_ID)
      expect(body).to.equal('')
    }
  })

  it('never sends the session token in the clear', async () => {
    await clientFor(upstream).logout(SESSION_TOKEN, CONTEXT)
    for (const request of upstream.requests)
      expect(JSON.stringify(request)).to.not.include(SESSION_TOKEN)
  })

  it('takes the key as PEM, too', async () => {
    upstream.script(PUBLIC_KEY, {
      body: { data: publicKey.export({ type: 'spki', format: 'pem' }) },
    })
    await clientFor(upstream).logout(SESSION_TOKEN, CONTEXT)
    expect(signed(0).get('session_token')).to.equal(SESSION_TOKEN)
  })

  for (const path of [PUBLIC_KEY, SERVER_DATE]) {
    it(`does not log out without what ${path} has to say: 502`, async () => {
      upstream.script(path, { body: { data: 'nothing' } })
      const error = await failureOf(clientFor(upstream).logout(SESSION_TOKEN, CONTEXT))
      expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'logout' })
      expect(upstream.at(LOGOUT)).to.have.lengthOf(0)
    })
  }

  it('finds the key and the time among other fields, however deep, and takes no other number', async () => {
    const other = { id: 'a'.repeat(120), version: '1767225600', flags: [der] }
    upstream.script(PUBLIC_KEY, { body: { ...other, data: { key: { value: der } } } })
    const near = { id: 'n1767225600123', more: '1767225600123n', short: 123456789 }
    upstream.script(SERVER_DATE, { body: { ...near, data: { now: { ms: '1767225600123' } } } })
    await clientFor(upstream).logout(SESSION_TOKEN, CONTEXT)
    expect(signed(0).get('timestamp')).to.equal('1767225600123')
  })

  it('says what is missing, and that a key is too small', async () => {
    const call = () => failureOf(clientFor(upstream).logout(SESSION_TOKEN, CONTEXT))
    upstream.script(SERVER_DATE, { body: {} })
    expect((await call()).message).to.include('the server date is missing')
    const { publicKey: small } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const key = small.export({ type: 'spki', format: 'der' }).toString('base64')
    upstream.script(SERVER_DATE, { body: 1767225600123 })
    upstream.script(PUBLIC_KEY, { body: { key } })
    const error = await call()
    expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'logout' })
    expect(error.message).to.include('the public key is too small for the session token')
    upstream.script(PUBLIC_KEY, { body: {} })
    expect((await call()).message).to.include('the public key is missing or is no RSA key')
  })

  it('fails when OneAccess refuses, and shows no token', async () => {
    const body = { error_code: 'IDAAS.SDK.PARAM.0023', error_msg: `no ${SESSION_TOKEN}` }
    upstream.script(LOGOUT, { status: 400, body })
    const error = await failureOf(clientFor(upstream).logout(SESSION_TOKEN, CONTEXT))
    expect(error).to.include({ code: 'session_ended', step: 'logout' })
    expect(error.message).to.not.include(SESSION_TOKEN)
  })
})
