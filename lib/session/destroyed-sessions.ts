import type { Request } from 'express'
import { LRUCache } from 'lru-cache'
import type { TokenManager } from '../tokens/manager.js'
import { isObject, type Json } from '../util/json.js'
import { recordNameStored } from './session-entry.js'

/** The methods of an express-session store that are used here. */
interface WatchedStore {
  get(sid: string, callback: (error: unknown, session?: unknown) => void): unknown
  destroy(sid: string, ...rest: unknown[]): unknown
  regenerate(...args: unknown[]): unknown
}

/** How many reads in progress are remembered: a store that never answers would add to them forever. */
const MOST_READ = 1_000

/** For each watched store, the managers of the logins in its sessions, and their session keys. */
const watched = new WeakMap<object, Map<TokenManager, string>>()

/**
 * From now on, destroying a session in this process also ends the login in it, as when an
 * administrator removes a session, or when the app ends one without `logout()`. The store behaves
 * as before: the session is only read just before it is destroyed. If it cannot be read in time, no
 * login ends.
 */
export function watchDestroyed(req: Request, key: string, manager: TokenManager): void {
  const managers = watched.get(req.sessionStore)
  if (managers?.has(manager)) return
  if (managers) managers.set(manager, key)
  else if (isWatchable(req.sessionStore)) {
    watched.set(req.sessionStore, new Map([[manager, key]]))
    watch(req.sessionStore as unknown as WatchedStore)
  }
}

function isWatchable(store: unknown): boolean {
  const { destroy, regenerate, get } = Object(store) as Record<string, unknown>
  return [destroy, regenerate, get].every((method) => typeof method === 'function')
}

function watch(store: WatchedStore): void {
  const { destroy, regenerate } = store
  const read = new LRUCache<string, true>({ max: MOST_READ })
  let isRegenerating = false
  const destroyWatched = (sid: string, ...rest: unknown[]) => {
    // while it is read here, a store may destroy a session because it has expired
    if (!isRegenerating && !read.has(sid)) {
      read.set(sid, true)
      endLoginsIn(store, sid, () => read.delete(sid))
    }
    return Reflect.apply(destroy, store, [sid, ...rest])
  }
  // a regenerated session lives on: Passport and apps carry its data over
  const regenerateWatched = (...args: unknown[]) => {
    isRegenerating = true
    try {
      return Reflect.apply(regenerate, store, args)
    } finally {
      isRegenerating = false
    }
  }
  if (Reflect.set(store, 'regenerate', regenerateWatched)) {
    Reflect.set(store, 'destroy', destroyWatched) // false if the store is frozen
  }
}

function endLoginsIn(store: WatchedStore, sid: string, done: () => void): void {
  const found = (_error: unknown, session?: unknown) => {
    done()
    if (!isObject(session)) return
    for (const [manager, key] of watched.get(store) ?? []) endLogin(manager, session, key)
  }
  try {
    const reading: unknown = store.get(sid, found)
    if (reading instanceof Promise) reading.catch(done) // some stores both call back and reject
  } catch {
    done()
  }
}

function endLogin(manager: TokenManager, session: Json, key: string): void {
  const record = recordNameStored(session, key)
  if (record !== undefined) manager.records.end(record, 'logout').catch(() => {}) // nothing refers to the record any more
}
