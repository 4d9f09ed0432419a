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

/** An id_token that expires within this many milliseconds is no longer returned. */
const MIN_REMAINING = 5_000

/** A record that has an id_token. */
type WithToken = TokenRecord & { idToken: string }

/** Whether the id_token is valid for long enough to be used. */
export function hasValidToken(record: TokenRecord): record is WithToken {
  return record.idToken !== undefined && Date.now() < (record.expiresAt ?? 0) - MIN_REMAINING
}

/** Whether the id_token is not due for a refresh yet. */
export function isFresh(record: TokenRecord): boolean {
  return Date.now() < (record.refreshAt ?? 0)
}

/** Fresh, or refreshed so recently that, if it looks expired, our clock must be wrong. */
function isSettled(record: TokenRecord): record is WithToken {
  const age = Date.now() - record.refreshedAt
  if (isFresh(record) && hasValidToken(record)) return true
  return record.idToken !== undefined && age >= 0 && age < MIN_REMAINING
}

/**
 * The only place where a record is refreshed. Requests share a refresh in this process (a "flight"), and
 * processes exclude each other with a lease. A flight belongs to no request, so a browser that goes away
 * does not stop it.
 *
 * A flight reads the record, acquires the lease, reads again in case another process was faster, calls
 * OneAccess, and releases the lease when the store has the new tokens.
 */
export class Refresher {
  readonly #records: TokenRepository
  readonly #tools: RenewalTools
  readonly #timeouts: Timeouts
  readonly #flights = new Map<string, Promise<TokenRecord>>()
  readonly #pacer = new RefreshPacer()
  readonly #sharedReads = new Map<string, Promise<Versioned>>()
  readonly #saves = new Set<Promise<unknown>>()

  constructor(
    records: TokenRepository,
    client: OneAccessClient,
    timeouts: Timeouts,
    refreshBefore: number | undefined,
  ) {
    this.#records = records
    this.#tools = { records, client, refreshBefore, saveTime: timeouts.lease }
    this.#timeouts = timeouts
  }

  /**
   * Resolves with a record whose id_token is valid: from the store if another process has refreshed it,
   * otherwise refreshed now. With a valid token in the store, this never waits for OneAccess.
   */
  async obtain(id: string): Promise<WithToken> {
    if (!this.#records.isHeld(id)) {
      const { record } = await this.#readShared(id)
      if (hasValidToken(record)) return record
    }
    const renewed = await this.refresh(id)
    if (hasValidToken(renewed) || isSettled(renewed)) return renewed
    throw backoffError(renewed) ?? expiredTokenIssued()
  }

  /** Joins the flight for this record, or starts one. A record that is `enough` needs no refresh. */
  refresh(id: string, enough: (record: TokenRecord) => boolean = isSettled): Promise<TokenRecord> {
    const current = this.#flights.get(id)
    if (current) return current
    const began = Date.now()
    const progress: Progress = { called: false }
    const flight = this.#runFlight(id, enough, progress).finally(() => this.#flights.delete(id))
    this.#flights.set(id, flight)
    flight.catch((error: unknown) => {
      const code = error instanceof OneAccessError ? error.code : 'unknown'
      publishRefresh(id, 'failed', began, { code, called: progress.called })
    })
    return flight
  }

  /** Whether a refresh could start now; after an outage, refreshes take turns. */
  hasTurn(): boolean {
    return this.#pacer.hasTurn()
  }

  /** Resolves when no flight and no save is in progress. */
  async drain(): Promise<void> {
    while (this.#flights.size + this.#saves.size > 0) {
      await Promise.allSettled([...this.#flights.values(), ...this.#saves])
    }
  }

  async #runFlight(
    id: string,
    enough: (record: TokenRecord) => boolean,
    progress: Progress,
  ): Promise<TokenRecord> {
    const began = Date.now()
    const waitUntil = began + 2 * this.#timeouts.lease
    let hasTurn = false
    for (let waited = false; Date.now() < waitUntil; waited = true) {
      const known = this.#records.known(id)
      if (known && !known.ended && enough(known)) return known
      if (this.#records.isHeld(id)) throw storeFailed('the last refresh has not been saved yet')
      const { record } = requireLive(await this.#records.read(id))
      if (enough(record)) {
        if (waited) publishRefresh(id, 'joined', began, { called: false })
        return record
      }
      refuseWhileBackingOff(record)
      // a flight that waits for another process's lease keeps its turn
      hasTurn ||= this.#pacer.take(hasValidToken(record))
      if (!hasTurn) throw rateLimitedLocally()
      const lease = await Lease.acquire(this.#records, id, this.#timeouts.lease)
      const renewed = lease && (await this.#underLease(id, lease, enough, progress))
      if (renewed) return renewed
      // poll the record rather than the lease
      await sleep(50 + Math.random() * 100)
    }
    throw leaseHeldTooLong()
  }

  /** Refreshes the record, unless another process already has. Undefined if the record changed: look again. */
  async #underLease(
    id: string,
    lease: Lease,
    enough: (record: TokenRecord) => boolean,
    progress: Progress,
  ): Promise<TokenRecord | undefined> {
    const began = Date.now()
    let renewal: Renewal | undefined
    try {
      const current = requireLive(await this.#records.readToWrite(id))
      if (enough(current.record)) return current.record
      refuseWhileBackingOff(current.record)
      renewal = await renew(this.#tools, id, current, lease.owner)
      if (renewal === undefined) return undefined
      progress.called = true
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

  /** The lease is held until the store has the new tokens, even if the flight resolves earlier. */
  #releaseAfter(saved: Promise<unknown>, lease: Lease): void {
    const release = () => lease.release()
    const done: Promise<unknown> = saved
      .then(release, release)
      .finally(() => this.#saves.delete(done))
    this.#saves.add(done)
  }

  /** Concurrent reads may be shared, except under a lease. */
  #readShared(id: string): Promise<Versioned> {
    const current = this.#sharedReads.get(id)
    if (current) return current
    const reading = this.#records
      .read(id)
      .then(requireLive)
      .finally(() => this.#sharedReads.delete(id))
    this.#sharedReads.set(id, reading)
    return reading
  }
}

function requireLive(found: Versioned): Versioned {
  if (found.record.ended) throw endedError(found.record.ended.reason)
  return found
}

/** The progress of a flight. */
interface Progress {
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

/** Whether the error means that OneAccess is down or overloaded, rather than a problem with one login. */
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
