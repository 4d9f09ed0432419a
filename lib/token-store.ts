import { isObject } from './util/json.js'

/** What a store keeps under a key. The value is opaque: JSON, or a JWE if it is encrypted. */
export interface StoredRecord {
  /** Counts the writes, from 1. */
  version: number
  value: string
}

/**
 * Keeps token records, open login attempts and challenges. A store has five required methods; test
 * your own with `conformanceTests` from `passport-oneaccess-alipay/conformance`.
 *
 * A method that cannot do its work must reject. It must never respond as if a record were absent,
 * because that would log a user out.
 */
export interface TokenStore {
  /** Resolves with the record, or with undefined if there is none or it has expired. */
  get(key: string): Promise<StoredRecord | undefined>

  /**
   * As `get`, but never from a replica that may lag behind. Optional: called before a record is written,
   * and before one counts as missing or ended, which logs a user out.
   */
  getLatest?(key: string): Promise<StoredRecord | undefined>

  /**
   * Extends the lifetime of a record to `ttl` milliseconds from now, without changing it. Optional: for a
   * store that expires records that are not touched. Called at most once per `touchInterval` while the user is
   * active; no request waits for it.
   */
  touch?(key: string, ttl: number): Promise<void>

  /** Milliseconds between two calls of `touch` for one record: a fraction of what it lives. Default 60000. */
  readonly touchInterval?: number

  /**
   * Calls `listener` whenever the connection to the store is restored, perhaps to another node.
   * Optional: recent writes are then read again, and written back if they were lost.
   */
  onReconnect?(listener: () => void): void

  /** Whether only this process uses the store; it then creates a record again if the store has lost it. */
  readonly exclusive?: boolean

  /**
   * Writes the record for `ttl` milliseconds if the stored version is `expected`; 0 means that no record
   * may exist. Resolves with whether it was written. Atomic with respect to every other call.
   *
   * A client may repeat a command after a lost connection, so it must also resolve with true if exactly
   * this record is already stored: every value contains a random part, so no two writes are equal.
   */
  compareAndSet(key: string, expected: number, record: StoredRecord, ttl: number): Promise<boolean>

  /** Acquires the lease for `ttl` milliseconds if nobody holds it. Resolves with whether it was acquired. */
  acquireLease(key: string, owner: string, ttl: number): Promise<boolean>

  /** Extends the lease to `ttl` milliseconds from now if `owner` holds it. Resolves with whether it was extended. */
  renewLease(key: string, owner: string, ttl: number): Promise<boolean>

  /** Releases the lease if `owner` holds it. */
  releaseLease(key: string, owner: string): Promise<void>
}

/** Whether the stored record was written by this same command, sent earlier. */
export function isSameWrite(found: StoredRecord, record: StoredRecord): boolean {
  return found.version === record.version && found.value === record.value
}

const METHODS = ['get', 'compareAndSet', 'acquireLease', 'renewLease', 'releaseLease'] as const

/** The name of the first required method that a store does not have. */
export function missingMethodOf(store: unknown): string | undefined {
  if (!isObject(store)) return METHODS[0]
  return METHODS.find((method) => typeof store[method] !== 'function')
}

export function isTokenStore(store: unknown): store is TokenStore {
  return missingMethodOf(store) === undefined
}

/** Whether a store returned a record. A database may return the version as text. */
export function isStoredRecord(found: unknown): found is StoredRecord {
  return (
    isObject(found) && typeof found.value === 'string' && Number.isInteger(Number(found.version))
  )
}
