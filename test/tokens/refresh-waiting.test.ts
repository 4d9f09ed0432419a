import { expect } from 'chai'
import sinon from 'sinon'
import { type AppProcess, LOGIN, startTwoWithDue } from '../support/processes.js'
import { type Provider, settle } from '../support/provider.js'

describe('Refresher and waiting requests', () => {
  let clock: sinon.SinonFakeTimers
  let provider: Provider
  let app: AppProcess
  let other: AppProcess
  beforeEach(async () => {
    ;({ clock, provider, app, other } = await startTwoWithDue())
  })
  afterEach(() => sinon.restore())

  it('reads the record every 80 ms while another process refreshes, and times out after 40 s', async () => {
    sinon.stub(Math, 'random').returns(0.3) // between 50 and 150 ms: 80
    provider.holdCall() // never released
    other.refresher.refresh(LOGIN).catch(() => {})
    await settle()
    const flight = app.refresher.refresh(LOGIN).catch((error) => error)
    await clock.tickAsync(39_999)
    expect(app.store.count('get')).to.equal(500)
    await clock.tickAsync(1)
    const outcome = await Promise.race([flight, settle()])
    expect(outcome).to.include({ code: 'timeout', status: 503, retryAfter: 1 })
  })

  it('rejects with session_ended when this process logs the user out in the meantime', async () => {
    const call = provider.holdAnswer()
    other.refresher.refresh(LOGIN).catch(() => {})
    await call.arrived
    const waiting = app
      .request()
      .refresh()
      .catch((error) => error)
    await clock.tickAsync(200)
    await app.records.end(LOGIN, 'logout')
    await clock.tickAsync(200)
    expect(await waiting).to.include({ code: 'session_ended', status: 401 })
    call.release()
    await other.refresher.drain()
  })

  it('rejects a response without an id_token with retryAfter', async () => {
    provider.fail('busy', 'busy', 'busy')
    const failure = () =>
      app
        .request()
        .idToken()
        .catch((error) => error)
    for (let n = 0; n < 3; n++) {
      const { code, retryAfter } = await failure()
      expect(code).to.equal('busy')
      await clock.tickAsync(retryAfter * 1_000)
    }
    provider.withIDToken = false
    const { code, retryAfter } = await failure()
    expect({ code }).to.deep.equal({ code: 'unexpected_answer' })
    expect(retryAfter).to.be.within(4, 8)
  })
})
