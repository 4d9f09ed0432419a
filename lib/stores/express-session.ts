import cluster from 'node:cluster'
import { isSameWrite, type StoredRecord, type TokenStore } from '../token-store.js'
import { sha256 } from '../util/digest.js'
import { isObject } from '../util/json.js'
import { timers } from '../util/timers.js'
import { ignoreRejection } from '../util/unawaited.js'
import { MemoryTokenStore } from './memory.js'

/**
 * The session id under which a record is stored. Some stores keep session ids in a column of 36
 * characters, so these have 32, in characters that no collation confuses: 113 bits of a hash.
 */
function keyFor(key: string): string {
  return `oneaccess:${BigInt(`0x${sha256(key)}`)
    .toString(36)
    .slice(0, 22)}`
}

/** The methods of an express-session store that are used. */
export interface SessionStore {
  get(sid: string, callback: (error: unknown, session?: unknown) => void): unknown
  set(sid: string, session: unknown, callback?: (error?: unknown) => void): unknown
  touch?(sid: string, session: unknown, callback?: (error?: unknown) => void): unknown
}

/**
 * The default store: keeps records in the app's own express-session store under separate keys, so that
 * they survive a restart if sessions do.
 *
 * A session store has no compare-and-set, so calls for the same key are queued in this process. That is
 * safe for one process; several need a shared store such as `RedisTokenStore`.
 *
 * @example
 * const tokenStore = new ExpressSessionTokenStore(sessionStore)
 */
export class ExpressSessionTokenStore implements TokenStore {
  /** Cluster workers share a session store, and each has an instance of this class. */
  readonly exclusive = !cluster.isWorker
  readonly touchInterval: number
  readonly #store: SessionStore
  readonly #queues = new Map<string, Promise<void>>()
  readonly #leases = new MemoryTokenStore()

  constructor(store: SessionStore) {
    this.#store = store
    this.touchInterval = touchIntervalFor(store)
  }

  get(key: string): Promise<StoredRecord | undefined> {
    return this.#read(keyFor(key))
  }

  #read(sid: string): Promise<StoredRecord | undefined> {
    return new Promise((resolve, reject) => {
      const answer = this.#store.get(sid, (error: unknown, found) => {
        // connect-memcached passes an empty session along with its error: the record is not absent
        if (error && !isNotFound(error)) reject(asError(error))
        else resolve(error ? undefined : recordIn(found))
      })
      ignoreRejection(answer) // the callback decides: some stores both call back and reject
    })
  }

  compareAndSet(
    key: string,
    expected: number,
    record: StoredRecord,
    ttl: number,
  ): Promise<boolean> {
    const sid = keyFor(key)
    return this.#queue(key, async (hasTimedOut) => {
      const found = await this.#read(sid)
      if (hasTimedOut()) throw new Error('the session store answered too late')
      if (found && isSameWrite(found, record)) return true
      if ((found?.version ?? 0) !== expected) return false
      await this.#call('set', sid, sessionWith(record, ttl))
      return true
    })
  }

  /** Some session stores have their own ttl, which restarts whenever a session is touched. */
  async touch(key: string, ttl: number): Promise<void> {
    if (typeof this.#store.touch !== 'function') return
    const sid = keyFor(key)
    await this.#queue(key, async (hasTimedOut) => {
      const found = await this.#read(sid)
      if (found === undefined || found.version < 1 || hasTimedOut()) return
      await this.#call('touch', sid, sessionWith(found, ttl))
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

  #call(method: 'set' | 'touch', sid: string, session: object): Promise<void> {
    return new Promise((resolve, reject) => {
      const answer = this.#store[method]?.(sid, session, (error: unknown) => {
        if (error) reject(asError(error))
        else resolve()
      })
      ignoreRejection(answer)
    })
  }

  #queue<T>(key: string, work: (hasTimedOut: () => boolean) => Promise<T>): Promise<T> {
    const before = this.#queues.get(key) ?? Promise.resolve()
    let timedOut = false
    const mine = before.then(() => work(() => timedOut))
    const turn = before
      .then(() => settledOrLost(mine))
      .then(() => {
        timedOut = true
        if (this.#queues.get(key) === turn) this.#queues.delete(key)
      })
    this.#queues.set(key, turn)
    return mine
  }
}

/** Milliseconds after which a call that the session store has not answered counts as lost. */
const LOST_AFTER = 10_000

/** Resolves even if a call is lost, so that it does not block those behind it. */
function settledOrLost(work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = timers.setTimeout(resolve, LOST_AFTER)
    timer.unref()
    const settled = () => {
      timers.clearTimeout(timer)
      resolve()
    }
    work.then(settled, settled)
  })
}

/** Shaped like a session, because stores read the ttl from its cookie. */
function sessionWith(record: StoredRecord, ttl: number): object {
  const expires = new Date(Date.now() + ttl)
  const cookie = { originalMaxAge: ttl, maxAge: ttl, expires, path: '/', httpOnly: true }
  // admin pages that list sessions expect this
  return Object.assign({ cookie }, { passport: {}, oneaccess: record })
}

/** One minute, or a third of the store's own ttl if that is shorter. */
function touchIntervalFor(store: SessionStore): number {
  return Math.min(Math.max((ownTTLOf(store) ?? Infinity) / 3, 1_000), 60_000)
}

/**
 * How long the store keeps sessions that are not touched, in milliseconds; undefined if it does not
 * say. connect-redis may have a function `ttl` that returns seconds, and memorystore has
 * milliseconds in its options. Anything else counts as 0.
 */
function ownTTLOf(store: object): number | undefined {
  const { ttl, options } = store as { ttl?: number | TTLFunction; options?: unknown }
  const own = isObject(options) ? options.ttl : undefined
  if (typeof ttl === 'function') return secondsBy(ttl) * 1_000
  if (typeof own === 'function') return 0
  return typeof own === 'number' ? own : undefined
}

type TTLFunction = (session: object) => unknown

/** Calls it as the store does when the tokens are written. */
function secondsBy(ttl: TTLFunction): number {
  try {
    return Number(ttl(sessionWith({ version: 0, value: '' }, 60_000))) || 0
  } catch {
    return 0
  }
}

function recordIn(session: unknown): StoredRecord | undefined {
  if (!isObject(session) || !isObject(session.oneaccess)) return undefined
  const { version, value } = session.oneaccess
  if (typeof version !== 'number' || typeof value !== 'string') return { version: -1, value: '' }
  return { version, value }
}

/** Some stores report an absent session as ENOENT, which express-session handles too. */
function isNotFound(error: unknown): boolean {
  return isObject(error) || error instanceof Error
    ? (error as { code?: unknown }).code === 'ENOENT'
    : false
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
