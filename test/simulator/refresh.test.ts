import { expect } from 'chai'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import {
  bearer,
  claimsOf,
  deviceMembers,
  type Result,
  refresh,
  sdkHeaders,
  send,
  sessionToken,
  signature,
} from './support.js'

const INVALID = 'IDAAS.SDK.PARAM.0023'

describe("the simulator's refresh endpoints", () => {
  let simulator: Simulator
  let token: string

  beforeEach(async () => {
    simulator = await startSimulator()
    token = await sessionToken(simulator)
  })
  afterEach(() => simulator.close())

  async function refreshByTenantCall(session_token: string): Promise<Result> {
    return send(simulator, '/api/v2/tenant/sso/session-token/refresh', {
      headers: await bearer(simulator),
      body: { session_token, ...deviceMembers },
    })
  }

  async function expectRefreshed(from: string): Promise<string> {
    const { status, body } = await refresh(simulator, from)
    expect(status).to.equal(200)
    return body.session_token ?? ''
  }

  async function expectRefused(one: string): Promise<void> {
    const { status, body } = await refresh(simulator, one)
    expect([status, body.error_code]).to.deep.equal([400, INVALID])
  }

  describe('with rotation: never', () => {
    it('return the same session token, its remaining lifetime, and a new id_token', async () => {
      simulator.clock.advance(100_000_000)
      const { body } = await refresh(simulator, token)
      expect(Object.keys(body)).to.have.members(['session_token', 'expire', 'id_token'])
      expect(body.session_token).to.equal(token)
      expect(body.expire).to.be.within(504_799, 504_800)
      const { exp } = claimsOf(body.id_token ?? '')
      expect(Number(exp) - simulator.clock.now() / 1000).to.be.within(298, 300)
    })

    it('do not extend the session', async () => {
      simulator.clock.advance(604_799_000)
      await expectRefreshed(token)
      simulator.clock.advance(1000)
      await expectRefused(token)
      expect(simulator.sessions()[0]?.endedBy).to.equal('expired')
    })

    it('return a new session token at refresh-session-token, and the old one stays valid', async () => {
      const { body } = await refreshByTenantCall(token)
      expect(body.session_token).to.be.a('string').and.not.equal(token)
      expect(await expectRefreshed(token)).to.equal(token)
      expect(await expectRefreshed(body.session_token ?? '')).to.equal(body.session_token)
    })
  })

  describe('with rotation: always', () => {
    beforeEach(() => {
      simulator.settings.rotation = 'always'
    })

    it('return a new session token with a full lifetime and invalidate the old one at once', async () => {
      simulator.clock.advance(600_000_000)
      const { body } = await refresh(simulator, token)
      expect(body.session_token).to.be.a('string').and.not.equal(token)
      expect(body.expire).to.equal(604_800)
      await expectRefused(token)
      expect(await expectRefreshed(body.session_token ?? '')).to.be.a('string')
      expect(simulator.sessions()[0]?.refreshes).to.equal(2)
    })

    it('invalidate the old token for tickets and for refresh-session-token too', async () => {
      await expectRefreshed(token)
      expect((await refreshByTenantCall(token)).body.error_code).to.equal(INVALID)
      const answer = await send(simulator, '/api/v2/tenant/sso/session-token/sso-ticket', {
        headers: await bearer(simulator),
        body: { session_token: token, ...deviceMembers },
      })
      expect(answer.body.error_code).to.equal(INVALID)
    })

    it('refuse a replaced token, and with reuse: end also end the session', async () => {
      const second = await expectRefreshed(token)
      await expectRefused(token)
      const third = await expectRefreshed(second)
      simulator.settings.reuse = 'end'
      await expectRefused(token)
      await expectRefused(third)
      expect(simulator.sessions()[0]?.endedBy).to.equal('reuse')
    })

    it('rotate at refresh-session-token too', async () => {
      const { body } = await refreshByTenantCall(token)
      await expectRefused(token)
      expect(simulator.sessions()[0]?.sessionToken).to.equal(body.session_token)
    })
  })

  describe('with rotation: grace', () => {
    beforeEach(() => {
      simulator.settings.rotation = 'grace'
    })

    it('return the same new token for the old one for ten seconds', async () => {
      const second = await expectRefreshed(token)
      simulator.clock.advance(9_000)
      expect(await expectRefreshed(token)).to.equal(second)
      expect((await refreshByTenantCall(token)).body.session_token).to.equal(second)
      simulator.clock.advance(1_000)
      await expectRefused(token)
      expect(await expectRefreshed(second)).not.to.equal(second)
    })

    it('accept the old token for graceSeconds', async () => {
      simulator.settings.graceSeconds = 60
      await expectRefreshed(token)
      simulator.clock.advance(59_000)
      await expectRefreshed(token)
      simulator.clock.advance(1_000)
      await expectRefused(token)
    })
  })

  it('omit session_token and do not rotate with omitSessionToken', async () => {
    Object.assign(simulator.settings, { omitSessionToken: true, rotation: 'always' })
    for (const answer of [await refresh(simulator, token), await refreshByTenantCall(token)]) {
      expect(Object.keys(answer.body)).to.have.members(['expire', 'id_token'])
    }
    await refresh(simulator, token).then(({ status }) => expect(status).to.equal(200))
  })

  describe('refresh-signed-id-token', () => {
    const signed = (signature: string) =>
      send(simulator, '/api/v2/sdk/session-token/refresh-id-token', {
        headers: { ...sdkHeaders(simulator), 'x-signature': signature },
      })

    it('returns only an id_token and never rotates the session token', async () => {
      simulator.settings.rotation = 'always'
      const { status, body } = await signed(await signature(simulator, token))
      expect([status, Object.keys(body)]).to.deep.equal([200, ['id_token']])
      expect(claimsOf(body.id_token ?? '').id).to.equal(simulator.people[0]?.id)
      expect((await signed(await signature(simulator, token, '2'))).status).to.equal(200)
      expect(simulator.sessions()[0]).to.include({ sessionToken: token, refreshes: 2 })
    })

    it('accepts a nonce once, and a timestamp for five minutes', async () => {
      const one = await signature(simulator, token)
      await signed(one)
      expect((await signed(one)).body.error_code).to.equal('PARAM.0030')
      const late = await signature(simulator, token, '2')
      simulator.clock.advance(301_000)
      expect((await signed(late)).body.error_code).to.equal('PARAM.0030')
    })

    it('refuses an ended session', async () => {
      simulator.endSessions()
      const { body } = await signed(await signature(simulator, token))
      expect(body.error_code).to.equal(INVALID)
    })
  })

  it('answer 404 unless listed in refreshCalls', async () => {
    simulator.settings.refreshCalls = ['session-token']
    expect((await refresh(simulator, token)).status).to.equal(404)
    const path = '/api/v2/sdk/session-token/refresh-id-token'
    expect((await send(simulator, path, { headers: sdkHeaders(simulator) })).status).to.equal(404)
    expect((await refreshByTenantCall(token)).status).to.equal(200)
    simulator.settings.refreshCalls = ['id-token']
    expect((await refreshByTenantCall(token)).status).to.equal(404)
    expect((await refresh(simulator, token)).status).to.equal(200)
  })

  it('refuse the session token of a session that an administrator ended', async () => {
    simulator.endSessions('somebody else')
    await expectRefreshed(token)
    simulator.endSessions(simulator.people[0]?.id)
    await expectRefused(token)
    expect(simulator.sessions()[0]?.endedBy).to.equal('administrator')
  })
})
