import { LRUCache } from 'lru-cache'
import { lifeOf, type TokenRecord } from './record.js'
import { recordKey, type TokenRepository } from './repository.js'

/** Milliseconds between two touches of one record, unless the store says otherwise. */
const INTERVAL = 60_000
/** How many records are remembered; a forgotten one is touched once more. */
const MOST = 50_000

/** Touches the records of active users, for a store that expires records that are not touched. */
export class Activity {
  readonly #records: TokenRepository
  readonly #touched = new LRUCache<string, number>({ max: MOST })

  constructor(records: TokenRepository) {
    this.#records = records
  }

  /** Notes a request of the user. Does not wait for the store; after a failure, a later request tries again. */
  note(id: string, record: TokenRecord): void {
    const { store } = this.#records
    if (store.touch === undefined) return
    const now = Date.now()
    const { touchInterval = INTERVAL } = store
    if (Math.abs(now - (this.#touched.get(id) ?? 0)) < touchInterval) return
    this.#touched.set(id, now)
    const touch = async () => store.touch?.(recordKey(id), lifeOf(record))
    this.#records.attempt('write', touch).catch(() => {})
  }
}
