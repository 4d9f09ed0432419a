import { randomUUID } from 'node:crypto'
import { timers } from '../util/timers.js'
import type { TokenRepository } from './repository.js'

/**
 * The right to renew one record alone: held by one owner in all processes, renewed while it is
 * held, and given back. Should the process die, it ends by itself.
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
      // a lost lease is no reason to stop: the call is sent, and the write is compare-and-set
      const again = () => records.store.renewLease(key, owner, ttl)
      records.attempt('lease', again).catch(() => {})
    }, ttl / 3)
    this.#timer.unref()
  }

  /** The lease, or undefined when somebody else holds it. Rejects when the store fails. */
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
      // it may be taken all the same, and then nobody could renew the record until it ends
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

/** A store that cannot take it back lets it end by itself. */
async function giveBackTo(records: TokenRepository, key: string, owner: string): Promise<void> {
  await records.attempt('lease', () => records.store.releaseLease(key, owner)).catch(() => {})
}
