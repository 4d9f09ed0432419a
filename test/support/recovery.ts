import sinon from 'sinon'
import { OneAccessError } from '../../lib/index.js'
import { backoffAfter } from '../../lib/tokens/backoff.js'
import { RefreshPacer } from '../../lib/tokens/pacer.js'
import type { TokenRecord } from '../../lib/tokens/record.js'

// Each user sends a request every 5 s on average. Times are seconds.
/** The life of an id_token. */
export const LIFE = 300
/** OneAccess is down from `from` to `to`; the simulation ends at `end`. */
export const AWAY = { from: 1_200, to: 1_500, end: 3_600 }

const SECOND = 1_000
const STEPS = 100

export interface Crowd {
  people: number
  /** The users that this process has until OneAccess is back. Default all. */
  peopleBefore?: number
  /** The second at which this process starts. */
  startedAt?: number
}

/** Refreshes in each second before and after the outage, and what users got after it. */
export interface Life {
  before: number[]
  after: number[]
  /** Refused requests of users without a valid token, in each second after the outage. */
  turnedAway: number[]
  /** Users who have a new token since the outage. */
  served: number
}

/** Simulates an outage under a fake clock. `sinon.restore()` restores the clock. */
export function live({ people, peopleBefore = people, startedAt = 0 }: Crowd): Life {
  const clock = sinon.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ['Date'] })
  const random = randomFrom(people)
  sinon.stub(Math, 'random').callsFake(random)
  const pacer = new RefreshPacer()
  const crowd = Array.from({ length: people }, () => newcomer(random))
  const counts = Array.from({ length: AWAY.end }, () => 0)
  const turnedAway = Array.from({ length: AWAY.end }, () => 0)
  clock.tick(startedAt * SECOND)
  for (let step = startedAt * STEPS; step < AWAY.end * STEPS; step++) {
    const second = Math.floor(step / STEPS)
    const isAway = second >= AWAY.from && second < AWAY.to
    const here = second < AWAY.to ? peopleBefore : people
    for (let asked = random() * 2 * (here / 5 / STEPS); asked > random(); asked--) {
      const one = crowd[Math.floor(random() * here)] as Person
      const outcome = ask(one, pacer, isAway, random)
      if (outcome === 'renewed') add(counts, second)
      if (outcome === 'turned away') add(turnedAway, second)
      one.isBack ||= outcome === 'renewed' && second >= AWAY.to
    }
    clock.tick(SECOND / STEPS)
  }
  return {
    before: counts.slice(LIFE, AWAY.from),
    after: counts.slice(AWAY.to),
    turnedAway: turnedAway.slice(AWAY.to),
    served: crowd.filter(({ isBack }) => isBack).length,
  }
}

interface Person {
  refreshAt: number
  expiresAt: number
  record: TokenRecord
  isBack: boolean
}

function newcomer(random: () => number): Person {
  const refreshAt = Date.now() + random() * 0.9 * LIFE * SECOND
  return { refreshAt, expiresAt: refreshAt + 30 * SECOND, record: {} as TokenRecord, isBack: false }
}

function ask(one: Person, pacer: RefreshPacer, isAway: boolean, random: () => number) {
  const now = Date.now()
  if (now < one.refreshAt || now < (one.record.setback?.notBefore ?? 0)) return 'nothing to do'
  if (!pacer.take(now < one.expiresAt)) return now < one.expiresAt ? 'put off' : 'turned away'
  if (isAway) {
    one.record = { ...one.record, setback: backoffAfter(one.record, AWAY_ERROR) }
    pacer.failed()
    return 'failed'
  }
  pacer.succeeded()
  one.record = {} as TokenRecord
  one.expiresAt = now + LIFE * SECOND
  one.refreshAt = one.expiresAt - 30 * SECOND * (0.75 + random() / 2)
  return 'renewed'
}

const AWAY_ERROR = new OneAccessError('unreachable', { step: 'refresh', status: 503, hint: 'away' })

function add(counts: number[], second: number): void {
  counts[second] = (counts[second] ?? 0) + 1
}

/** The highest sum of this many consecutive seconds. */
export function busiest(counts: readonly number[], seconds: number): number {
  const sums = counts.map((_, n) =>
    counts.slice(n, n + seconds).reduce((sum, count) => sum + count, 0),
  )
  return Math.max(...sums)
}

/** A seeded generator, for the same numbers in each run. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
