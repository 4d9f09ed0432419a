import { randomUUID } from 'node:crypto'
import { timers } from '../util/timers.js'
import type { TokenRepository } from './repository.js'

/**
 * The exclusive right to refresh a record: held by one owner across all processes, extended while it is
 * held, and released afterwards. If the process dies, the lease expires.
 */
export class Lease {
  readonly owner: string
  readonly #records: TokenRepository
  readonly #key: string
  readonly #timer: NodeJS.Timeout

  private constructor(records: TokenRepository, key: string, owner: string, ttl: number) {
    this.owner = owner
    this.#records = records
    this.#key = key
    this.#timer = timers.setInterval(() => {
      // a lost lease is no reason to stop: the call has been sent, and the write is a compare-and-set
      const again = () => records.store.renewLease(key, owner, ttl)
      records.attempt('lease', again).catch(() => {})
    }, ttl / 3)
    this.#timer.unref()
  }

  /** Acquires the lease; undefined if another owner holds it. Rejects if the store fails. */
  static async acquire(
    records: TokenRepository,
    id: string,
    ttl: number,
  ): Promise<Lease | undefined> {
    const owner = `${records.process}:${randomUUID()}`
    const key = `lease:${id}`
    let taking: Promise<boolean> | undefined
    const take = () => {
      taking = records.store.acquireLease(key, owner, ttl)
      return taking
    }
    try {
      return (await records.attempt('lease', take))
        ? new Lease(records, key, owner, ttl)
        : undefined
    } catch (error) {
      // it may have been acquired anyway, and would then block refreshes until it expires
      const giveBack = () => giveBackTo(records, key, owner)
      taking?.then(giveBack, giveBack)
      throw error
    }
  }

  async release(): Promise<void> {
    timers.clearInterval(this.#timer)
    await giveBackTo(this.#records, this.#key, this.owner)
  }
}

/** If the store fails, the lease expires instead. */
async function giveBackTo(records: TokenRepository, key: string, owner: string): Promise<void> {
  await records.attempt('lease', () => records.store.releaseLease(key, owner)).catch(() => {})
}
