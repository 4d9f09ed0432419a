import { expect } from 'chai'
import sinon from 'sinon'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import { type AppProcess, LOGIN, startTwoWithDue } from '../support/processes.js'
import { type Provider, settle } from '../support/provider.js'

describe('Lease', () => {
  let clock: sinon.SinonFakeTimers
  let provider: Provider
  let shared: MemoryTokenStore
  let app: AppProcess
  let other: AppProcess
  beforeEach(async () => {
    shared = new MemoryTokenStore()
    ;({ clock, provider, app, other } = await startTwoWithDue({ store: shared }))
  })
  afterEach(() => sinon.restore())

  const isFree = () => shared.acquireLease(`lease:${LOGIN}`, 'a test', 1)

  it('is renewed for as long as the refresh call takes', async () => {
    const call = provider.holdAnswer()
    const renewed = app.refresher.refresh(LOGIN)
    await call.arrived
    await clock.tickAsync(120_000)
    expect(await isFree()).to.equal(false)
    call.release()
    await renewed
    await app.refresher.drain()
    expect(await isFree()).to.equal(true)
  })

  it('is held until the new tokens are saved, although they are served earlier', async () => {
    const call = provider.holdAnswer()
    const token = app.request().idToken()
    await call.arrived
    app.store.down()
    call.release()
    await token
    app.store.up()
    const save = app.store.hold('compareAndSet')
    await clock.tickAsync(100)
    await save.arrived
    expect(await isFree()).to.equal(false)
    save.release()
    await app.refresher.drain()
    expect(await isFree()).to.equal(true)
  })

  it('loses no tokens if another process takes it during the call: the save is compare-and-set', async () => {
    const call = provider.holdAnswer()
    const slow = app.request().idToken()
    await call.arrived
    other.store.fault('acquireLease', 'grant')
    const refused = other
      .request()
      .idToken()
      .catch((error) => error)
    await settle()
    expect(await refused).to.include({ code: 'connection_lost', status: 503 })
    call.release()
    const token = await slow
    await clock.tickAsync(2_000)
    expect(await other.request().idToken()).to.equal(token)
    expect((await app.stored()).sessionToken).to.equal('session-1')
  })

  it('does not stop the refresh when renewLease() throws instead of rejecting', async () => {
    const call = provider.holdCall()
    const waiting = app
      .request()
      .idToken()
      .catch((thrown) => thrown)
    await call.arrived
    sinon.stub(app.store, 'renewLease').throws(new Error('closed'))
    await clock.tickAsync(7_000)
    call.release()
    await settle()
    expect((await app.stored()).sessionToken).to.equal('session-1')
    expect(await waiting).to.include({ code: 'timeout', status: 503 })
  })

  it('fails the refresh with store_failed when acquireLease() throws instead of rejecting', async () => {
    sinon.stub(app.store, 'acquireLease').throws(new Error('closed'))
    const error = await app.refresher.refresh(LOGIN).catch((thrown) => thrown)
    expect(error).to.include({ code: 'store_failed', status: 503 })
    expect(provider.presented).to.deep.equal([])
  })

  it('expires if its holder cannot renew it, and another process refreshes', async () => {
    provider.holdCall()
    app
      .request()
      .idToken()
      .catch(() => {})
    await settle()
    app.store.down('hang')
    await clock.tickAsync(21_000)
    expect(await other.request().idToken()).to.match(/^e30\./)
  })

  for (const how of ['lost', 'late'] as const) {
    it(`is released at once when the response to acquireLease() is ${how}`, async () => {
      const taken = how === 'late' ? app.store.hold('acquireLease') : undefined
      if (how === 'lost') app.store.fault('acquireLease', 'lose')
      const error = app
        .request()
        .idToken()
        .catch((thrown) => thrown)
      await taken?.arrived
      await clock.tickAsync(1_000)
      expect(await error).to.include({ code: 'store_failed', status: 503 })
      taken?.release() // the store grants it after the deadline
      await settle()
      expect(await isFree()).to.equal(true)
    })
  }

  it('does not block drain() when releaseLease() hangs', async () => {
    app.store.fault('releaseLease', 'hang')
    await app.request().idToken()
    const drained = app.refresher.drain()
    await clock.tickAsync(1_000)
    await drained
  })
})
