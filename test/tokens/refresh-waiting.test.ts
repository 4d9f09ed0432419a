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

  it('looks every 50 to 150 ms whether another process is done, for 40 seconds', async () => {
    sinon.stub(Math, 'random').returns(0.3) // makes it 80 ms
    provider.holdCall() // for ever
    other.refresher.refresh(LOGIN).catch(() => {})
    await settle()
    const flight = app.refresher.refresh(LOGIN).catch((error) => error)
    await clock.tickAsync(39_999)
    expect(app.store.count('get')).to.equal(500)
    await clock.tickAsync(1)
    const outcome = await Promise.race([flight, settle()])
    expect(outcome).to.include({ code: 'timeout', status: 503, retryAfter: 1 })
  })

  it('reports a logout here to a refresh that waits for another process', async () => {
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

  it('says when to try again if there is no id_token', async () => {
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
