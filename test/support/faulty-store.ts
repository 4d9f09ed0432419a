import type { StoredRecord, TokenStore } from '../../lib/token-store.js'
import { deferred } from './deferred.js'

export type Verb = keyof TokenStore

/**
 * A fault of a store call.
 * - `fail`: rejects and does nothing.
 * - `lose`: does the work and then rejects, as when the connection is lost before the response.
 * - `hang`: never settles and does nothing.
 * - `grant`: resolves to true and does nothing, as after a failover that has lost a lease.
 */
export type StoreFault = 'fail' | 'lose' | 'hang' | 'grant'

interface Hold {
  what: 'call' | 'answer'
  arrived: () => void
  released: Promise<void>
}

/** A call that a test holds back. */
export interface HeldCall {
  /** Resolves when the call is made, or, if its response is held back, done. */
  arrived: Promise<void>
  release(): void
}

/** One process's connection to a shared store, with its own faults. */
export class FaultyStore implements TokenStore {
  readonly calls: Verb[] = []
  readonly #inner: TokenStore
  readonly onReconnect?: NonNullable<TokenStore['onReconnect']>
  readonly getLatest?: NonNullable<TokenStore['getLatest']>
  readonly #faults = new Map<Verb, StoreFault[]>()
  readonly #holds = new Map<Verb, Hold[]>()
  #down: StoreFault | undefined

  constructor(inner: TokenStore) {
    this.#inner = inner
    if (inner.onReconnect) this.onReconnect = (listener) => inner.onReconnect?.(listener)
    if (inner.getLatest)
      this.getLatest = (key) => inner.getLatest?.(key) as ReturnType<TokenStore['get']>
  }

  /** The next calls of the verb have these faults, one after the other. */
  fault(verb: Verb, ...faults: StoreFault[]): void {
    this.#faults.set(verb, [...(this.#faults.get(verb) ?? []), ...faults])
  }

  /** Every call has this fault until `up()`. */
  down(fault: StoreFault = 'fail'): void {
    this.#down = fault
  }

  up(): void {
    this.#down = undefined
  }

  /** The next call of the verb is done when the test releases it. */
  hold(verb: Verb): HeldCall {
    return this.#holdAt('call', verb)
  }

  /** The next call of the verb is done at once, and settles when the test releases it. */
  holdAnswer(verb: Verb): HeldCall {
    return this.#holdAt('answer', verb)
  }

  #holdAt(what: 'call' | 'answer', verb: Verb): HeldCall {
    const arrival = deferred<void>()
    const released = deferred<void>()
    const hold = { what, arrived: arrival.resolve, released: released.promise }
    this.#holds.set(verb, [...(this.#holds.get(verb) ?? []), hold])
    return { arrived: arrival.promise, release: released.resolve }
  }

  count(verb: Verb): number {
    return this.calls.filter((one) => one === verb).length
  }

  get(key: string): Promise<StoredRecord | undefined> {
    return this.#call('get', () => this.#inner.get(key))
  }

  get exclusive(): boolean {
    return this.#inner.exclusive === true
  }

  compareAndSet(
    key: string,
    expected: number,
    record: StoredRecord,
    ttl: number,
  ): Promise<boolean> {
    return this.#call('compareAndSet', () => this.#inner.compareAndSet(key, expected, record, ttl))
  }

  acquireLease(key: string, owner: string, ttl: number): Promise<boolean> {
    return this.#call('acquireLease', () => this.#inner.acquireLease(key, owner, ttl))
  }

  renewLease(key: string, owner: string, ttl: number): Promise<boolean> {
    return this.#call('renewLease', () => this.#inner.renewLease(key, owner, ttl))
  }

  releaseLease(key: string, owner: string): Promise<void> {
    return this.#call('releaseLease', () => this.#inner.releaseLease(key, owner))
  }

  async #call<T>(verb: Verb, work: () => Promise<T>): Promise<T> {
    this.calls.push(verb)
    const hold = this.#holds.get(verb)?.shift()
    if (hold?.what === 'answer') return this.#late(hold, await work())
    hold?.arrived()
    await hold?.released
    const fault = this.#faults.get(verb)?.shift() ?? this.#down
    if (fault === undefined) return work()
    if (fault === 'grant') return true as T
    if (fault === 'lose') await work()
    if (fault === 'hang') return new Promise(() => {})
    throw new Error(`${verb} failed`)
  }

  async #late<T>(hold: Hold, answer: T): Promise<T> {
    hold.arrived()
    await hold.released
    return answer
  }
}
