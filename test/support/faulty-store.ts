import type { StoredRecord, TokenStore } from '../../lib/session/tokens.js'
import { deferred } from './deferred.js'

export type Verb = keyof TokenStore

/**
 * What goes wrong with a call of the store.
 * - `fail`: it rejects, and nothing is done.
 * - `lose`: it is done, and then rejects, as when the connection ends before the answer.
 * - `hang`: it never answers, and nothing is done.
 * - `hang-after`: it is done, and never answers.
 */
export type StoreFault = 'fail' | 'lose' | 'hang' | 'hang-after'

/** One process's way to a store that others share, with faults of its own. */
export class FaultyStore implements TokenStore {
  readonly calls: Verb[] = []
  readonly #inner: TokenStore
  readonly #faults = new Map<Verb, StoreFault[]>()
  readonly #holds = new Map<Verb, { arrived: () => void; released: Promise<void> }[]>()
  #down: StoreFault | undefined

  constructor(inner: TokenStore) {
    this.#inner = inner
  }

  /** The next calls of the verb go wrong so, one after the other. */
  fault(verb: Verb, ...faults: StoreFault[]): void {
    this.#faults.set(verb, [...(this.#faults.get(verb) ?? []), ...faults])
  }

  /** Every call goes wrong, until `up()`. */
  down(fault: StoreFault = 'fail'): void {
    this.#down = fault
  }

  up(): void {
    this.#down = undefined
  }

  /** The next call of the verb is done only when the test says so. */
  hold(verb: Verb): { arrived: Promise<void>; release: () => void } {
    const arrival = deferred<void>()
    const released = deferred<void>()
    const hold = { arrived: arrival.resolve, released: released.promise }
    this.#holds.set(verb, [...(this.#holds.get(verb) ?? []), hold])
    return { arrived: arrival.promise, release: released.resolve }
  }

  count(verb: Verb): number {
    return this.calls.filter((one) => one === verb).length
  }

  get(key: string): Promise<StoredRecord | undefined> {
    return this.#call('get', () => this.#inner.get(key))
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
    hold?.arrived()
    await hold?.released
    const fault = this.#faults.get(verb)?.shift() ?? this.#down
    if (fault === undefined) return work()
    if (fault === 'lose' || fault === 'hang-after') await work()
    if (fault === 'hang' || fault === 'hang-after') return new Promise(() => {})
    throw new Error(`${verb} failed`)
  }
}
