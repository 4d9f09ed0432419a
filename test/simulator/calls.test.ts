import { expect } from 'chai'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import {
  bearer,
  credential,
  deviceMembers,
  login,
  personWith,
  refresh,
  sdkHeaders,
  send,
  ticket,
} from './support.js'

describe("the simulator's list of calls", () => {
  let simulator: Simulator

  beforeEach(async () => {
    simulator = await startSimulator()
  })
  afterEach(() => simulator.close())

  it('lists calls in order, with request and response', async () => {
    await login(simulator)
    await credential(simulator)
    expect(simulator.calls.map(({ n, endpoint, status }) => [n, endpoint, status])).to.deep.equal([
      [1, 'login', 200],
      [2, 'credential', 200],
    ])
    const [call] = simulator.calls
    expect(call?.method).to.equal('POST')
    expect(call?.path).to.equal('/api/v3/sdk/login/alipay')
    expect(call?.headers['x-device-fingerprint']).to.equal('156aysdna213sc50')
    expect(call?.answer).to.include({ status: 'SUCCESS', expire: 604800 })
    expect(call?.ms).to.be.a('number')
    expect(call?.at).to.be.closeTo(Date.now(), 5000)
  })

  it('contains no complete secret in a URL, a header, a body or a response', async () => {
    const first = await login(simulator)
    await refresh(simulator, first.body.session_token ?? '')
    const sso_ticket = await ticket(simulator)
    const headers = await bearer(simulator)
    const verified = await send(simulator, '/api/v2/tenant/sso/sso-ticket/verify', {
      headers,
      body: { sso_ticket, ...deviceMembers },
    })
    expect(verified.status).to.equal(200)
    const query = new URLSearchParams({
      app_id: simulator.alipayAppID,
      scope: 'auth_user',
      redirect_uri: 'http://localhost/',
      state: 'thestateofthisattempt',
    })
    const consent = await send(simulator, `/oauth2/publicAppAuthorize.htm?${query}`, {
      body: new URLSearchParams({ person: simulator.people[0]?.id ?? '', decision: 'agree' }),
    })
    const code = new URL(consent.headers.get('location') ?? '').searchParams.get('auth_code')
    const secrets = [
      first.body.session_token,
      first.body.id_token,
      sso_ticket,
      headers.authorization?.slice(7),
      simulator.clientSecret,
      code ?? undefined,
      'thestateofthisattempt',
      '15200000001',
      'wangfang@example.com',
    ]
    const listed = JSON.stringify(simulator.calls)
    for (const secret of secrets) {
      expect(secret).to.be.a('string').with.length.above(9)
      expect(listed).not.to.include(secret)
      if (secret && secret.length > 16) expect(listed).not.to.include(secret.slice(3))
    }
  })

  it('masks a short secret completely', async () => {
    const challenge = (await login(simulator, { person: personWith(simulator, 'MFA_AUTH') })).body
    await send(simulator, '/api/v2/sdk/mfa/sms', {
      headers: { ...sdkHeaders(simulator), 'x-state-token': challenge.state_token ?? '' },
      body: { mobile: '15200000005', verify_code: '123456' },
    })
    expect(simulator.calls.at(-1)?.body).to.deep.equal({ mobile: '***', verify_code: '***' })
  })

  it('shows error codes and messages in full', async () => {
    await refresh(simulator, 'a session token that nobody gave')
    expect(simulator.calls[0]?.answer).to.deep.equal({
      error_code: 'IDAAS.SDK.PARAM.0023',
      error_msg: 'invalid or expired session token',
    })
  })

  it('keeps the last 1,000 calls; count() includes all', async () => {
    const fetchKeys = () => send(simulator, '/api/v1/oauth2/keys', { method: 'GET' })
    for (let i = 0; i < 13; i++) await Promise.all(Array.from({ length: 77 }, fetchKeys))
    expect(simulator.calls).to.have.length(1000)
    expect(simulator.calls[0]?.n).to.equal(2)
    expect(simulator.count('jwks')).to.equal(1001)
  })
})
