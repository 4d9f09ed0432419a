import { expect } from 'chai'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { bearer, deviceMembers, login, type Result, send, sessionToken, ticket } from './support.js'

const TICKET = '/api/v2/tenant/sso/session-token/sso-ticket'
const VERIFY = '/api/v2/tenant/sso/sso-ticket/verify'

const user = {
  id: '20220126153857263-A04D-60E0D446C',
  userName: 'wangfang',
  name: '王芳',
  mobile: '+86-15200000001',
  email: 'wangfang@example.com',
}

describe("the simulator's tickets", () => {
  let simulator: Simulator

  beforeEach(async () => {
    simulator = await startSimulator()
  })
  afterEach(() => simulator.close())

  async function exchange(session_token: string, more: object = {}): Promise<Result> {
    return send(simulator, TICKET, {
      headers: await bearer(simulator),
      body: { session_token, ...deviceMembers, ...more },
    })
  }

  async function verify(sso_ticket: string): Promise<Result> {
    return send(simulator, VERIFY, {
      headers: await bearer(simulator),
      body: { sso_ticket, ...deviceMembers },
    })
  }

  it('are issued for a session token, with their lifetime', async () => {
    const { status, body } = await exchange(await sessionToken(simulator))
    expect(status).to.equal(200)
    expect(body.expire).to.equal(9600)
    expect(body.sso_ticket).to.match(/^ssoTicket-.{28}$/)
  })

  const shapes = [
    ['data.user', { code: '0', message: 'success', data: { user } }],
    ['data', { code: '0', message: 'success', data: user }],
    ['flat', user],
  ] as const
  for (const [shape, answer] of shapes) {
    it(`return the user in the shape ${shape}`, async () => {
      simulator.settings.userShape = shape
      expect((await verify(await ticket(simulator))).body).to.deep.equal(answer)
    })
  }

  it('return only the fields that the user has', async () => {
    const [first] = simulator.people
    delete first?.mobile
    delete first?.email
    simulator.settings.userShape = 'flat'
    const answer = await verify(await ticket(simulator))
    expect(Object.keys(answer.body)).to.deep.equal(['id', 'userName', 'name'])
  })

  it('work once', async () => {
    const once = await ticket(simulator)
    expect((await verify(once)).status).to.equal(200)
    expect((await verify(once)).body.error_code).to.equal('SDK.COMMON.1005')
  })

  it('expire after their lifetime, and end with their session', async () => {
    const late = await ticket(simulator)
    simulator.clock.advance(9_600_000)
    expect((await verify(late)).body.error_code).to.equal('SDK.COMMON.1005')
    const orphan = await ticket(simulator)
    simulator.endSessions()
    expect((await verify(orphan)).body.error_code).to.equal('SDK.COMMON.1005')
  })

  it('are refused for an unknown or expired session token', async () => {
    expect((await exchange('iJKunknownITu')).body.error_code).to.equal('IDAAS.SDK.PARAM.0023')
    const token = await sessionToken(simulator)
    simulator.clock.advance(604_800_000)
    expect((await exchange(token)).body.error_code).to.equal('IDAAS.SDK.PARAM.0023')
  })

  it('are refused for another client id', async () => {
    const token = await sessionToken(simulator)
    expect((await exchange(token, { client_id: simulator.clientID })).status).to.equal(200)
    expect((await exchange(token, { client_id: 'another' })).body.error_code).to.equal('APP.0001')
  })

  it('bind the session to their device_ip if the login had none', async () => {
    const { body } = await login(simulator, { headers: { 'x-device-ip': '' } })
    const token = body.session_token ?? ''
    expect((await exchange(token, { device_ip: '10.9.9.9' })).status).to.equal(200)
    expect((await exchange(token)).body.error_code).to.equal('SDK.COMMON.1003')
  })
})
