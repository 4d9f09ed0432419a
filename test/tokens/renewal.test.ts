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

  /** Asks again whenever it may, until an id_token comes or the login is over. */
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

  describe('what OneAccess answers', () => {
    it('replaces the session token by a new one', async () => {
      await app.request().idToken()
      const { sessionToken, presented, sessionExpiresAt } = await app.stored()
      expect({ sessionToken, presented }).to.deep.equal({
        sessionToken: 'session-1',
        presented: undefined,
      })
      expect(sessionExpiresAt).to.equal(Date.now() + 604_800_000)
    })

    for (const rotation of ['same', 'omitted'] as const) {
      it(`keeps the session token when the answer has it ${rotation}, again and again`, async () => {
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
      it(`${isKept ? 'keeps' : 'forgets'} the session's end when the answer does not say it, and the token is ${rotation}`, async () => {
        const { sessionExpiresAt } = await app.stored()
        expect(sessionExpiresAt).to.be.a('number')
        Object.assign(provider, { rotation, sessionLife: undefined })
        await app.request().idToken()
        const after = await app.stored()
        expect(after.sessionExpiresAt).to.equal(isKept ? sessionExpiresAt : undefined)
      })
    }

    it('keeps a new session token even without an id_token, and answers 503', async () => {
      provider.withIDToken = false
      expect(await failure()).to.include({ code: 'unexpected_answer', status: 503 })
      expect((await app.stored()).sessionToken).to.equal('session-1')
      provider.withIDToken = true
      expect(await untilSettled()).to.match(/^e30\./)
      expect(provider.presented).to.deep.equal(['session-0', 'session-1'])
    })

    it('serves the good id_token on when a new one does not come with the session token', async () => {
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
    it('ends the login, with the reason refused', async () => {
      provider.endSession()
      expect(await failure()).to.include({ code: 'session_ended', status: 401 })
      expect((await app.stored()).ended?.reason).to.equal('refused')
      expect((await app.stored()).sessionToken).to.equal('')
    })

    it('is no end when someone has renewed the record in the meantime', async () => {
      const call = provider.holdCall() // the late request with the old token
      const late = app.request().idToken()
      await call.arrived
      other.store.fault('acquireLease', 'grant') // the lease was lost in mid-call
      const token = await other.request().idToken()
      call.release()
      expect(await late).to.equal(token)
      expect((await app.stored()).sessionToken).to.equal('session-1')
    })

    it('is no end when someone has renewed it with the same session token', async () => {
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

    it('is no end when someone renews the record between the look and the end', async () => {
      provider.fail('ended') // a refusal that is not even true
      const end = app.store
      const late = app.request().idToken()
      // get, get under the lease, mark, get after the refusal, and now the end
      end.hold('compareAndSet').release()
      const burying = end.hold('compareAndSet')
      await burying.arrived
      other.store.fault('acquireLease', 'grant')
      const token = await other.request().idToken()
      burying.release()
      expect(await late).to.equal(token)
      expect((await app.stored()).ended).to.equal(undefined)
    })

    it('is no end while the next owner of a lost lease may hold the new token', async () => {
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
      it('keeps the login, says 503 and when to come again, and succeeds later', async () => {
        provider.fail(transient)
        const error = await failure()
        expect(error.status).to.equal(503)
        expect(error.headers).to.deep.equal({ 'Retry-After': String(error.retryAfter) })
        expect((await app.stored()).presented).to.equal(undefined)
        expect(await untilSettled()).to.match(/^e30\./)
      })
    })
  }

  it('waits as long as OneAccess wants', async () => {
    provider.fail('rate-limited')
    sinon.stub(Math, 'random').returns(0)
    expect(await failure()).to.include({ code: 'rate_limited', retryAfter: 7 })
    await clock.tickAsync(6_000)
    expect((await failure()).retryAfter).to.equal(1)
    expect(provider.presented).to.have.length(1)
  })

  it('tries again at a different time than others with the same Retry-After', async () => {
    const waits = new Set<number>()
    for (const random of [0, 0.25, 0.5, 0.75]) {
      const chance = sinon.stub(Math, 'random').returns(random)
      waits.add(backoffAfter({} as TokenRecord, rateLimited(60)).notBefore - Date.now())
      chance.restore()
    }
    expect([...waits]).to.deep.equal([60_000, 75_000, 90_000, 105_000])
  })

  it('keeps a login through an hour of a busy OneAccess, and calls ever less often', async () => {
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
      it(`presents the token once more after ${ambiguous}, and goes on if it is honoured`, async () => {
        provider.fail(ambiguous)
        expect((await failure()).status).to.equal(503)
        expect(await untilSettled()).to.match(/^e30\./)
        expect(provider.presented).to.deep.equal(['session-0', 'session-0'])
      })

      it(`ends as rotation_lost when the token is refused after ${ambiguous}`, async () => {
        provider.lose(ambiguous)
        expect((await failure()).status).to.equal(503)
        expect(await untilSettled()).to.include('rotation_lost')
        expect((await app.stored()).ended?.reason).to.equal('rotation_lost')
        expect(provider.presented).to.have.length(2)
      })
    }

    it('still counts as ambiguous when a busy answer came after it', async () => {
      provider.lose('lost')
      provider.fail('busy')
      expect(await untilSettled()).to.include('rotation_lost')
    })

    it('of another process leaves it the time of a lease, from the first refusal, to save what it may hold', async () => {
      const rotation = provider.holdAnswer()
      const holder = other.request().idToken()
      await rotation.arrived
      other.store.down() // and so its lease runs out
      rotation.release()
      await holder
      await clock.tickAsync(90_000) // longer than the patience: what counts is the refusal
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

    it('of a process that never comes back ends as rotation_lost at the first look after as long, and says what is waited for', async () => {
      const rotation = provider.holdAnswer()
      other
        .request()
        .idToken()
        .catch(() => {})
      await rotation.arrived // and the process is killed: its lease runs out, no answer is saved
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

    it('of this process is no proof when another one has presented the token since', async () => {
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
    it('is no end, and never 401', async () => {
      provider.fail('unknown-code')
      expect(await failure()).to.include({ code: 'refused', status: 503 })
      expect(await untilSettled()).to.match(/^e30\./)
    })

    it('ends no login, however often it comes: gateways return error codes too', async () => {
      provider.fail(...Array.from({ length: 20 }, (): Failure => 'unknown-code'))
      expect(await untilSettled()).to.match(/^e30\./)
      expect(provider.presented).to.have.length(21)
      expect((await app.stored()).ended).to.equal(undefined)
    })
  })

  it('presents nothing when the store cannot take the mark', async () => {
    app.store.fault('compareAndSet', 'fail')
    expect(await failure()).to.include({ code: 'store_failed', status: 503, retryAfter: 1 })
    expect(provider.presented).to.deep.equal([])
    expect(await app.refresher.refresh(LOGIN)).to.have.property('sessionToken', 'session-1')
  })
})
