import { expect } from 'chai'
import sinon from 'sinon'
import type { OneAccessError } from '../../lib/index.js'
import { RefreshPacer } from '../../lib/tokens/pacer.js'
import { fakeClock } from '../support/clock.js'
import { LOGIN, logIn, startProcess, startProcesses } from '../support/processes.js'
import { type Failure, Provider } from '../support/provider.js'
import { AWAY, busiest, LIFE, live } from '../support/recovery.js'

const SECOND = 1_000

describe('RefreshPacer', () => {
  let clock: sinon.SinonFakeTimers
  let pacer: RefreshPacer
  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ['Date'] })
    pacer = new RefreshPacer()
  })
  afterEach(() => sinon.restore())

  const fail = (times: number) => {
    for (let n = 0; n < times; n++) pacer.failed()
  }
  /** Five failures in a row, over ten seconds. */
  const goDown = () => {
    fail(4)
    clock.tick(10 * SECOND)
    fail(1)
  }
  /** `rate` refreshes per second, for ten minutes. */
  const succeedFor10Minutes = (rate: number) => {
    for (let second = 0; second < 600; second++) {
      for (let n = 0; n < rate; n++) pacer.succeeded()
      clock.tick(SECOND)
    }
  }

  it('gives every refresh a turn before the fifth failure in a row', () => {
    succeedFor10Minutes(10)
    fail(4)
    for (let n = 0; n < 1_000; n++) expect(pacer.take(false)).to.equal(true)
    pacer.succeeded()
    fail(4)
    expect(pacer.take(false)).to.equal(true)
  })

  it('gives every refresh a turn during a failure of less than ten seconds, however many it meets', () => {
    succeedFor10Minutes(10)
    fail(1_000)
    clock.tick(9_999)
    fail(1_000)
    for (let n = 0; n < 1_000; n++) expect(pacer.take(false)).to.equal(true)
    pacer.succeeded()
    clock.tick(10 * SECOND)
    fail(1_000) // another failure, which has only begun
    expect([pacer.take(false), pacer.take(false)]).to.deep.equal([true, true])
    clock.tick(10 * SECOND)
    fail(1)
    expect([pacer.take(false), pacer.take(false)]).to.deep.equal([true, false])
  })

  it('gives turns at 1.4 times the usual rate from the fifth failure in a row, over ten seconds', () => {
    succeedFor10Minutes(10)
    goDown()
    let turns = 0
    for (let ms = 0; ms < 10 * SECOND; ms++) {
      if (pacer.take(false)) turns++
      clock.tick(1)
    }
    expect(turns).to.be.within(133, 140)
  })

  it('gives at least one turn a second in a process that has just started', () => {
    goDown()
    expect([pacer.take(false), pacer.take(false)]).to.deep.equal([true, false])
    clock.tick(SECOND)
    expect([pacer.hasTurn(), pacer.take(false)]).to.deep.equal([true, true])
  })

  it('keeps giving turns when the clock is set back by 5 minutes', () => {
    succeedFor10Minutes(10)
    goDown()
    pacer.take(false)
    clock.setSystemTime(Date.now() - 300 * SECOND)
    expect([pacer.hasTurn(), pacer.take(false)]).to.deep.equal([true, true])
    expect([pacer.hasTurn(), pacer.take(false)]).to.deep.equal([false, false])
  })

  it('reserves turns for users without a valid token: early refreshes wait longer', () => {
    goDown()
    expect([pacer.take(false), pacer.take(false)]).to.deep.equal([true, false])
    clock.tick(900)
    expect([pacer.take(true), pacer.take(false)]).to.deep.equal([false, true])
    clock.tick(5 * SECOND)
    expect(pacer.take(true)).to.equal(true)
  })

  it('stops pacing half a minute after the last refused turn, once a refresh has succeeded', () => {
    goDown()
    clock.tick(31 * SECOND)
    expect([pacer.take(false), pacer.take(false)]).to.deep.equal([true, false])
    pacer.succeeded()
    clock.tick(31 * SECOND)
    for (let n = 0; n < 100; n++) expect(pacer.take(false)).to.equal(true)
  })
})

