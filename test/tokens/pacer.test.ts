import { expect } from 'chai'
import sinon from 'sinon'
import { OneAccessError } from '../../lib/index.js'
import { backoffAfter } from '../../lib/tokens/backoff.js'
import { RefreshPacer } from '../../lib/tokens/pacer.js'
import type { TokenRecord } from '../../lib/tokens/record.js'
import { fakeClock } from '../support/clock.js'
import { LOGIN, logIn, startProcess } from '../support/processes.js'
import { Provider } from '../support/provider.js'

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
  /** So many a second, for ten minutes. */
  const usually = (rate: number) => {
    for (let second = 0; second < 600; second++) {
      for (let n = 0; n < rate; n++) pacer.succeeded()
      clock.tick(SECOND)
    }
  }

  it('gives everybody a turn while all is well, and after a failure or two', () => {
    usually(10)
    fail(4)
    for (let n = 0; n < 1_000; n++) expect(pacer.take(false)).to.equal(true)
    pacer.succeeded()
    fail(4)
    expect(pacer.take(false)).to.equal(true)
  })

  it('gives turns at 1.4 times the usual rate from the fifth failure in a row', () => {
    usually(10)
    fail(5)
    let turns = 0
    for (let ms = 0; ms < 10 * SECOND; ms++) {
      if (pacer.take(false)) turns++
      clock.tick(1)
    }
    expect(turns).to.be.within(133, 140)
  })

  it('gives a turn a second at least, to a process that has just started', () => {
    fail(5)
    expect([pacer.take(false), pacer.take(false)]).to.deep.equal([true, false])
    clock.tick(SECOND)
    expect([pacer.hasTurn(), pacer.take(false)]).to.deep.equal([true, true])
  })

  it('leaves turns to those who have no token left', () => {
    fail(5)
    expect([pacer.take(false), pacer.take(false)]).to.deep.equal([true, false])
    clock.tick(900)
    expect([pacer.take(true), pacer.take(false)]).to.deep.equal([false, true])
    clock.tick(5 * SECOND)
    expect(pacer.take(true)).to.equal(true)
  })

  it('is as before when nobody was turned away for half a minute, and OneAccess is back', () => {
    fail(5)
    clock.tick(31 * SECOND)
    expect([pacer.take(false), pacer.take(false)]).to.deep.equal([true, false])
    pacer.succeeded()
    clock.tick(31 * SECOND)
    for (let n = 0; n < 100; n++) expect(pacer.take(false)).to.equal(true)
  })
})

describe('a refresh while OneAccess is away', () => {
  it('is turned away with 503 and Retry-After, touches no record and calls nobody', async () => {
    const clock = fakeClock()
    const provider = new Provider()
    const app = startProcess(provider)
    for (let n = 0; n < 7; n++) await logIn(app, provider, 300, `person-${n}`)
    await logIn(app, provider)
    await clock.tickAsync(300 * SECOND)
    provider.fail(...Array.from({ length: 20 }, () => 'busy' as const))
    for (let n = 0; n < 6; n++) {
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
    sinon.restore()
  })
})

// Everybody asks for something every 5 seconds, id_tokens live 5 minutes, and OneAccess is away for 5.
describe('the recovery after five minutes without OneAccess', () => {
  afterEach(() => sinon.restore())

  for (const people of [200, 2_000]) {
    it(`has no busier moments than 1.5 times the usual ones, with ${people} people, and serves all`, function () {
      this.timeout(30_000)
      const { before, after, served } = live(people)
      expect(busiest(after, 10)).to.be.at.most(1.5 * busiest(before, 10))
      expect(busiest(after, 1)).to.be.at.most(1.5 * busiest(before, 1))
      expect(served).to.equal(people)
    })
  }
})

const LIFE = 300
const AWAY = { from: 1_200, to: 1_500, end: 2_700 }
const STEPS = 10

/** Refreshes in each second before the outage and after it, and how many people have a token again. */
function live(people: number) {
  const clock = sinon.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ['Date'] })
  const began = Date.now()
  const random = randomFrom(people)
  sinon.stub(Math, 'random').callsFake(random)
  const pacer = new RefreshPacer()
  const crowd = Array.from({ length: people }, () => {
    const refreshAt = began + random() * 0.9 * LIFE * SECOND
    return { refreshAt, expiresAt: refreshAt + 30 * SECOND, record: {} as TokenRecord, back: false }
  })
  const counts = Array.from({ length: AWAY.end }, () => 0)
  for (let step = 0; step < AWAY.end * STEPS; step++) {
    const second = Math.floor(step / STEPS)
    const isAway = second >= AWAY.from && second < AWAY.to
    for (let asked = random() * 2 * (people / 5 / STEPS); asked > random(); asked--) {
      const one = crowd[Math.floor(random() * people)]
      const now = Date.now()
      if (!one || now < one.refreshAt || now < (one.record.setback?.notBefore ?? 0)) continue
      if (!pacer.take(now < one.expiresAt)) continue
      if (isAway) {
        one.record = { ...one.record, setback: backoffAfter(one.record, AWAY_ERROR) }
        pacer.failed()
        continue
      }
      pacer.succeeded()
      counts[second] = (counts[second] ?? 0) + 1
      one.back ||= second >= AWAY.to
      one.record = {} as TokenRecord
      one.expiresAt = now + LIFE * SECOND
      one.refreshAt = one.expiresAt - 30 * SECOND * (0.75 + random() / 2)
    }
    clock.tick(SECOND / STEPS)
  }
  return {
    before: counts.slice(LIFE, AWAY.from),
    after: counts.slice(AWAY.to),
    served: crowd.filter(({ back }) => back).length,
  }
}

const AWAY_ERROR = new OneAccessError('unreachable', { step: 'refresh', status: 503, hint: 'away' })

/** The most in so many seconds. */
function busiest(counts: readonly number[], seconds: number): number {
  const sums = counts.map((_, n) =>
    counts.slice(n, n + seconds).reduce((sum, count) => sum + count, 0),
  )
  return Math.max(...sums)
}

/** The same numbers in each run. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
