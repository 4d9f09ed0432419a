import { LRUCache } from 'lru-cache'
import type { TokenStore } from '../token-store.js'
import { sleep } from '../util/timers.js'

/** Milliseconds for which a write may not have reached a replica; Redis' own `repl-timeout` is as long. */
const RECENT = 60_000
/** How many reads at a time, so as not to overload a store that has just come back. */
const MOST_AT_ONCE = 16
/** Milliseconds until failed reads are tried again. */
const RETRY_DELAY = 500

/**
 * The records that this process has written or seen written recently, which a failover may have
 * lost. They are read again as soon as the store can be reached again, and the read writes back
 * what the store has lost.
 */
export class RecentWrites {
  readonly #read: (id: string) => Promise<unknown>
  readonly #recent: LRUCache<string, true> | undefined
  #reconnectedAt = Number.NEGATIVE_INFINITY
  #isReadDue = false
  #reading: Promise<void> | undefined

  constructor(store: TokenStore, most: number, read: (id: string) => Promise<unknown>) {
    this.#read = read
    if (store.onReconnect === undefined) return
    const clock = { ttlResolution: 0, perf: { now: () => Date.now() } }
    this.#recent = new LRUCache({ max: most, ttl: RECENT, ...clock })
    store.onReconnect(() => {
      this.#reconnectedAt = Date.now()
      this.#isReadDue = true
      this.#reading ??= this.#readAgain().finally(() => {
        this.#reading = undefined
      })
    })
  }

  /** Notes a record that was written now, or was found to be written at that time. */
  note(id: string, writtenAt = Date.now()): void {
    if (Date.now() - writtenAt < RECENT) this.#recent?.set(id, true)
  }

  /**
   * Whether the store may have failed over recently, so that lost writes may not be written back
   * yet.
   */
  get mayBeLost(): boolean {
    return Date.now() - this.#reconnectedAt < RECENT
  }

  /**
   * Resolves when every record that may be lost has been read: a process that ended earlier would
   * lose them for good.
   */
  async drain(): Promise<void> {
    await this.#reading
  }

  /**
   * One round of reads at a time, and one more after it: a client that keeps reconnecting must not
   * multiply the load of a store that has just come back.
   */
  async #readAgain(): Promise<void> {
    let unread: string[] = []
    while (this.#isReadDue || unread.length > 0) {
      const ids = this.#isReadDue ? [...(this.#recent?.keys() ?? [])] : unread
      this.#isReadDue = false
      const failed = await this.#readAll(ids)
      if (failed.length > 0) await sleep(RETRY_DELAY)
      unread = failed.filter((id) => this.#recent?.has(id))
    }
  }

  /** Returns the ids that could not be read. */
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
