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

describe("the simulator's refreshes", () => {
  let simulator: Simulator
  let token: string

  beforeEach(async () => {
    simulator = await startSimulator()
    token = await sessionToken(simulator)
  })
  afterEach(() => simulator.close())

  async function renew(session_token: string): Promise<Result> {
    return send(simulator, '/api/v2/tenant/sso/session-token/refresh', {
      headers: await bearer(simulator),
      body: { session_token, ...deviceMembers },
    })
  }

  async function renewed(from: string): Promise<string> {
    const { status, body } = await refresh(simulator, from)
    expect(status).to.equal(200)
    return body.session_token ?? ''
  }

  async function refused(one: string): Promise<void> {
    const { status, body } = await refresh(simulator, one)
    expect([status, body.error_code]).to.deep.equal([400, INVALID])
  }

  describe('with rotation never', () => {
    it('answer the same session token, what is left of its life, and a fresh id_token', async () => {
      simulator.clock.advance(100_000_000)
      const { body } = await refresh(simulator, token)
      expect(Object.keys(body)).to.have.members(['session_token', 'expire', 'id_token'])
      expect(body.session_token).to.equal(token)
      expect(body.expire).to.be.within(504_799, 504_800)
      const { exp } = claimsOf(body.id_token ?? '')
      expect(Number(exp) - simulator.clock.now() / 1000).to.be.within(298, 300)
    })

    it('end with the session, however often it is refreshed', async () => {
      simulator.clock.advance(604_799_000)
      await renewed(token)
      simulator.clock.advance(1000)
      await refused(token)
      expect(simulator.sessions()[0]?.endedBy).to.equal('expired')
    })

    it('the tenant call gives a new token and lets the old one live on', async () => {
      const { body } = await renew(token)
      expect(body.session_token).to.be.a('string').and.not.equal(token)
      expect(await renewed(token)).to.equal(token)
      expect(await renewed(body.session_token ?? '')).to.equal(body.session_token)
    })
  })

  describe('with rotation always', () => {
    beforeEach(() => {
      simulator.settings.rotation = 'always'
    })

    it('answer a new token with a whole life, and the old one is dead at once', async () => {
      simulator.clock.advance(600_000_000)
      const { body } = await refresh(simulator, token)
      expect(body.session_token).to.be.a('string').and.not.equal(token)
      expect(body.expire).to.equal(604_800)
      await refused(token)
      expect(await renewed(body.session_token ?? '')).to.be.a('string')
      expect(simulator.sessions()[0]?.refreshes).to.equal(2)
    })

    it('kill the old token for tickets and for the tenant call too', async () => {
      await renewed(token)
      expect((await renew(token)).body.error_code).to.equal(INVALID)
      const answer = await send(simulator, '/api/v2/tenant/sso/session-token/sso-ticket', {
        headers: await bearer(simulator),
        body: { session_token: token, ...deviceMembers },
      })
      expect(answer.body.error_code).to.equal(INVALID)
    })

    it('a replaced token leaves the session alone, or ends it when set so', async () => {
      const second = await renewed(token)
      await refused(token)
      const third = await renewed(second)
      simulator.settings.reuse = 'end'
      await refused(token)
      await refused(third)
      expect(simulator.sessions()[0]?.endedBy).to.equal('reuse')
    })

    it('the tenant call rotates alike', async () => {
      const { body } = await renew(token)
      await refused(token)
      expect(simulator.sessions()[0]?.sessionToken).to.equal(body.session_token)
    })
  })

  describe('with rotation grace', () => {
    beforeEach(() => {
      simulator.settings.rotation = 'grace'
    })

    it('honour the old token for a while with the same new one', async () => {
      const second = await renewed(token)
      simulator.clock.advance(9_000)
      expect(await renewed(token)).to.equal(second)
      expect((await renew(token)).body.session_token).to.equal(second)
      simulator.clock.advance(1_000)
      await refused(token)
      expect(await renewed(second)).not.to.equal(second)
    })

    it('take the length of the grace from the settings', async () => {
      simulator.settings.graceSeconds = 60
      await renewed(token)
      simulator.clock.advance(59_000)
      await renewed(token)
      simulator.clock.advance(1_000)
      await refused(token)
    })
  })

  it('leave session_token out when set so, and then renew nothing', async () => {
    Object.assign(simulator.settings, { omitSessionToken: true, rotation: 'always' })
    for (const answer of [await refresh(simulator, token), await renew(token)]) {
      expect(Object.keys(answer.body)).to.have.members(['expire', 'id_token'])
    }
    await refresh(simulator, token).then(({ status }) => expect(status).to.equal(200))
  })

  describe('that are signed', () => {
    const signed = (signature: string) =>
      send(simulator, '/api/v2/sdk/session-token/refresh-id-token', {
        headers: { ...sdkHeaders(simulator), 'x-signature': signature },
      })

    it('answer an id_token alone, and leave the session token alone, whatever the rotation', async () => {
      simulator.settings.rotation = 'always'
      const { status, body } = await signed(await signature(simulator, token))
      expect([status, Object.keys(body)]).to.deep.equal([200, ['id_token']])
      expect(claimsOf(body.id_token ?? '').id).to.equal(simulator.people[0]?.id)
      expect((await signed(await signature(simulator, token, '2'))).status).to.equal(200)
      expect(simulator.sessions()[0]).to.include({ sessionToken: token, refreshes: 2 })
    })

    it('take a nonce once, and a timestamp for five minutes', async () => {
      const one = await signature(simulator, token)
      await signed(one)
      expect((await signed(one)).body.error_code).to.equal('PARAM.0030')
      const late = await signature(simulator, token, '2')
      simulator.clock.advance(301_000)
      expect((await signed(late)).body.error_code).to.equal('PARAM.0030')
    })

    it('refuse a session that is over', async () => {
      simulator.endSessions()
      const { body } = await signed(await signature(simulator, token))
      expect(body.error_code).to.equal(INVALID)
    })
  })

  it('are there as the settings say, and answer 404 otherwise', async () => {
    simulator.settings.refreshCalls = ['session-token']
    expect((await refresh(simulator, token)).status).to.equal(404)
    const path = '/api/v2/sdk/session-token/refresh-id-token'
    expect((await send(simulator, path, { headers: sdkHeaders(simulator) })).status).to.equal(404)
    expect((await renew(token)).status).to.equal(200)
    simulator.settings.refreshCalls = ['id-token']
    expect((await renew(token)).status).to.equal(404)
    expect((await refresh(simulator, token)).status).to.equal(200)
  })

  it('refuse a session token that an administrator ended', async () => {
    simulator.endSessions('somebody else')
    await renewed(token)
    simulator.endSessions(simulator.people[0]?.id)
    await refused(token)
    expect(simulator.sessions()[0]?.endedBy).to.equal('administrator')
  })
})
