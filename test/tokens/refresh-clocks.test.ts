import { expect } from 'chai'
import sinon from 'sinon'
import { recordOf } from '../../lib/tokens/record.js'
import { type AppProcess, logIn, startTwoWithDue } from '../support/processes.js'
import { type Provider, settle } from '../support/provider.js'

describe('Refresher, when clocks differ or are set back', () => {
  let clock: sinon.SinonFakeTimers
  let provider: Provider
  let app: AppProcess
  let other: AppProcess
  beforeEach(async () => {
    ;({ clock, provider, app, other } = await startTwoWithDue())
  })
  afterEach(() => sinon.restore())

  const setBack = (milliseconds: number) => clock.setSystemTime(Date.now() - milliseconds)

  it('uses the id_token that a process with a clock 10 s ahead has saved', async () => {
    const lease = app.store.hold('acquireLease')
    const late = app.request().idToken()
    await lease.arrived // it has read the expired record
    const early = await other.request().idToken()
    await other.refresher.drain()
    setBack(10_000)
    lease.release()
    expect(await late).to.equal(early)
    expect(provider.presented).to.deep.equal(['session-0'])
  })

  it('refreshes an expired id_token again after the clock was set back', async () => {
    provider.idTokenLife = -60
    await app.request().idToken()
    setBack(30_000)
    await app.request().idToken()
    expect(provider.presented).to.deep.equal(['session-0', 'session-1'])
  })

  it('serves a new id_token that looks expired, although the store could not save it', async () => {
    provider.idTokenLife = -60
    const call = provider.holdAnswer()
    const token = app.request().idToken()
    await call.arrived
    app.store.down()
    call.release()
    await token
    expect(await app.request().idToken()).to.equal(await token)
    expect(provider.presented).to.have.length(1)
    app.store.up()
    await clock.tickAsync(3_000)
    await app.refresher.drain()
  })

  it('rejects an expired id_token from a process with a clock ahead, with a hint about the clocks', async () => {
    provider.idTokenLife = -60
    await clock.tickAsync(60_000)
    await other.request().idToken()
    setBack(20_000)
    const read = app.store.hold('get')
    const forced = app.request().refresh() // accepts any refresh that is later than now
    await read.arrived
    const joined = app
      .request()
      .idToken()
      .catch((error) => error)
    await settle()
    read.release()
    await forced
    const error = await joined
    expect(error).to.include({ code: 'unexpected_answer', status: 503, retryAfter: 1 })
    expect(error.hint).to.include('clocks')
  })

  for (const behind of [90_000, 200_000]) {
    it(`returns no expired id_token with a clock ${behind / 1000} s behind the process that refreshed it`, async () => {
      await logIn(other, provider, 300, 'fresh') // its id_token lives for 300 seconds
      setBack(behind)
      const token = await app.request('fresh').idToken()
      expect(provider.presented).to.deep.equal([])
      await clock.tickAsync(299_000)
      expect(await app.request('fresh').idToken()).not.to.equal(token)
      expect(provider.presented).to.deep.equal(['session-0'])
    })
  }

  it('starts the early refresh at the millisecond at which it is due', async () => {
    sinon.stub(Math, 'random').returns(0.5) // no jitter: a tenth of its life before its end
    await logIn(app, provider, 300, 'fresh')
    const request = app.request('fresh')
    await clock.tickAsync(269_999)
    await request.idToken()
    await app.refresher.drain()
    expect(provider.presented).to.deep.equal([])
    await clock.tickAsync(1)
    await request.idToken()
    await app.refresher.drain()
    expect(provider.presented).to.deep.equal(['session-0'])
  })

  it('fetches the first id_token although the record has times in the future', async () => {
    const { device } = await app.stored()
    const answer = { sessionToken: provider.sessionToken, expiresIn: 604_800 }
    const later = Date.now() + 300_000
    const times = { expiresAt: later, refreshAt: later }
    await app.records.create('bare', { ...recordOf(answer, { device }, undefined), ...times })
    expect(await app.request('bare').idToken()).to.match(/^e30\./)
  })
})
