import { isObject } from './util/json.js'

/** What a store keeps under a key. The value is opaque: JSON, or a JWE when sealed. */
export interface StoredRecord {
  /** Counts the writes, from 1. */
  version: number
  value: string
}

/**
 * Where token records, and the login attempts that are open, are kept. Five verbs with the usual
 * meaning; a conformance suite for a store of one's own is exported by this package.
 *
 * A method that cannot do its work rejects. It never answers as if a record were absent, because
 * that would log a person out.
 */
export interface TokenStore {
  /** The record, or undefined when there is none or its time is over. */
  get(key: string): Promise<StoredRecord | undefined>

  /**
   * As `get`, and never from a replica that may lag behind. Optional: asked before a record is written,
   * and before one counts as missing or ended, which logs a person out.
   */
  getLatest?(key: string): Promise<StoredRecord | undefined>

  /**
   * Lets a record that is there live on for `ttl` milliseconds, unchanged. Optional: for a store that
   * forgets what nobody touches. Called at most once a second, while the person is active.
   */
  touch?(key: string, ttl: number): Promise<void>

  /**
   * Calls `listener` whenever the store can be reached again after it could not, or is another one by
   * now. Optional: then what was written just before is looked at again, and written back where it is lost.
   */
  onReconnect?(listener: () => void): void

  /** Whether this process alone uses the store: then it makes a record again that the store has lost. */
  readonly exclusive?: boolean

  /**
   * Writes the record, for `ttl` milliseconds, if the version that is there is `expected`; 0 means
   * that none may be there. Answers whether it was written. Atomic against every other call.
   *
   * A client may send a command again after a lost connection, so it also answers true when this very
   * record is there already: every value that is written has a random part, and no two are equal.
   */
  compareAndSet(key: string, expected: number, record: StoredRecord, ttl: number): Promise<boolean>

  /** Takes the lease for `ttl` milliseconds if nobody holds it. Answers whether it was taken. */
  acquireLease(key: string, owner: string, ttl: number): Promise<boolean>

  /** Makes the lease last `ttl` milliseconds from now if `owner` holds it. Answers whether it does. */
  renewLease(key: string, owner: string, ttl: number): Promise<boolean>

  /** Gives the lease back if `owner` holds it. */
  releaseLease(key: string, owner: string): Promise<void>
}

/** Whether what is there was written by this very command, which was sent before. */
export function isSameWrite(found: StoredRecord, record: StoredRecord): boolean {
  return found.version === record.version && found.value === record.value
}

const METHODS = ['get', 'compareAndSet', 'acquireLease', 'renewLease', 'releaseLease'] as const

/** The first method that a store lacks, if it lacks any. */
export function missingMethodOf(store: unknown): string | undefined {
  if (!isObject(store)) return METHODS[0]
  return METHODS.find((method) => typeof store[method] !== 'function')
}

export function isTokenStore(store: unknown): store is TokenStore {
  return missingMethodOf(store) === undefined
}