describe('a refresh while OneAccess is down', () => {
  afterEach(() => sinon.restore())

  it('is refused with 503 and Retry-After, without a call to OneAccess or a change of the record', async () => {
    const clock = fakeClock()
    const provider = new Provider()
    const app = startProcess(provider)
    for (let n = 0; n < 7; n++) await logIn(app, provider, 300, `person-${n}`)
    await logIn(app, provider)
    await clock.tickAsync(300 * SECOND)
    provider.fail(...Array.from({ length: 20 }, () => 'busy' as const))
    for (let n = 0; n < 6; n++) {
      if (n < 5) await clock.tickAsync(2_500)
      await app
        .request(`person-${n}`)
        .idToken()
        .catch(() => {})
    }
    const calls = provider.presented.length
    const before = await app.stored(LOGIN)
    const failed = await app
      .request()
      .idToken()
      .catch((error: OneAccessError) => error)
    expect(failed).to.include({ code: 'busy', status: 503 })
    expect((failed as OneAccessError).retryAfter).to.be.within(2, 7)
    expect(provider.presented).to.have.length(calls)
    expect(await app.stored(LOGIN)).to.deep.equal(before)
  })

  const kinds: [failure: Failure, isOutage: boolean][] = [
    ['busy', true],
    ['rate-limited', true],
    ['server-error', true],
    ['unreachable', true],
    ['lost', true],
    ['timeout', true],
    ['ended', false],
    ['garbage', false],
  ]
  for (const [failure, isOutage] of kinds) {
    it(`${isOutage ? 'makes no call' : 'calls OneAccess'} after six users’ refreshes ended in: ${failure}`, async () => {
      const clock = fakeClock()
      const provider = new Provider()
      const app = startProcess(provider)
      const people = Array.from({ length: 6 }, (_, n) => `person-${n}`)
      for (const person of [...people, LOGIN]) await logIn(app, provider, 300, person)
      await clock.tickAsync(300 * SECOND)
      provider.fail(...people.map(() => failure))
      for (const [n, person] of people.entries()) {
        if (n < 5) await clock.tickAsync(2_500)
        await app.refresher.refresh(person).catch(() => {})
      }
      const before = provider.presented.length
      await app.refresher.refresh(LOGIN).catch(() => {})
      expect(provider.presented.length - before).to.equal(isOutage ? 0 : 1)
    })
  }

  it('takes one turn, however long another process holds the lease', async () => {
    const clock = fakeClock()
    const provider = new Provider()
    const [other, app] = startProcesses(2, provider)
    if (!other || !app) throw new Error('two processes are needed')
    for (let n = 0; n < 5; n++) await logIn(app, provider, 300, `person-${n}`)
    await logIn(app, provider)
    await clock.tickAsync(300 * SECOND)
    provider.fail(...Array.from({ length: 5 }, () => 'busy' as const))
    for (let n = 0; n < 5; n++) {
      await clock.tickAsync(2_500)
      await app
        .request(`person-${n}`)
        .idToken()
        .catch(() => {})
    }
    const call = provider.holdCall()
    const renewing = other.request().idToken()
    await call.arrived
    const waiting = app.request().idToken()
    await clock.tickAsync(500)
    call.release()
    await clock.tickAsync(500)
    expect(await waiting).to.equal(await renewing)
  })
})

describe('recovery after OneAccess was down for five minutes', () => {
  afterEach(() => sinon.restore())

  for (const people of [200, 2_000]) {
    it(`stays within 1.5 times the usual peak rate and serves all of ${people} users`, function () {
      this.timeout(30_000)
      const { before, after, served } = live({ people })
      expect(busiest(after, 10)).to.be.at.most(1.5 * busiest(before, 10))
      expect(busiest(after, 1)).to.be.at.most(1.5 * busiest(before, 1))
      expect(served).to.equal(people)
    })
  }

  // the usual rate of these processes is too low for the users that they have to serve now
  const UNUSUAL = {
    'in a process started during the outage': { startedAt: AWAY.to - 60 },
    'in a process that has forty times as many users as before': { peopleBefore: 50 },
    'in a process that takes over the users of a second one': { peopleBefore: 1_000 },
  }
  for (const [where, settings] of Object.entries(UNUSUAL)) {
    it(`serves all users and returns to the usual rate, ${where}`, function () {
      this.timeout(30_000)
      const { served, turnedAway, after } = live({ people: 2_000, ...settings })
      expect(served).to.equal(2_000)
      expect(turnedAway.slice(-LIFE).reduce((sum, count) => sum + count)).to.equal(0)
      // one refresh for each life of an id_token
      const usual = after.slice(-LIFE).reduce((sum, count) => sum + count) / LIFE
      expect(usual).to.be.within(2_000 / LIFE, 2_000 / (0.8 * LIFE))
    })
  }
})
