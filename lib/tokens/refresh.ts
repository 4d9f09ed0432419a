import { OneAccessError, type OneAccessErrorCode } from '../errors.js'
import type { OneAccessClient } from '../oneaccess/client.js'
import type { Timeouts } from '../options.js'
import { sleep } from '../util/timers.js'
import {
  backoffError,
  endedError,
  expiredTokenIssued,
  leaseHeldTooLong,
  rateLimitedLocally,
} from './backoff.js'
import { publish, type RefreshEvent } from './events.js'
import { Lease } from './lease.js'
import { RefreshPacer } from './pacer.js'
import type { Versioned } from './record.js'
import { publicNameOf, type TokenRecord } from './record.js'
import { type RenewalTools, renew } from './renewal.js'
import type { TokenRepository } from './repository.js'
import type { Renewal } from './save.js'
import { storeFailed } from './store-errors.js'

/** An id_token that ends within this many milliseconds is not handed out any more. */
const MIN_REMAINING = 5_000

/** A record that has an id_token. */
type WithToken = TokenRecord & { idToken: string }

/** Whether the id_token can be used for a moment more. */
export function isGood(record: TokenRecord): record is WithToken {
  return record.idToken !== undefined && Date.now() < (record.expiresAt ?? 0) - MIN_REMAINING
}

/** Whether nothing needs to be done about the id_token yet. */
export function isFresh(record: TokenRecord): boolean {
  return Date.now() < (record.refreshAt ?? 0)
}

/** Fresh, or renewed so lately that, should it look spent, it is our clock that is wrong. */
function isSettled(record: TokenRecord): record is WithToken {
  const age = Date.now() - record.refreshedAt
  if (isFresh(record) && isGood(record)) return true
  return record.idToken !== undefined && age >= 0 && age < MIN_REMAINING
}

/**
 * The one place where a record is renewed. A renewal is called a flight: one at a time for a record
 * in this process, one in all processes by a lease, and it belongs to no request, so that a browser
 * that goes away stops nothing.
 *
 * The story of a flight: read the record; get the lease; read again, for somebody may have been
 * faster; renew; give the lease back when the store has the new tokens.
 */
export class Refresher {
  readonly #records: TokenRepository
  readonly #tools: RenewalTools
  readonly #timeouts: Timeouts
  readonly #flights = new Map<string, Promise<TokenRecord>>()
  readonly #pacer = new RefreshPacer()
  readonly #looks = new Map<string, Promise<Versioned>>()
  readonly #saves = new Set<Promise<unknown>>()

  constructor(
    records: TokenRepository,
    client: OneAccessClient,
    timeouts: Timeouts,
    refreshBefore: number | undefined,
  ) {
    this.#records = records
    this.#tools = { records, client, refreshBefore, patience: timeouts.lease }
    this.#timeouts = timeouts
  }

  /**
   * A record with an id_token that can be used: one that another process has renewed, else one that
   * is renewed now. Who has a good token in the store never waits for OneAccess.
   */
  async obtain(id: string): Promise<WithToken> {
    if (!this.#records.isHeld(id)) {
      const { record } = await this.#look(id)
      if (isGood(record)) return record
    }
    const renewed = await this.refresh(id)
    if (isGood(renewed) || isSettled(renewed)) return renewed
    throw backoffError(renewed) ?? expiredTokenIssued()
  }

  /** Joins the flight for this record, or starts one; resolves with a record that is `enough`. */
  refresh(id: string, enough: (record: TokenRecord) => boolean = isSettled): Promise<TokenRecord> {
    const under = this.#flights.get(id)
    if (under) return under
    const began = Date.now()
    const way: Way = { called: false }
    const flight = this.#fly(id, enough, way).finally(() => this.#flights.delete(id))
    this.#flights.set(id, flight)
    flight.catch((error: unknown) => {
      const code = error instanceof OneAccessError ? error.code : 'unknown'
      publishRefresh(id, 'failed', began, { code, called: way.called })
    })
    return flight
  }

  /** Whether a refresh could go ahead now; after an outage they get turns. */
  hasTurn(): boolean {
    return this.#pacer.hasTurn()
  }

