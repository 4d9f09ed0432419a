import { randomUUID } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { OneAccessError } from '../errors.js'
import { isStoredRecord, type StoredRecord, type TokenStore } from '../token-store.js'
import { warnOnce } from '../util/warnings.js'
import { publish, type StoreEvent } from './events.js'
import { RecentWrites } from './recent-writes.js'
import {
  type EndReason,
  hasExpired,
  inLocalTime,
  isDeliberate,
  lifeOf,
  publicNameOf,
  type TokenRecord,
  tombstone,
  type Versioned,
} from './record.js'
import { decodeRecord, encodeRecord } from './record-format.js'
import { type Seal, SealError } from './seal.js'
import { callStore } from './store-call.js'
import { storeFailed, type UnreadableReason, unreadableRecord } from './store-errors.js'
import { shouldRestore } from './write-back.js'

/** How many times a write of a record is repeated because another write came first. */
export const MOST_WRITES = 20

/** How many records this process caches, so that a fresh one costs no I/O: about 20 MB at most. */
const MOST_CACHED = 10_000

/**
 * The token records of one store: cached, written only with compare-and-set, ended with a tombstone.
 * New tokens that the store could not save yet are served from here.
 */
export class TokenRepository {
  readonly store: TokenStore
  /** Identifies this process among all that share the store. */
  readonly process = randomUUID()
  readonly #seal: Seal
  readonly #deadline: number
  readonly #cache = new LRUCache<string, Versioned>({ max: MOST_CACHED })
  readonly #held = new Map<string, TokenRecord>()
  /** What a failover may have lost. */
  readonly recent: RecentWrites

  constructor(store: TokenStore, seal: Seal, deadline: number) {
    this.store = store
    this.#seal = seal
    this.#deadline = deadline
    this.recent = new RecentWrites(store, MOST_CACHED, (id) => this.readToWrite(id))
  }

  /** The record as this process knows it, without I/O; undefined if the store must be asked. */
  known(id: string): TokenRecord | undefined {
    const held = this.#held.size > 0 ? this.#held.get(id) : undefined
    const record = held ?? this.#cache.get(id)?.record
    return record && hasExpired(record) ? undefined : record
  }

  /** Serves these tokens although the store does not have them yet. */
  hold(id: string, record: TokenRecord): void {
    this.#held.set(id, record)
  }

  /** How many refreshes have not been saved yet. */
  get held(): number {
    return this.#held.size
  }

  isHeld(id: string): boolean {
    return this.#held.has(id)
  }

  letGo(id: string): void {
    this.#held.delete(id)
  }

  /** Reads the store. Rejects for a record that this process cannot read, which is not the end of a login. */
  async read(id: string): Promise<Versioned> {
    const found = await this.#readStored(id)
    // nobody is logged out because a replica lags behind
    const isEnd = found.record.ended !== undefined || hasExpired(found.record)
    return isEnd && this.store.getLatest ? this.readToWrite(id) : this.#endIfExpired(id, found)
  }

  /** As `read`, but from the primary: with the version of a lagging replica, every write would fail. */
  async readToWrite(id: string): Promise<Versioned> {
    return this.#endIfExpired(id, await this.#readStored(id, true))
  }

  async #endIfExpired(id: string, found: Versioned): Promise<Versioned> {
    if (!hasExpired(found.record) || this.isHeld(id)) return found
    return (await this.#endExpired(id, found.version)) ?? this.#readStored(id, true)
  }

