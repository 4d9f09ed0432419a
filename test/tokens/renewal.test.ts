import { expect } from 'chai'
import sinon from 'sinon'
import { OneAccessError } from '../../lib/index.js'
import { backoffAfter } from '../../lib/tokens/backoff.js'
import type { TokenRecord } from '../../lib/tokens/record.js'
import { type AppProcess, LOGIN, startTwoWithDue } from '../support/processes.js'
import type { Failure, Provider } from '../support/provider.js'

const MINUTE = 60_000

const rateLimited = (retryAfter: number) =>
  new OneAccessError('rate_limited', { step: 'refresh', status: 503, hint: '', retryAfter })

describe('renew', () => {
  let clock: sinon.SinonFakeTimers
  let provider: Provider
  let app: AppProcess
  let other: AppProcess
  beforeEach(async () => {
    ;({ clock, provider, app, other } = await startTwoWithDue())
  })
  afterEach(() => sinon.restore())

  const failure = (from = app): Promise<OneAccessError> =>
    from
      .request()
      .idToken()
      .then(
        () => expect.fail('there was an id_token'),
        (error) => error,
      )

  /** Tries again after each Retry-After, until there is an id_token or the login has ended. */
  async function untilSettled(from = app): Promise<string> {
    for (let tries = 0; tries < 50; tries++) {
      try {
        return await from.request().idToken()
      } catch (error) {
        const { status, retryAfter = 1, message } = error as OneAccessError
        if (status === 401) return message
        await clock.tickAsync(retryAfter * 1_000)
      }
    }
    return 'never'
  }

  describe('a response of OneAccess', () => {
    it('replaces the session token, and the time at which it expires', async () => {
      await app.request().idToken()
      const { sessionToken, presented, sessionExpiresAt } = await app.stored()
      expect({ sessionToken, presented }).to.deep.equal({
        sessionToken: 'session-1',
        presented: undefined,
      })
      expect(sessionExpiresAt).to.equal(Date.now() + 604_800_000)
    })

    for (const rotation of ['same', 'omitted'] as const) {
      it(`keeps the session token over three refreshes with sessionToken ${rotation}`, async () => {
        provider.rotation = rotation
        for (let n = 0; n < 3; n++) {
          await app.request().idToken()
          await clock.tickAsync(5 * MINUTE)
        }
        expect(provider.presented).to.deep.equal(['session-0', 'session-0', 'session-0'])
        expect((await app.stored()).sessionToken).to.equal('session-0')
      })
    }

    for (const rotation of ['same', 'omitted', 'new'] as const) {
      const isKept = rotation !== 'new'
      it(`without expire ${isKept ? 'keeps' : 'clears'} the session’s expiry, with the session token ${rotation}`, async () => {
        const { sessionExpiresAt } = await app.stored()
        expect(sessionExpiresAt).to.be.a('number')
        Object.assign(provider, { rotation, sessionLife: undefined })
        await app.request().idToken()
        const after = await app.stored()
        expect(after.sessionExpiresAt).to.equal(isKept ? sessionExpiresAt : undefined)
      })
    }

    it('without an id_token saves the new session token and rejects with 503', async () => {
      provider.withIDToken = false
      expect(await failure()).to.include({ code: 'unexpected_answer', status: 503 })
      expect((await app.stored()).sessionToken).to.equal('session-1')
      provider.withIDToken = true
      expect(await untilSettled()).to.match(/^e30\./)
      expect(provider.presented).to.deep.equal(['session-0', 'session-1'])
    })

    it('without an id_token leaves the old one in use while it is valid', async () => {
      await app.request().idToken()
      await clock.tickAsync(4 * MINUTE + 40_000)
      provider.withIDToken = false
      const token = await app.request().idToken()
      await app.refresher.drain()
      expect((await app.stored()).sessionToken).to.equal('session-2')
      expect(await app.request().idToken()).to.equal(token)
    })
  })

  describe('a definitive refusal', () => {
    it('ends the login with the reason refused', async () => {
      provider.endSession()
      expect(await failure()).to.include({ code: 'session_ended', status: 401 })
      expect((await app.stored()).ended?.reason).to.equal('refused')
      expect((await app.stored()).sessionToken).to.equal('')
    })

    it('does not end the login if another process has replaced the session token in the meantime', async () => {
      const call = provider.holdCall() // the late request with the old token
      const late = app.request().idToken()
      await call.arrived
      other.store.fault('acquireLease', 'grant') // the lease was lost in mid-call
      const token = await other.request().idToken()
      call.release()
      expect(await late).to.equal(token)
      expect((await app.stored()).sessionToken).to.equal('session-1')
    })

    it('does not end the login if another process has refreshed with the same session token', async () => {
      provider.rotation = 'same'
      const call = provider.holdCall()
      const late = app.request().idToken()
      await call.arrived
      other.store.fault('acquireLease', 'grant')
      const token = await other.request().idToken()
      call.release('ended')
      expect(await late).to.equal(token)
      expect((await app.stored()).ended).to.equal(undefined)
    })

    it('does not end the login if another process saves just before the end is written', async () => {
      provider.fail('ended') // and yet the session goes on
      const late = app.request().idToken()
      // its first write marks the session token as presented, its second ends the login
      app.store.hold('compareAndSet').release()
      const ending = app.store.hold('compareAndSet')
      await ending.arrived
      other.store.fault('acquireLease', 'grant')
      const token = await other.request().idToken()
      ending.release()
      expect(await late).to.equal(token)
      expect((await app.stored()).ended).to.equal(undefined)
    })

    it('does not end the login while the new holder of the lease may have the new token', async () => {
      const call = provider.holdCall()
      const late = failure()
      await call.arrived
      other.store.fault('acquireLease', 'grant')
      const rotation = provider.holdAnswer()
      const owner = other.request().idToken()
      await rotation.arrived
      call.release() // refused: the other call has replaced the token, and nobody has saved it
      expect(await late).to.include({ code: 'connection_lost', status: 503 })
      rotation.release()
      const token = await owner
      await clock.tickAsync(5_000)
      expect(await app.request().idToken()).to.equal(token)
    })
  })

  for (const transient of ['busy', 'rate-limited', 'unreachable'] as Failure[]) {
    describe(`a transient failure: ${transient}`, () => {
      it('rejects with 503 and Retry-After, keeps the login, and succeeds later', async () => {
        provider.fail(transient)
        const error = await failure()
        expect(error.status).to.equal(503)
        expect(error.headers).to.deep.equal({ 'Retry-After': String(error.retryAfter) })
        expect((await app.stored()).presented).to.equal(undefined)
        expect(await untilSettled()).to.match(/^e30\./)
      })
    })
  }

  it('makes no call before Retry-After has passed', async () => {
    provider.fail('rate-limited')
    sinon.stub(Math, 'random').returns(0)
    expect(await failure()).to.include({ code: 'rate_limited', retryAfter: 7 })
    await clock.tickAsync(6_000)
    expect((await failure()).retryAfter).to.equal(1)
    expect(provider.presented).to.have.length(1)
  })

  it('spreads attempts that have the same Retry-After by a jitter', async () => {
    const waits = new Set<number>()
    for (const random of [0, 0.25, 0.5, 0.75]) {
      const chance = sinon.stub(Math, 'random').returns(random)
      waits.add(backoffAfter({} as TokenRecord, rateLimited(60)).notBefore - Date.now())
      chance.restore()
    }
    expect([...waits]).to.deep.equal([60_000, 75_000, 90_000, 105_000])
  })

  it('keeps the login while OneAccess is busy for an hour, with 60 to 130 calls', async () => {
    provider.fail(...Array.from({ length: 200 }, (): Failure => 'busy'))
    for (let second = 0; second < 3_600; second++) {
      await clock.tickAsync(1_000)
      expect((await failure()).status).to.equal(503)
    }
    expect(provider.presented.length).to.be.within(60, 130)
    expect((await app.stored()).ended).to.equal(undefined)
  })

  describe('an ambiguous failure', () => {
    for (const ambiguous of ['lost', 'timeout', 'server-error', 'garbage'] as Failure[]) {
      it(`sends the session token once more after ${ambiguous}, and succeeds if it is accepted`, async () => {
        provider.fail(ambiguous)
        expect((await failure()).status).to.equal(503)
        expect(await untilSettled()).to.match(/^e30\./)
        expect(provider.presented).to.deep.equal(['session-0', 'session-0'])
      })

      it(`ends the login as rotation_lost if the session token is refused after ${ambiguous}`, async () => {
        provider.lose(ambiguous)
        expect((await failure()).status).to.equal(503)
        expect(await untilSettled()).to.include('rotation_lost')
        expect((await app.stored()).ended?.reason).to.equal('rotation_lost')
        expect(provider.presented).to.have.length(2)
      })
    }

    it('still counts as ambiguous after a busy response', async () => {
      provider.lose('lost')
      provider.fail('busy')
      expect(await untilSettled()).to.include('rotation_lost')
    })

    it('of another process gives it the time of a lease, from the first refusal, to save its tokens', async () => {
      const rotation = provider.holdAnswer()
      const holder = other.request().idToken()
      await rotation.arrived
      other.store.down() // so that its lease expires
      rotation.release()
      await holder
      await clock.tickAsync(90_000) // longer than a lease: the time counts from the refusal
      const began = Date.now()
      expect(await failure()).to.include({ code: 'connection_lost', status: 503 })
      while (Date.now() - began < 16_000) {
        await clock.tickAsync(1_000)
        expect((await failure()).status).to.equal(503)
      }
      other.store.up()
      await clock.tickAsync(2_000)
      expect((await app.stored()).sessionToken).to.equal('session-1')
      expect(await untilSettled()).to.match(/^e30\./)
    })

    it('of a process that was killed ends the login as rotation_lost after the time of a lease; until then the hint says what the refresh waits for', async () => {
      const rotation = provider.holdAnswer()
      other
        .request()
        .idToken()
        .catch(() => {})
      await rotation.arrived // and the process is killed: its lease expires, and its response is not saved
      other.store.down()
      await clock.tickAsync(21_000)
      const waiting = await failure()
      expect(waiting).to.include({ code: 'connection_lost', status: 503 })
      expect(waiting.hint).to.include('may hold its replacement')
      expect(waiting.hint).to.not.include('log in again')
      await clock.tickAsync(19_000)
      expect((await failure()).status).to.equal(503)
      await clock.tickAsync(2_000)
      expect((await failure()).message).to.include('rotation_lost')
    })

    it('of this process does not end the login if another one has sent the token since', async () => {
      provider.fail('lost')
      await failure()
      await clock.tickAsync(5_000)
      const rotation = provider.holdAnswer()
      const holder = other.request().idToken()
      await rotation.arrived
      other.store.down()
      rotation.release()
      await holder
      await clock.tickAsync(21_000)
      expect(await failure()).to.include({ code: 'connection_lost', status: 503 })
      expect((await app.stored()).ended).to.equal(undefined)
      expect((await app.stored()).presented?.by).to.equal('several')
      other.store.up()
      await clock.tickAsync(2_000)
      expect(await untilSettled()).to.match(/^e30\./)
    })
  })

  describe('a refusal with an undocumented code', () => {
    it('rejects with 503, not 401, and keeps the login', async () => {
      provider.fail('unknown-code')
      expect(await failure()).to.include({ code: 'refused', status: 503 })
      expect(await untilSettled()).to.match(/^e30\./)
    })

    it('keeps the login when it comes 20 times, as a gateway may have sent it', async () => {
      provider.fail(...Array.from({ length: 20 }, (): Failure => 'unknown-code'))
      expect(await untilSettled()).to.match(/^e30\./)
      expect(provider.presented).to.have.length(21)
      expect((await app.stored()).ended).to.equal(undefined)
    })
  })

  it('sends no session token if the store cannot mark it as presented', async () => {
    app.store.fault('compareAndSet', 'fail')
    expect(await failure()).to.include({ code: 'store_failed', status: 503, retryAfter: 1 })
    expect(provider.presented).to.deep.equal([])
    expect(await app.refresher.refresh(LOGIN)).to.have.property('sessionToken', 'session-1')
  })
})
