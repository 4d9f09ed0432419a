import type { Request } from 'express'
import type { TokenManager } from '../tokens/manager.js'
import { isObject, type Json } from '../util/json.js'
import { recordNameStored } from './session-entry.js'

/** What is watched of an express-session store. */
interface WatchedStore {
  get(sid: string, callback: (error: unknown, session?: unknown) => void): unknown
  destroy(sid: string, ...rest: unknown[]): unknown
  regenerate(...args: unknown[]): unknown
}

/** By store: whose logins lie in its sessions, and under which key. */
const watched = new WeakMap<object, Map<TokenManager, string>>()

/**
 * From now on, a session that is destroyed in this process takes its login with it: an administrator has
 * put somebody out, or the app has ended the session without `logout()`. What the store does and answers
 * stays as it is: the session is only read just before, and where it is not found in time nothing ends.
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
  const read = new Set<string>()
  let isRegenerating = false
  const destroyWatched = (sid: string, ...rest: unknown[]) => {
    // a store may destroy what it finds to be over, while it is read here
    if (!isRegenerating && !read.has(sid)) {
      read.add(sid)
      endLoginsIn(store, sid, () => read.delete(sid))
    }
    return Reflect.apply(destroy, store, [sid, ...rest])
  }
  // a session that gets a new id goes on: Passport and apps carry over what is in it
  const regenerateWatched = (...args: unknown[]) => {
    isRegenerating = true
    try {
      return Reflect.apply(regenerate, store, args)
    } finally {
      isRegenerating = false
    }
  }
  if (Reflect.set(store, 'regenerate', regenerateWatched)) {
    Reflect.set(store, 'destroy', destroyWatched) // false where it is fixed: then nothing is told
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
    if (reading instanceof Promise) reading.catch(done) // some stores call back and reject as well
  } catch {
    done()
  }
}

function endLogin(manager: TokenManager, session: Json, key: string): void {
  const record = recordNameStored(session, key)
  if (record !== undefined) manager.records.end(record, 'logout').catch(() => {}) // nothing refers to it any more
}
