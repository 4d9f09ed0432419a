import { expect } from 'chai'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { login, personWith, sdkHeaders, send } from './support.js'

describe("the simulator's login endpoint", () => {
  let simulator: Simulator

  beforeEach(async () => {
    simulator = await startSimulator()
  })
  afterEach(() => simulator.close())

  function loginWith(code: string, headers: Record<string, string> = {}) {
    return send(simulator, '/api/v3/sdk/login/alipay', {
      headers: { ...sdkHeaders(simulator), ...headers },
      body: { code },
    })
  }

  it('returns SUCCESS with a session token, an id_token and the session’s lifetime', async () => {
    const { status, body } = await login(simulator)
    expect(status).to.equal(200)
    expect(Object.keys(body)).to.have.members(['status', 'session_token', 'expire', 'id_token'])
    expect(body.status).to.equal('SUCCESS')
    expect(body.expire).to.equal(604800)
  })

  it('omits the id_token with idTokenAtLogin: false', async () => {
    simulator.settings.idTokenAtLogin = false
    expect((await login(simulator)).body).not.to.have.property('id_token')
  })

  it('accepts a code once', async () => {
    const code = simulator.issueCode(personWith(simulator, 'SUCCESS'))
    expect((await loginWith(code)).status).to.equal(200)
    const second = await loginWith(code)
    expect(second.status).to.equal(400)
    expect(second.body.error_code).to.equal('SDK.ALIPAY.0001')
  })

  it('spends a code even if the call fails', async () => {
    const code = simulator.issueCode(personWith(simulator, 'SUCCESS'))
    const failed = await loginWith(code, { 'x-client-id': 'another' })
    expect(failed.body.error_code).to.equal('APP.0001')
    expect((await loginWith(code)).body.error_code).to.equal('SDK.ALIPAY.0001')
  })

  it('accepts a code for three minutes', async () => {
    const [early, late] = [simulator.issueCode, simulator.issueCode].map((issue) =>
      issue(personWith(simulator, 'SUCCESS')),
    )
    simulator.clock.advance(179_000)
    expect((await loginWith(early ?? '')).status).to.equal(200)
    simulator.clock.advance(1000)
    expect((await loginWith(late ?? '')).body.error_code).to.equal('SDK.ALIPAY.0001')
  })

  it('refuses a code that it never issued', async () => {
    expect((await loginWith('ad12sasdsfe3dfdg3sc')).status).to.equal(400)
  })

  it('has a v2 and a v3, or answers 404 without spending the code, as loginVersions says', async () => {
    const both = [
      await login(simulator, { version: 'v2' }),
      await login(simulator, { version: 'v3' }),
    ]
    expect(both.map(({ status }) => status)).to.deep.equal([200, 200])
    simulator.settings.loginVersions = ['v2']
    const body = { code: simulator.issueCode(personWith(simulator, 'SUCCESS')) }
    const headers = sdkHeaders(simulator)
    const v3 = await send(simulator, '/api/v3/sdk/login/alipay', { headers, body })
    const v2 = await send(simulator, '/api/v2/sdk/login/alipay', { headers, body })
    expect([v3.status, v2.status]).to.deep.equal([404, 200])
  })

  it('has a separate path for mini programs', async () => {
    const answer = await send(simulator, '/api/v2/sdk/login/alipay-miniprogram', {
      headers: sdkHeaders(simulator),
      body: { code: simulator.issueCode(personWith(simulator, 'SUCCESS')) },
    })
    expect(answer.body.status).to.equal('SUCCESS')
    expect(simulator.count('login-miniprogram')).to.equal(1)
  })

  for (const outcome of ['SOCIAL_BIND', 'USER_REGISTER', 'MFA_AUTH']) {
    it(`returns ${outcome} with 200, a state token and data as a JSON string`, async () => {
      const { status, body } = await login(simulator, { person: personWith(simulator, outcome) })
      expect(status).to.equal(200)
      expect(Object.keys(body)).to.have.members(['status', 'state_token', 'data'])
      expect(body.status).to.equal(outcome)
      expect(body.state_token).to.be.a('string').with.length.above(20)
      const data: unknown = JSON.parse(body.data ?? '')
      const flows = { socialBindOrRegisterFlow: ['VERIFY_PHONE', 'VERIFY_EMAIL'] }
      expect(data).to.deep.equal(outcome === 'MFA_AUTH' ? {} : flows)
    })
  }

  it('returns ACCESS_DENIED with 200 and no token', async () => {
    const answer = await login(simulator, { person: personWith(simulator, 'ACCESS_DENIED') })
    expect(answer.status).to.equal(200)
    expect(answer.body).to.deep.equal({ status: 'ACCESS_DENIED', data: '{}' })
  })

  it('returns an undocumented status if a user has it as outcome', async () => {
    Object.assign(simulator.people[0] ?? {}, { outcome: 'PASSWORD_EXPIRED' })
    expect((await login(simulator)).body.status).to.equal('PASSWORD_EXPIRED')
  })

  it('returns ACCESS_DENIED for a disabled user, whose sessions have ended', async () => {
    await login(simulator)
    const { id } = simulator.people[0] ?? { id: '' }
    simulator.disable(id)
    expect((await login(simulator)).body.status).to.equal('ACCESS_DENIED')
    expect(simulator.sessions(id).map(({ endedBy }) => endedBy)).to.deep.equal(['disabled'])
  })
})
