import { LRUCache } from 'lru-cache'
import { lifeOf, type TokenRecord } from './record.js'
import { recordKey, type TokenRepository } from './repository.js'

/** Milliseconds between two touches of one record. */
const PAUSE = 1_000
/** People whose last touch is remembered; whoever is forgotten is touched once more. */
const MOST = 10_000

/** Tells a store that forgets what nobody touches who is active. */
export class Activity {
  readonly #records: TokenRepository
  readonly #touched = new LRUCache<string, number>({ max: MOST })

  constructor(records: TokenRepository) {
    this.#records = records
  }

  /** The person makes a request. Nobody waits for the store, and one that fails is asked again later. */
  note(id: string, record: TokenRecord): void {
    const { store } = this.#records
    if (store.touch === undefined) return
    const now = Date.now()
    if (Math.abs(now - (this.#touched.get(id) ?? 0)) < PAUSE) return
    this.#touched.set(id, now)
    const touch = async () => store.touch?.(recordKey(id), lifeOf(record))
    this.#records.attempt('write', touch).catch(() => {})
  }
}
