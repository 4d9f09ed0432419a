import { LRUCache } from 'lru-cache'
import type { TokenStore } from '../token-store.js'

/** Milliseconds for which a write may not have reached a replica; Redis' own `repl-timeout` is as long. */
const LATELY = 60_000

/**
 * What was written to a store lately, as far as this process knows, and a failover may have lost: read
 * again as soon as the store can be reached again. The read writes back what the store has lost.
 */
export class RecentWrites {
  readonly #read: (id: string) => Promise<unknown>
  readonly #recent: LRUCache<string, true> | undefined
  #reconnectedAt = Number.NEGATIVE_INFINITY
  #looks = 0

  constructor(store: TokenStore, most: number, read: (id: string) => Promise<unknown>) {
    this.#read = read
    if (store.onReconnect === undefined) return
    const clock = { ttlResolution: 0, perf: { now: () => Date.now() } }
    this.#recent = new LRUCache({ max: most, ttl: LATELY, ...clock })
    store.onReconnect(() => {
      this.#reconnectedAt = Date.now()
      this.#lookAgain()
    })
  }

  /** Written now, or found as it was written at that time. */
  note(id: string, writtenAt = Date.now()): void {
    if (Date.now() - writtenAt < LATELY) this.#recent?.set(id, true)
  }

  /** Whether the store may have failed over lately, and what it lost is not written back yet. */
  get mayBeLost(): boolean {
    return Date.now() - this.#reconnectedAt < LATELY
  }

  /**
   * One look at a time, and one more after it: a client that reconnects again and again must not
   * multiply the load of a store that is just coming back.
   */
  async #lookAgain(): Promise<void> {
    this.#looks = Math.min(this.#looks + 1, 2)
    if (this.#looks > 1) return
    for (; this.#looks > 0; this.#looks--) {
      for (const id of [...(this.#recent?.keys() ?? [])]) await this.#read(id).catch(() => {})
    }
  }
}
