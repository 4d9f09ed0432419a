import { expect } from 'chai'
import sinon from 'sinon'
import type { StoreFault } from '../support/faulty-store.js'
import { type AppProcess, LOGIN, startTwoWithDue } from '../support/processes.js'
import { type Provider, settle } from '../support/provider.js'

const FAULTS: StoreFault[] = ['fail', 'hang']

describe('save', () => {
  let clock: sinon.SinonFakeTimers
  let provider: Provider
  let app: AppProcess
  let other: AppProcess
  beforeEach(async () => {
    ;({ clock, provider, app, other } = await startTwoWithDue())
  })
  afterEach(() => sinon.restore())

  /** What one request gets: the id_token, or the error. */
  const ask = () =>
    app
      .request()
      .idToken()
      .catch((error) => error)

  /** A renewal whose answer comes when the store has just gone down. */
  async function renewWithoutStore(fault: StoreFault = 'fail'): Promise<string> {
    const call = provider.holdAnswer()
    const token = app.request().idToken()
    await call.arrived
    app.store.down(fault)
    call.release()
    await settle()
    await clock.tickAsync(1_000) // the most that one call of the store may take
    return token
  }

  for (const fault of FAULTS) {
    it(`serves new tokens that the store cannot take (${fault}), and saves them when it can`, async () => {
      const token = await renewWithoutStore(fault)
      expect((await app.stored()).sessionToken).to.equal('session-0')
      await clock.tickAsync(60_000)
      expect(await app.request().idToken()).to.equal(token)
      expect(provider.presented).to.have.length(1)
      app.store.up()
      await clock.tickAsync(3_000)
      expect((await app.stored()).sessionToken).to.equal('session-1')
      await app.refresher.drain()
      expect(await other.request().idToken()).to.equal(token)
    })

    for (const verb of ['get', 'acquireLease'] as const) {
      it(`answers 503 when the store is down at ${verb} (${fault}), presents nothing, ends nobody`, async () => {
        app.store.fault(verb, fault)
        const error = app
          .request()
          .idToken()
          .catch((thrown) => thrown)
        await clock.tickAsync(1_000)
        expect(await error).to.include({ code: 'store_failed', status: 503, retryAfter: 1 })
        expect(provider.presented).to.deep.equal([])
        expect(await app.request().idToken()).to.match(/^e30\./)
      })
    }

    it(`gives a good token that it knows while the store is down (${fault})`, async () => {
      const token = await app.request().idToken()
      app.store.down(fault)
      await clock.tickAsync(280_000) // its early renewal is due, and fails behind
      expect(await app.request().idToken()).to.equal(token)
      await clock.tickAsync(1_000)
      expect(await app.request().idToken()).to.equal(token)
      expect(provider.presented).to.have.length(1)
    })
  }

  it('knows its own write again when only the answer was lost', async () => {
    const call = provider.holdAnswer()
    const token = app.request().idToken()
    await call.arrived
    app.store.fault('compareAndSet', 'lose')
    call.release()
    await token
    await clock.tickAsync(100)
    await app.refresher.drain()
    expect((await app.stored()).sessionToken).to.equal('session-1')
    expect(app.records.isHeld(LOGIN)).to.equal(false)
  })

  it('does not write over a renewal that has come after its own write was lost', async () => {
    const call = provider.holdAnswer()
    const token = app.request().idToken()
    await call.arrived
    app.store.fault('compareAndSet', 'lose')
    call.release()
    await token
    other.store.fault('acquireLease', 'grant')
    await other.request().refresh() // session-1 becomes session-2
    await clock.tickAsync(100)
    await app.refresher.drain()
    expect((await app.stored()).sessionToken).to.equal('session-2')
    await clock.tickAsync(300_000)
    expect(await app.request().idToken()).to.match(/^e30\./)
  })

  it('says 503 for an expired token that it holds unsaved, and presents no other', async () => {
    await renewWithoutStore()
    await clock.tickAsync(300_000)
    const error = await app
      .request()
      .idToken()
      .catch((thrown) => thrown)
    expect(error).to.include({ code: 'store_failed', status: 503 })
    expect(error.message).to.include('not been saved yet')
    expect(provider.presented).to.have.length(1)
    app.store.up()
    await clock.tickAsync(3_000)
    expect(await app.request().idToken()).to.match(/^e30\./)
    expect(provider.presented).to.deep.equal(['session-0', 'session-1'])
  })

  it('presents no token again between the return of the store and the save', async () => {
    await renewWithoutStore()
    await clock.tickAsync(30_000)
    app.store.up()
    app.store.fault('acquireLease', 'grant')
    const error = await app
      .request()
      .refresh()
      .catch((thrown) => thrown)
    expect(error).to.include({ code: 'store_failed', status: 503 })
    expect(provider.presented).to.deep.equal(['session-0'])
  })

  it('keeps the later of two renewals whose session token is the same', async () => {
    provider.rotation = 'same'
    const call = provider.holdAnswer()
    const token = app.request().idToken()
    await call.arrived
    app.store.fault('compareAndSet', 'lose')
    call.release()
    await token
    await clock.tickAsync(1)
    other.store.fault('acquireLease', 'grant')
    await other.request().refresh()
    await clock.tickAsync(100)
    await app.refresher.drain()
    expect((await app.stored()).idToken).to.equal(await other.request().idToken())
  })

  it('reverses an end that was not requested', async () => {
    await renewWithoutStore()
    await clock.tickAsync(21_000)
    for (let second = 0; second < 130; second++) {
      await clock.tickAsync(1_000)
      await other
        .request()
        .idToken()
        .catch(() => {})
    }
    expect((await app.stored()).ended?.reason).to.equal('rotation_lost')
    app.store.up()
    await clock.tickAsync(3_000)
    expect((await app.stored()).sessionToken).to.equal('session-1')
    expect(await other.request().idToken()).to.match(/^e30\./)
  })

  for (const reason of ['refused', 'missing'] as const) {
    it(`takes back an end that another process has written: ${reason}`, async () => {
      const token = await renewWithoutStore()
      await other.records.end(LOGIN, reason)
      app.store.up()
      await clock.tickAsync(3_000)
      expect((await app.stored()).sessionToken).to.equal('session-1')
      expect(await other.request().idToken()).to.equal(token)
    })
  }

  describe('a logout', () => {
    it('beats a renewal in flight', async () => {
      const call = provider.holdAnswer()
      const waiting = ask()
      await call.arrived
      await other.records.end(LOGIN, 'logout')
      call.release()
      expect(await waiting).to.include({ code: 'session_ended', status: 401 })
      await app.refresher.drain()
      expect((await app.stored()).ended?.reason).to.equal('logout')
    })

    it('beats a renewal that is refused because of it', async () => {
      const call = provider.holdCall()
      const waiting = ask()
      await call.arrived
      await other.records.end(LOGIN, 'logout')
      provider.endSession()
      call.release()
      expect(await waiting).to.include({ code: 'session_ended', status: 401 })
      expect((await app.stored()).ended?.reason).to.equal('logout')
    })

    it('beats new tokens that could not be saved yet', async () => {
      await renewWithoutStore()
      await other.records.end(LOGIN, 'logout')
      app.store.up()
      await clock.tickAsync(3_000)
      await app.refresher.drain()
      expect((await app.stored()).ended?.reason).to.equal('logout')
      expect(
        await app
          .request()
          .idToken()
          .catch((error) => error),
      ).to.include({ status: 401 })
    })

    it('beats them in the process that holds them', async () => {
      await renewWithoutStore()
      app.store.up()
      await app.records.end(LOGIN, 'logout')
      expect(app.records.known(LOGIN)?.ended?.reason).to.equal('logout')
      await clock.tickAsync(3_000)
      await app.refresher.drain()
      expect((await app.stored()).ended?.reason).to.equal('logout')
      expect(app.records.known(LOGIN)?.ended?.reason).to.equal('logout')
    })

    it('of a login that had ended by itself is not taken back by a late save', async () => {
      await renewWithoutStore()
      await other.records.end(LOGIN, 'rotation_lost')
      await other.records.end(LOGIN, 'logout')
      app.store.up()
      await clock.tickAsync(3_000)
      expect((await app.stored()).ended?.reason).to.equal('logout')
    })

    it('is remembered longer than a save is tried', async () => {
      await renewWithoutStore()
      await other.records.end(LOGIN, 'logout')
      await clock.tickAsync(3_600_000 + 10_000)
      expect((await app.stored()).ended?.reason).to.equal('logout')
      expect(app.records.isHeld(LOGIN)).to.equal(false)
    })

    it('rejects if the store is down, and changes nothing', async () => {
      app.store.down()
      const error = await app.records.end(LOGIN, 'logout').catch((thrown) => thrown)
      expect(error).to.include({ code: 'store_failed', status: 503 })
      app.store.up()
      expect(await app.request().idToken()).to.match(/^e30\./)
    })
  })
})