  /** Undefined if another write came first. If the store fails, the record has expired all the same. */
  async #endExpired(id: string, version: number): Promise<Versioned | undefined> {
    const record = tombstone('expired')
    return this.#bury(id, version, record).catch(() => ({ version, record }))
  }

  async #readStored(id: string, toWrite = false): Promise<Versioned> {
    for (let tries = 1; ; tries++) {
      const before = this.#cache.get(id)
      const loaded = await this.#load(id, toWrite || tries > 1)
      const now = this.#cache.get(id)
      const found = { ...loaded, record: inLocalTime(loaded.record, now?.record) }
      if (!now || !shouldRestore(now, found, this.store.exclusive === true)) {
        // a write by this process during the read is newer than what was read
        if (now === undefined || now === before || now.version < found.version) {
          this.#cache.set(id, found)
          this.recent.note(id, found.record.refreshedAt)
        }
        return found
      }
      const restored = await this.#write(id, found.version, now.record, now.version)
      // it fails if another process has written meanwhile; what this process knows is kept all the same
      if (restored || tries === MOST_WRITES) return restored ?? found
    }
  }

  async #load(id: string, toWrite: boolean): Promise<Versioned> {
    const key = recordKey(id)
    const stored = await this.#get(key, toWrite)
    if (stored === undefined) return { version: 0, record: tombstone('missing') }
    const record = decodeRecord(this.#open(key, stored))
    if (typeof record === 'object') return { version: stored.version, record }
    throw this.#cannotRead(
      key,
      record,
      record === 'newer' ? 'its format is newer' : 'it is damaged',
    )
  }

  /** Writes the record of a new login. Its id is random, so there cannot be one already. */
  async create(id: string, record: TokenRecord): Promise<Versioned> {
    const written = await this.replace(id, 0, record)
    if (written === undefined) throw storeFailed('the record of a new login was not written')
    return written
  }

  /** Compare-and-set; resolves with the stored record, or undefined if another write came first. */
  replace(id: string, version: number, record: TokenRecord): Promise<Versioned | undefined> {
    return this.#write(id, version, record, version)
  }

  /** Replaces that version with one above `floor`, which the store may have lost. */
  async #write(
    id: string,
    version: number,
    record: TokenRecord,
    floor: number,
  ): Promise<Versioned | undefined> {
    const text = encodeRecord(record)
    const key = recordKey(id)
    const written = await this.replaceText(key, version, text, lifeOf(record), floor)
    if (written === undefined) return undefined
    const found = { version: written, record }
    this.#cache.set(id, found)
    this.recent.note(id)
    return found
  }

  /** Reads and decrypts a value. Rejects with a `OneAccessError` if this process cannot read it. */
  async readText(key: string): Promise<{ version: number; text: string } | undefined> {
    const stored = await this.#get(key, true)
    return stored && { version: stored.version, text: this.#open(key, stored) }
  }

  async #get(key: string, toWrite: boolean): Promise<StoredRecord | undefined> {
    const { store } = this
    const found: unknown = await this.attempt('read', () =>
      toWrite && store.getLatest ? store.getLatest(key) : store.get(key),
    )
    // many databases return null for what is absent
    if (found === undefined || found === null) return undefined
    if (isStoredRecord(found)) return found
    throw this.#cannotRead(key, 'damaged', 'the store returned no { version, value }')
  }

  #open(key: string, { value }: StoredRecord): string {
    try {
      return this.#seal.open(value, key)
    } catch (error) {
      throw error instanceof SealError
        ? this.#cannotRead(key, 'sealed', error.message)
        : this.#cannotRead(key, 'damaged', 'it is damaged')
    }
  }

  #cannotRead(key: string, reason: UnreadableReason, detail: string): OneAccessError {
    const error = unreadableRecord(reason, detail)
    publish.unreadable({ key: publicNameOf(key), reason })
    // events may have no subscriber, and background refreshes ignore errors: so warn once per kind
    warnOnce(this, 'ONEACCESS_RECORD_UNREADABLE', error.message)
    return error
  }

  /** Encrypts and writes with compare-and-set; resolves with the new version, or undefined if another write came first. */
  async replaceText(
    key: string,
    version: number,
    text: string,
    ttl: number,
    floor = version,
  ): Promise<number | undefined> {
    const value = this.#seal.close(text, key)
    const next = { version: Math.max(version, floor, 0) + 1, value }
    const set = () => this.store.compareAndSet(key, version, next, ttl)
    return (await this.attempt('write', set)) ? next.version : undefined
  }

  /**
   * Ends a login for good, even during a refresh, whose write will then fail. Resolves with the record as it
   * was, if this call is the one that ended it.
   */
  async end(id: string, reason: EndReason): Promise<TokenRecord | undefined> {
    for (let tries = 0; tries < MOST_WRITES; tries++) {
      const { version, record } = await this.#readToEnd(id)
      if (record?.ended && isDeliberate(record.ended.reason)) return undefined
      if (await this.endAt(id, version, reason)) return record?.ended ? undefined : record
    }
    throw storeFailed('the record changed too often to be ended')
  }

  /** A record that cannot be read can still be ended. */
  async #readToEnd(id: string): Promise<{ version: number; record: TokenRecord | undefined }> {
    try {
      return await this.readToWrite(id)
    } catch (error) {
      const stored = await this.#get(recordKey(id), true)
      if (stored === undefined) throw error
      return { version: stored.version, record: undefined }
    }
  }

  /** Ends a login if its record is still at that version. Resolves with whether it was. */
  async endAt(id: string, version: number, reason: EndReason): Promise<boolean> {
    return (await this.#bury(id, version, tombstone(reason))) !== undefined
  }

  async #bury(
    id: string,
    version: number,
    record: ReturnType<typeof tombstone>,
  ): Promise<Versioned | undefined> {
    const written = await this.replace(id, version, record)
    if (written === undefined) return undefined
    this.letGo(id)
    publish.end({ login: publicNameOf(id), reason: record.ended.reason })
    return written
  }

  /** Runs one operation of the store, with a deadline: it must not hang a request or a refresh. */
  attempt<T>(what: StoreEvent['operation'], work: () => Promise<T>): Promise<T> {
    return callStore(what, work, this.#deadline)
  }
}

/** The key of a record in the store. */
export function recordKey(id: string): string {
  return `tokens:${id}`
}