  /** Resolves when no flight and no save is under way. */
  async drain(): Promise<void> {
    while (this.#flights.size + this.#saves.size > 0) {
      await Promise.allSettled([...this.#flights.values(), ...this.#saves])
    }
  }

  async #fly(id: string, enough: (record: TokenRecord) => boolean, way: Way): Promise<TokenRecord> {
    const began = Date.now()
    const patience = began + 2 * this.#timeouts.lease
    let hasTurn = false
    for (let waited = false; Date.now() < patience; waited = true) {
      const known = this.#records.known(id)
      if (known && !known.ended && enough(known)) return known
      if (this.#records.isHeld(id)) throw storeFailed('the last renewal is not saved yet')
      const { record } = live(await this.#records.read(id))
      if (enough(record)) {
        if (waited) publishRefresh(id, 'joined', began, { called: false })
        return record
      }
      refuseWhileBackingOff(record)
      // who waits for another process's lease has had a turn, and needs no second one
      hasTurn ||= this.#pacer.take(isGood(record))
      if (!hasTurn) throw rateLimitedLocally()
      const lease = await Lease.acquire(this.#records, id, this.#timeouts.lease)
      const renewed = lease && (await this.#underLease(id, lease, enough, way))
      if (renewed) return renewed
      // who waits watches the record, not the lease
      await sleep(50 + Math.random() * 100)
    }
    throw leaseHeldTooLong()
  }

  /** Renews, unless somebody already has. Undefined: the record changed, look again. */
  async #underLease(
    id: string,
    lease: Lease,
    enough: (record: TokenRecord) => boolean,
    way: Way,
  ): Promise<TokenRecord | undefined> {
    const began = Date.now()
    let renewal: Renewal | undefined
    try {
      const current = live(await this.#records.readToWrite(id))
      if (enough(current.record)) return current.record
      refuseWhileBackingOff(current.record)
      renewal = await renew(this.#tools, id, current, lease.owner)
      if (renewal === undefined) return undefined
      way.called = true
      const record = await this.#counted(renewal)
      const rotated = record.sessionToken !== current.record.sessionToken
      publishRefresh(id, 'renewed', began, { rotated, called: true })
      return record
    } finally {
      this.#releaseAfter(renewal?.saved ?? Promise.resolve(), lease)
    }
  }

  async #counted({ usable }: Renewal): Promise<TokenRecord> {
    try {
      const record = await usable
      this.#pacer.succeeded()
      return record
    } catch (error) {
      if (isOutage(error)) this.#pacer.failed()
      throw error
    }
  }

  /** The lease is kept until the store has the new tokens, though the flight has landed before. */
  #releaseAfter(saved: Promise<unknown>, lease: Lease): void {
    const release = () => lease.release()
    const done: Promise<unknown> = saved
      .then(release, release)
      .finally(() => this.#saves.delete(done))
    this.#saves.add(done)
  }

  /** Reads that began before one is needed may be shared; those under a lease may not. */
  #look(id: string): Promise<Versioned> {
    const under = this.#looks.get(id)
    if (under) return under
    const look = this.#records
      .read(id)
      .then(live)
      .finally(() => this.#looks.delete(id))
    this.#looks.set(id, look)
    return look
  }
}

function live(found: Versioned): Versioned {
  if (found.record.ended) throw endedError(found.record.ended.reason)
  return found
}

/** What a flight has come to so far. */
interface Way {
  called: boolean
}

const OUTAGE: ReadonlySet<string> = new Set<OneAccessErrorCode>([
  'unreachable',
  'connection_lost',
  'timeout',
  'busy',
  'rate_limited',
  'upstream_failed',
])

/** Whether it speaks of a OneAccess that is away or overloaded, and not of one person's session or answer. */
function isOutage(error: unknown): boolean {
  return error instanceof OneAccessError && OUTAGE.has(error.code)
}

function refuseWhileBackingOff(record: TokenRecord): void {
  const setback = backoffError(record)
  if (setback) throw setback
}

function publishRefresh(
  id: string,
  outcome: RefreshEvent['outcome'],
  began: number,
  more: Pick<RefreshEvent, 'rotated' | 'code' | 'called'>,
): void {
  publish.refresh({ login: publicNameOf(id), outcome, ...more, duration: Date.now() - began })
}
