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

  /** What `idToken()` of one request resolves to or rejects with. */
  const idTokenOrError = () =>
    app
      .request()
      .idToken()
      .catch((error) => error)

  /** A refresh whose response arrives when the store has just gone down. */
  async function renewWithoutStore(fault: StoreFault = 'fail'): Promise<string> {
    const call = provider.holdAnswer()
    const token = app.request().idToken()
    await call.arrived
    app.store.down(fault)
    call.release()
    await settle()
    await clock.tickAsync(1_000) // the deadline of one store call
    return token
  }

  for (const fault of FAULTS) {
    it(`serves new tokens while the store is down (${fault}), and saves them when it is back`, async () => {
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
      it(`rejects with 503 if ${verb}() fails (${fault}), sends no session token and keeps the login`, async () => {
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

    it(`returns the valid id_token that it knows while the store is down (${fault})`, async () => {
      const token = await app.request().idToken()
      app.store.down(fault)
      await clock.tickAsync(280_000) // its early refresh is due, and fails in the background
      expect(await app.request().idToken()).to.equal(token)
      await clock.tickAsync(1_000)
      expect(await app.request().idToken()).to.equal(token)
      expect(provider.presented).to.have.length(1)
    })
  }

  it('finds its own write if only the response to it was lost', async () => {
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

  it('does not overwrite a later refresh if only the response to its own write was lost', async () => {
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

  it('returns no unsaved token after the session has expired, even if the token itself has not', async () => {
    provider.sessionLife = 600
    provider.idTokenLife = 3_600
    const token = await renewWithoutStore()
    await clock.tickAsync(590_000)
    expect(await idTokenOrError()).to.equal(token)
    await clock.tickAsync(10_000)
    expect(await idTokenOrError()).to.include({ code: 'store_failed', status: 503 })
    app.store.up()
    await clock.tickAsync(3_000)
    await app.refresher.drain()
    expect(await idTokenOrError()).to.include({ code: 'session_ended', status: 401 })
    expect((await app.stored()).ended?.reason).to.equal('expired')
  })

  it('rejects with 503 when unsaved tokens expire, and sends no other session token', async () => {
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

  it('sends no session token after the store is back and before the tokens are saved', async () => {
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

  it('keeps the later of two refreshes that have the same session token', async () => {
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

  it('replaces the end rotation_lost that another process has written', async () => {
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
    it(`replaces the end ${reason} that another process has written`, async () => {
      const token = await renewWithoutStore()
      await other.records.end(LOGIN, reason)
      app.store.up()
      await clock.tickAsync(3_000)
      expect((await app.stored()).sessionToken).to.equal('session-1')
      expect(await other.request().idToken()).to.equal(token)
    })
  }

  describe('a logout', () => {
    it('wins over a refresh in progress', async () => {
      const call = provider.holdAnswer()
      const waiting = idTokenOrError()
      await call.arrived
      await other.records.end(LOGIN, 'logout')
      call.release()
      expect(await waiting).to.include({ code: 'session_ended', status: 401 })
      await app.refresher.drain()
      expect((await app.stored()).ended?.reason).to.equal('logout')
    })

    it('wins over a refresh that is refused because of it', async () => {
      const call = provider.holdCall()
      const waiting = idTokenOrError()
      await call.arrived
      await other.records.end(LOGIN, 'logout')
      provider.endSession()
      call.release()
      expect(await waiting).to.include({ code: 'session_ended', status: 401 })
      expect((await app.stored()).ended?.reason).to.equal('logout')
    })

    it('wins over new tokens that are not saved yet', async () => {
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

    it('wins over unsaved tokens in the process that holds them', async () => {
      await renewWithoutStore()
      app.store.up()
      await app.records.end(LOGIN, 'logout')
      expect(app.records.known(LOGIN)?.ended?.reason).to.equal('logout')
      await clock.tickAsync(3_000)
      await app.refresher.drain()
      expect((await app.stored()).ended?.reason).to.equal('logout')
      expect(app.records.known(LOGIN)?.ended?.reason).to.equal('logout')
    })

    it('of a login that had ended as rotation_lost wins over a late save', async () => {
      await renewWithoutStore()
      await other.records.end(LOGIN, 'rotation_lost')
      await other.records.end(LOGIN, 'logout')
      app.store.up()
      await clock.tickAsync(3_000)
      expect((await app.stored()).ended?.reason).to.equal('logout')
    })

    it('is kept in the store for longer than a save is retried', async () => {
      await renewWithoutStore()
      await other.records.end(LOGIN, 'logout')
      await clock.tickAsync(3_600_000 + 10_000)
      expect((await app.stored()).ended?.reason).to.equal('logout')
      expect(app.records.isHeld(LOGIN)).to.equal(false)
    })

    it('rejects with 503 if the store is down, and changes nothing', async () => {
      app.store.down()
      const error = await app.records.end(LOGIN, 'logout').catch((thrown) => thrown)
      expect(error).to.include({ code: 'store_failed', status: 503 })
      app.store.up()
      expect(await app.request().idToken()).to.match(/^e30\./)
    })
  })
})
