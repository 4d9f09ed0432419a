import { expect } from 'chai'
import sinon from 'sinon'
import { fakeClock } from '../support/clock.js'
import { type AppProcess, logIn, startProcesses } from '../support/processes.js'
import { Provider } from '../support/provider.js'

describe('KeptTokens', () => {
  let clock: sinon.SinonFakeTimers
  let provider: Provider
  let app: AppProcess
  beforeEach(async () => {
    clock = fakeClock()
    provider = new Provider()
    ;[app] = startProcesses(1, provider) as [AppProcess]
    await logIn(app, provider)
  })
  afterEach(() => sinon.restore())

  it('returns the end of the session in sessionExpiresAt', () => {
    expect(app.request().sessionExpiresAt).to.equal(Date.now() + 604_800_000)
  })

  it('returns the expiry of the id_token in expiresAt, also after a refresh', async () => {
    const { expiresAt = 0 } = app.request()
    const left = expiresAt - Date.now()
    expect(left).to.be.within(1, 300_000)
    await clock.tickAsync(100_000)
    await app.request().refresh()
    expect(app.request().expiresAt).to.equal(expiresAt + 100_000)
  })

  it('refresh() makes no second call when the first answer is new', async () => {
    await clock.tickAsync(1_000)
    await app.request().refresh()
    expect(provider.presented).to.have.length(1)
  })

  it('leaves no timer after a refresh', async () => {
    await clock.tickAsync(300_000)
    await app.request().idToken()
    await app.refresher.drain()
    expect(clock.countTimers()).to.equal(0)
  })

  it('names the exceeded deadline in the hint', async () => {
    await clock.tickAsync(300_000)
    const call = provider.holdAnswer()
    const waiting = app
      .request()
      .idToken()
      .catch((error) => error)
    await call.arrived
    await clock.tickAsync(3_000)
    const error = await waiting
    expect(error).to.include({ code: 'timeout', step: 'refresh' })
    expect(error.hint).to.include('within 3000 ms')
    call.release()
    await app.refresher.drain()
  })

  it('does not use the store during the backoff of an early refresh, and then tries again', async () => {
    sinon.stub(Math, 'random').returns(0) // makes the first backoff 500 ms
    await clock.tickAsync(280_000)
    provider.fail('busy')
    const token = await app.request().idToken()
    await app.refresher.drain()
    app.store.calls.length = 0
    await clock.tickAsync(499)
    expect(await app.request().idToken()).to.equal(token)
    expect(app.store.calls).to.deep.equal([])
    await clock.tickAsync(1)
    expect(await app.request().idToken()).to.equal(token)
    await app.refresher.drain()
    expect(await app.request().idToken()).not.to.equal(token)
    expect(provider.presented).to.have.length(2)
  })
})
