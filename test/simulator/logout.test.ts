import { expect } from 'chai'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import {
  encrypt,
  type Result,
  refresh,
  sdkHeaders,
  send,
  sessionToken,
  signature,
} from './support.js'

describe("the simulator's logout", () => {
  let simulator: Simulator
  let token: string

  beforeEach(async () => {
    simulator = await startSimulator()
    token = await sessionToken(simulator)
  })
  afterEach(() => simulator.close())

  function get(path: string, headers: Record<string, string> = {}): Promise<Result> {
    return send(simulator, path, {
      method: 'GET',
      headers: { ...sdkHeaders(simulator), ...headers },
    })
  }

  const sign = (text: string, oaepHash?: string) => encrypt(simulator, text, oaepHash)
  const signed = (nonce?: string) => signature(simulator, token, nonce)

  function logout(signature: string, headers: Record<string, string> = {}): Promise<Result> {
    return get('/api/v2/sdk/logout', { 'x-signature': signature, ...headers })
  }

  it('has the time of the simulator’s clock in milliseconds at server-date', async () => {
    simulator.clock.advance(1e9)
    const { body } = await get('/api/v2/sdk/server-date')
    expect(body.timestamp).to.match(/^\d{13}$/)
    expect(Number(body.timestamp)).to.be.closeTo(Date.now() + 1e9, 5000)
  })

  it('ends the session whose token was signed', async () => {
    expect((await logout(await signed())).status).to.equal(200)
    expect(simulator.sessions()[0]?.endedBy).to.equal('logout')
    expect((await refresh(simulator, token)).body.error_code).to.equal('IDAAS.SDK.PARAM.0023')
  })

  it('accepts a nonce once', async () => {
    await logout(await signed())
    token = await sessionToken(simulator)
    expect((await logout(await signed())).body.error_msg).to.include('nonce')
    expect((await logout(await signed('18b30'))).status).to.equal(200)
  })

  it('refuses a timestamp that is more than five minutes old', async () => {
    const signature = await signed()
    simulator.clock.advance(301_000)
    expect((await logout(signature)).body.error_msg).to.include('timestamp')
    expect(simulator.sessions()[0]).not.to.have.property('endedBy')
  })

  it('refuses a signature with wrong encryption, member order or members', async () => {
    const now = Date.now()
    const wrong: [signature: string, code: string][] = [
      ['', 'SIMULATOR.STRICT'],
      ['bm90IGVuY3J5cHRlZA==', 'PARAM.0030'],
      [await sign(`session_token=${token}&timestamp=${now}&nonce=1`, 'sha1'), 'PARAM.0030'],
      [await sign(`timestamp=${now}&session_token=${token}&nonce=1`), 'SIMULATOR.STRICT'],
      [await sign(`session_token=${token}&timestamp=${now}`), 'SIMULATOR.STRICT'],
    ]
    for (const [signature, code] of wrong) {
      expect((await logout(signature)).body.error_code).to.equal(code)
    }
    expect(simulator.sessions()[0]).not.to.have.property('endedBy')
  })

  it('refuses an ended session, and another device', async () => {
    const other = await logout(await signed(), { 'x-device-fingerprint': 'another' })
    expect(other.body.error_code).to.equal('SDK.COMMON.1003')
    simulator.endSessions()
    expect((await logout(await signed('2'))).body.error_code).to.equal('IDAAS.SDK.PARAM.0023')
  })

  it('redirects a browser only to loopback, and only for its own client id', async () => {
    const web = (redirect_url: string, client_id = simulator.clientID) =>
      send(simulator, `/api/v1/logout?${new URLSearchParams({ redirect_url, client_id })}`, {
        method: 'GET',
      })
    const home = await web('http://localhost:3000/')
    expect([home.status, home.headers.get('location')]).to.deep.equal([
      302,
      'http://localhost:3000/',
    ])
    expect((await web('https://evil.example/')).status).to.equal(400)
    expect((await web('http://localhost:3000/', 'another')).status).to.equal(400)
  })
})
