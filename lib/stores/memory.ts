import { isSameWrite, type StoredRecord, type TokenStore } from '../token-store.js'

interface Kept<T> {
  value: T
  until: number
}

/**
 * Keeps records in memory. For tests, and for a single process whose logins need not survive a restart.
 * Expired records are removed on later writes, so memory does not grow with old logins.
 *
 * @example
 * const tokenStore = new MemoryTokenStore()
 */
export class MemoryTokenStore implements TokenStore {
  readonly #records = new Map<string, Kept<StoredRecord>>()
  readonly #leases = new Map<string, Kept<string>>()
  #sweptAt = 0

  async get(key: string): Promise<StoredRecord | undefined> {
    const found = unexpired(this.#records, key)
    return found && { ...found }
  }

  async compareAndSet(
    key: string,
    expected: number,
    record: StoredRecord,
    ttl: number,
  ): Promise<boolean> {
    this.#sweep()
    const found = unexpired(this.#records, key)
    if (found && isSameWrite(found, record)) return true
    if ((found?.version ?? 0) !== expected) return false
    this.#records.set(key, { value: { ...record }, until: Date.now() + ttl })
    return true
  }

  async acquireLease(key: string, owner: string, ttl: number): Promise<boolean> {
    if (unexpired(this.#leases, key) !== undefined) return false
    this.#leases.set(key, { value: owner, until: Date.now() + ttl })
    return true
  }

  async renewLease(key: string, owner: string, ttl: number): Promise<boolean> {
    if (unexpired(this.#leases, key) !== owner) return false
    this.#leases.set(key, { value: owner, until: Date.now() + ttl })
    return true
  }

  async releaseLease(key: string, owner: string): Promise<void> {
    if (unexpired(this.#leases, key) === owner) this.#leases.delete(key)
  }

  #sweep(): void {
    if (Date.now() - this.#sweptAt < 60_000) return
    this.#sweptAt = Date.now()
    for (const map of [this.#records, this.#leases]) {
      for (const key of map.keys()) unexpired<unknown>(map, key)
    }
  }
}

function unexpired<T>(map: Map<string, Kept<T>>, key: string): T | undefined {
  const kept = map.get(key)
  if (kept === undefined) return undefined
  if (kept.until > Date.now()) return kept.value
  map.delete(key)
  return undefined
}
