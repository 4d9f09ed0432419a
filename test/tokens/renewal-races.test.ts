import { expect } from 'chai'
import sinon from 'sinon'
import { type AppProcess, LOGIN, startTwoWithDue } from '../support/processes.js'
import type { Failure, Held, Provider } from '../support/provider.js'

describe('renew, after another process has taken over the lease', () => {
  let clock: sinon.SinonFakeTimers
  let provider: Provider
  let app: AppProcess
  let other: AppProcess
  let call: Held
  let late: Promise<unknown>
  beforeEach(async () => {
    ;({ clock, provider, app, other } = await startTwoWithDue())
    call = provider.holdCall()
    late = app
      .request()
      .idToken()
      .catch((error) => error)
    await call.arrived
    other.store.fault('acquireLease', 'grant') // the lease was lost in mid-call
  })
  afterEach(() => sinon.restore())

  for (const failure of ['busy', 'lost'] as Failure[]) {
    it(`returns the other process’s id_token when its own call fails: ${failure}`, async () => {
      const token = await other.request().idToken()
      call.release(failure)
      expect(await late).to.equal(token)
      const { sessionToken, setback } = await app.stored()
      expect({ sessionToken, setback }).to.deep.equal({
        sessionToken: 'session-1',
        setback: undefined,
      })
    })

    it(`does not undo a logout during its own call, which fails: ${failure}`, async () => {
      await other.records.end(LOGIN, 'logout')
      call.release(failure)
      expect(await late).to.include({ status: 503 })
      expect((await app.stored()).ended?.reason).to.equal('logout')
      const next = await app
        .request()
        .idToken()
        .catch((error) => error)
      expect(next).to.include({ code: 'session_ended', status: 401 })
    })
  }

  it('keeps the login when the other process got a new session token without an id_token', async () => {
    provider.withIDToken = false
    await other
      .request()
      .idToken()
      .catch(() => {})
    call.release() // refused: the token was replaced
    expect(await late).to.include({ code: 'unexpected_answer', status: 503 })
    const { sessionToken, ended } = await app.stored()
    expect({ sessionToken, ended }).to.deep.equal({ sessionToken: 'session-1', ended: undefined })
    provider.withIDToken = true
    await clock.tickAsync(1_000)
    expect(await app.request().idToken()).to.match(/^e30\./)
  })

  it('ends the login as refused when the other process got the same session token and no id_token', async () => {
    provider.rotation = 'same'
    provider.withIDToken = false
    await other
      .request()
      .idToken()
      .catch(() => {})
    call.release('ended')
    expect(await late).to.include({ code: 'session_ended', status: 401 })
    expect((await app.stored()).ended?.reason).to.equal('refused')
  })

  it('ends the login as rotation_lost a minute after the other process was refused and saved nothing', async () => {
    provider.fail('ended')
    await other
      .request()
      .idToken()
      .catch(() => {})
    const flight = app.refresher.refresh(LOGIN).catch((error) => error)
    await clock.tickAsync(60_001)
    call.release('ended')
    expect(await flight).to.include({ code: 'session_ended', status: 401 })
    expect((await app.stored()).ended?.reason).to.equal('rotation_lost')
  })

  it('reports the error of OneAccess although the store cannot save the backoff', async () => {
    app.store.down()
    call.release('busy')
    expect(await late).to.include({ code: 'busy', status: 503 })
    app.store.up()
    expect((await app.stored()).presented?.by).to.include(app.records.process)
    await clock.tickAsync(21_000) // its lease could not be released either
    expect(await app.request().idToken()).to.match(/^e30\./)
  })
})
