import { expect } from 'chai'
import sinon from 'sinon'
import { fakeClock } from '../support/clock.js'
import {
  type AppProcess,
  LOGIN,
  logIn,
  startProcesses,
  startTwoWithDue,
} from '../support/processes.js'
import { Provider, settle } from '../support/provider.js'

describe('save, when another process has changed the record during the call', () => {
  let clock: sinon.SinonFakeTimers
  let provider: Provider
  let app: AppProcess
  let other: AppProcess
  beforeEach(async () => {
    ;({ clock, provider, app, other } = await startTwoWithDue())
  })
  afterEach(() => sinon.restore())

  /** The lease was lost: another process sends the session token too, and its call fails. */
  async function markByAnother(): Promise<void> {
    other.store.fault('acquireLease', 'grant')
    provider.fail('lost')
    await other.refresher.refresh(LOGIN).catch(() => {})
    expect((await app.stored()).presented?.by).to.equal('several')
  }

  it('saves a new session token that came without an id_token', async () => {
    provider.withIDToken = false
    const call = provider.holdAnswer()
    const flight = app.refresher.refresh(LOGIN).catch((error) => error)
    await call.arrived
    await markByAnother()
    call.release()
    await flight
    expect((await app.stored()).sessionToken).to.equal('session-1')
    provider.withIDToken = true
    await clock.tickAsync(2_000)
    expect(await other.request().idToken()).to.match(/^e30\./)
  })

  it('saves a new id_token that came with the same session token', async () => {
    provider.rotation = 'same'
    const call = provider.holdAnswer()
    const token = app.request().idToken()
    await call.arrived
    await markByAnother()
    call.release()
    const given = await token
    expect((await app.stored()).idToken).to.equal(given)
    expect(await other.request().idToken()).to.equal(given)
  })

  it('saves its id_token if the other process saved the same new session token without one', async () => {
    const call = provider.holdAnswer()
    const token = app.request().idToken()
    await call.arrived
    const { version, record } = await other.records.read(LOGIN)
    await other.records.replace(LOGIN, version, { ...record, sessionToken: 'session-1' })
    call.release()
    const given = await token
    expect((await app.stored()).idToken).to.equal(given)
  })

  it('finds its own write if only the response to it was lost, and does not repeat it', async () => {
    const call = provider.holdAnswer()
    const token = app.request().idToken()
    await call.arrived
    app.store.fault('compareAndSet', 'lose')
    app.store.calls.length = 0
    call.release()
    await token
    await clock.tickAsync(100)
    await app.refresher.drain()
    // the write whose response was lost, and its retry, which finds that version taken
    expect(app.store.count('compareAndSet')).to.equal(2)
    expect((await other.records.read(LOGIN)).version).to.equal(3)
  })
})

describe('save, while the store is down', () => {
  let clock: sinon.SinonFakeTimers
  let app: AppProcess
  beforeEach(async () => {
    clock = fakeClock()
    sinon.stub(Math, 'random').returns(0.6)
    const provider = new Provider()
    ;[app] = startProcesses(1, provider) as [AppProcess]
    await logIn(app, provider)
    await clock.tickAsync(300_000)
    const call = provider.holdAnswer()
    const token = app.request().idToken()
    await call.arrived
    app.store.down()
    call.release()
    await token
    app.store.calls.length = 0
  })
  afterEach(() => sinon.restore())

  it('retries with growing delays of up to 2 s', async () => {
    const tries: number[] = []
    const began = Date.now()
    sinon.stub(app.store, 'compareAndSet').callsFake(() => {
      tries.push(Date.now() - began)
      return Promise.reject(new Error('down'))
    })
    await clock.tickAsync(6_000)
    expect(tries).to.deep.equal([40, 120, 280, 600, 1_240, 2_520, 4_120, 5_720])
  })

  it('stops retrying once the user has logged out in this process', async () => {
    app.store.up()
    await app.records.end(LOGIN, 'logout')
    await settle()
    app.store.calls.length = 0
    await clock.tickAsync(10_000)
    expect(app.store.count('compareAndSet')).to.equal(0)
  })
})
