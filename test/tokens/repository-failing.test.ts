import { expect } from 'chai'
import sinon from 'sinon'
import { fakeClock } from '../support/clock.js'
import { type AppProcess, LOGIN, logIn, startProcess } from '../support/processes.js'
import { Provider } from '../support/provider.js'

describe('the store of TokenRepository that fails', () => {
  let clock: sinon.SinonFakeTimers
  let app: AppProcess
  beforeEach(async () => {
    clock = fakeClock()
    const provider = new Provider()
    app = startProcess(provider)
    await logIn(app, provider)
  })
  afterEach(() => sinon.restore())

  const calls = [
    ['get', 'read'],
    ['compareAndSet', 'write'],
    ['acquireLease', 'lease'],
  ] as const
  for (const [verb, what] of calls) {
    it(`is named with the call that failed or hung: ${verb}`, async () => {
      for (const [fault, how] of [
        ['fail', `${what} failed`],
        ['hang', `${what} took over 1000 ms`],
      ] as const) {
        await clock.tickAsync(300_000)
        app.store.fault(verb, fault)
        const failing = app.refresher.refresh(LOGIN).catch((thrown) => thrown)
        await clock.tickAsync(1_000)
        const error = await failing
        expect(error).to.include({ code: 'store_failed', step: 'store', status: 503 })
        expect(error.message).to.include(how)
        expect(error.hint).to.include('nobody was logged out')
        await app.refresher.drain()
      }
    })
  }

  it('is no longer waited for though it throws where it should reject', async () => {
    const before = clock.countTimers()
    sinon.stub(app.store, 'get').throws(new Error('closed'))
    const error = await app.records.read(LOGIN).catch((thrown) => thrown)
    expect(error).to.include({ code: 'store_failed' })
    expect(error.message).to.include('read failed')
    expect(clock.countTimers()).to.equal(before)
  })

  it('is no longer asked to end a login when it has let no write through 20 times', async () => {
    const write = sinon.stub(app.store, 'compareAndSet').resolves(false)
    const error = await app.records.end(LOGIN, 'logout').catch((thrown) => thrown)
    expect(error).to.include({ code: 'store_failed', status: 503 })
    expect(error.message).to.include('changed too often')
    expect(write.callCount).to.equal(20)
  })
})
