import cluster from 'node:cluster'
import { isSameWrite, type StoredRecord, type TokenStore } from '../token-store.js'
import { sha256 } from '../util/digest.js'
import { isObject } from '../util/json.js'
import { timers } from '../util/timers.js'
import { MemoryTokenStore } from './memory.js'

/**
 * Under what a session store sees a key. Some keep session ids in a column of 36 characters, so these
 * have 32, in letters that no collation takes for one another: 113 bits of a hash.
 */
function keyFor(key: string): string {
  return `oneaccess:${BigInt(`0x${sha256(key)}`)
    .toString(36)
    .slice(0, 22)}`
}

/** What is used of an express-session store. */
export interface SessionStore {
  get(sid: string, callback: (error: unknown, session?: unknown) => void): unknown
  set(sid: string, session: unknown, callback?: (error?: unknown) => void): unknown
  touch?(sid: string, session: unknown, callback?: (error?: unknown) => void): unknown
}

/**
 * The default: records lie in the app's own express-session store, under keys of their own, so that
 * a restart loses nothing that the session store keeps.
 *
 * A session store has no compare-and-set, so the calls for one key are queued here. That is right
 * for one process; several need a store that all of them see, such as `RedisTokenStore`.
 *
 * @example
 * const tokenStore = new ExpressSessionTokenStore(sessionStore)
 */
export class ExpressSessionTokenStore implements TokenStore {
  /** A session store that several processes share gives each of them one of these. */
  readonly exclusive = !cluster.isWorker
  readonly #store: SessionStore
  readonly #queues = new Map<string, Promise<void>>()
  readonly #leases = new MemoryTokenStore()

  constructor(store: SessionStore) {
    this.#store = store
  }

  get(key: string): Promise<StoredRecord | undefined> {
    return new Promise((resolve, reject) => {
      this.#store.get(keyFor(key), (error: unknown, found) => {
        // connect-memcached gives an empty session beside its error: that is no absent record
        if (error && !isNotFound(error)) reject(asError(error))
        else resolve(error ? undefined : recordIn(found))
      })
    })
  }

  compareAndSet(
    key: string,
    expected: number,
    record: StoredRecord,
    ttl: number,
  ): Promise<boolean> {
    return this.#queue(key, async (isOver) => {
      const found = await this.get(key)
      if (isOver()) throw new Error('the session store answered too late')
      if (found && isSameWrite(found, record)) return true
      if ((found?.version ?? 0) !== expected) return false
      await this.#call('set', keyFor(key), sessionWith(record, ttl))
      return true
    })
  }

  /** Some session stores keep each session for a time of their own, from its last touch on. */
  async touch(key: string, ttl: number): Promise<void> {
    if (typeof this.#store.touch !== 'function') return
    await this.#queue(key, async (isOver) => {
      const found = await this.get(key)
      if (found === undefined || found.version < 1 || isOver()) return
      await this.#call('touch', keyFor(key), sessionWith(found, ttl))
    })
  }

  acquireLease(key: string, owner: string, ttl: number): Promise<boolean> {
    return this.#leases.acquireLease(key, owner, ttl)
  }

  renewLease(key: string, owner: string, ttl: number): Promise<boolean> {
    return this.#leases.renewLease(key, owner, ttl)
  }

  releaseLease(key: string, owner: string): Promise<void> {
    return this.#leases.releaseLease(key, owner)
  }

  #call(method: 'set' | 'touch', key: string, session: object): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#store[method]?.(key, session, (error: unknown) => {
        if (error) reject(asError(error))
        else resolve()
      })
    })
  }

  #queue<T>(key: string, work: (isOver: () => boolean) => Promise<T>): Promise<T> {
    const before = this.#queues.get(key) ?? Promise.resolve()
    let over = false
    const mine = before.then(() => work(() => over))
    const turn = before
      .then(() => settledOrLost(mine))
      .then(() => {
        over = true
        if (this.#queues.get(key) === turn) this.#queues.delete(key)
      })
    this.#queues.set(key, turn)
    return mine
  }
}

/** A session store that has not answered by then, in milliseconds, has lost the call. */
const PATIENCE = 10_000

/** One lost call must not hold up all that follow it. */
function settledOrLost(work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = timers.setTimeout(resolve, PATIENCE)
    timer.unref()
    const settled = () => {
      timers.clearTimeout(timer)
      resolve()
    }
    work.then(settled, settled)
  })
}

/** Shaped as a session, because stores read the time to live from its cookie. */
function sessionWith(record: StoredRecord, ttl: number): object {
  const expires = new Date(Date.now() + ttl)
  const cookie = { originalMaxAge: ttl, maxAge: ttl, expires, path: '/', httpOnly: true }
  // an admin's page that lists the sessions looks for this
  return Object.assign({ cookie }, { passport: {}, oneaccess: record })
}

function recordIn(session: unknown): StoredRecord | undefined {
  if (!isObject(session) || !isObject(session.oneaccess)) return undefined
  const { version, value } = session.oneaccess
  if (typeof version !== 'number' || typeof value !== 'string') return { version: -1, value: '' }
  return { version, value }
}

/** Some stores report an absent session as this error, and express-session knows it. */
function isNotFound(error: unknown): boolean {
  return isObject(error) || error instanceof Error
    ? (error as { code?: unknown }).code === 'ENOENT'
    : false
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
