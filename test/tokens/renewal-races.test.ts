import { expect } from 'chai'
import sinon from 'sinon'
import { type AppProcess, LOGIN, startTwoWithDue } from '../support/processes.js'
import type { Failure, Held, Provider } from '../support/provider.js'

describe('renew, next to another process', () => {
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
    it(`gives the token of the other one though its own call fails: ${failure}`, async () => {
      const token = await other.request().idToken()
      call.release(failure)
      expect(await late).to.equal(token)
      const { sessionToken, setback } = await app.stored()
      expect({ sessionToken, setback }).to.deep.equal({
        sessionToken: 'session-1',
        setback: undefined,
      })
    })

    it(`does not undo a logout from before the call failed: ${failure}`, async () => {
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

  it('ends nobody when the other one got a new session token without an id_token', async () => {
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

  it('ends as refused when the other one got the same session token again, and no id_token', async () => {
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

  it('ends as rotation_lost when the other one, a minute after its refusal, has saved nothing', async () => {
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

  it('says what OneAccess said though the store cannot note it', async () => {
    app.store.down()
    call.release('busy')
    expect(await late).to.include({ code: 'busy', status: 503 })
    app.store.up()
    expect((await app.stored()).presented?.by).to.include(app.records.process)
    await clock.tickAsync(21_000) // nor take the lease back
    expect(await app.request().idToken()).to.match(/^e30\./)
  })
})
