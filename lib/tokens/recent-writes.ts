import { LRUCache } from 'lru-cache'
import type { TokenStore } from '../token-store.js'
import { sleep } from '../util/timers.js'

/** Milliseconds for which a write may not have reached a replica; Redis' own `repl-timeout` is as long. */
const LATELY = 60_000
/** So many reads at a time: a store that is just coming back has enough to do. */
const MOST_AT_ONCE = 16
/** Milliseconds until what could not be read is tried again. */
const PAUSE = 500

/**
 * What was written to a store lately, as far as this process knows, and a failover may have lost: read
 * again as soon as the store can be reached again. The read writes back what the store has lost.
 */
export class RecentWrites {
  readonly #read: (id: string) => Promise<unknown>
  readonly #recent: LRUCache<string, true> | undefined
  #reconnectedAt = Number.NEGATIVE_INFINITY
  #isToLookAgain = false
  #look: Promise<void> | undefined

  constructor(store: TokenStore, most: number, read: (id: string) => Promise<unknown>) {
    this.#read = read
    if (store.onReconnect === undefined) return
    const clock = { ttlResolution: 0, perf: { now: () => Date.now() } }
    this.#recent = new LRUCache({ max: most, ttl: LATELY, ...clock })
    store.onReconnect(() => {
      this.#reconnectedAt = Date.now()
      this.#isToLookAgain = true
      this.#look ??= this.#lookAgain().finally(() => {
        this.#look = undefined
      })
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

  /** Resolves when everything was read that may be lost: a process that ends before takes it along. */
  async drain(): Promise<void> {
    await this.#look
  }

  /**
   * One look at a time, and one more after it: a client that reconnects again and again must not
   * multiply the load of a store that is just coming back.
   */
  async #lookAgain(): Promise<void> {
    let unread: string[] = []
    while (this.#isToLookAgain || unread.length > 0) {
      const ids = this.#isToLookAgain ? [...(this.#recent?.keys() ?? [])] : unread
      this.#isToLookAgain = false
      const failed = await this.#readAll(ids)
      if (failed.length > 0) await sleep(PAUSE)
      unread = failed.filter((id) => this.#recent?.has(id))
    }
  }

  /** Answers those that could not be read. */
  async #readAll(ids: string[]): Promise<string[]> {
    const failed: string[] = []
    const queue = ids.values()
    const work = async () => {
      for (const id of queue) await this.#read(id).catch(() => failed.push(id))
    }
    await Promise.all(Array.from({ length: MOST_AT_ONCE }, work))
    return failed
  }
}
