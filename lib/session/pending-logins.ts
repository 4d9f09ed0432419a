import type { Request } from 'express'
import type { TokenManagers } from '../tokens/manager.js'
import { newRecordID, type TokenRecord } from '../tokens/record.js'
import type { TokenRepository } from '../tokens/repository.js'
import { returnToIn } from './return-to.js'
import { nextEntry, readEntry, type SessionEntry } from './session-entry.js'
import { removeLogins } from './session-owner.js'

/** A login that Passport is about to save in a session. */
export interface PendingLogin {
  /** The id of its token record. */
  readonly id: string
  /** Whether the user has logged out again, according to the store. */
  hasLoggedOut(): Promise<boolean>
  /** Ends its record, if there is one. */
  end(): Promise<void>
  /** Creates the record, once, no matter how often the same callback is delivered. */
  createIn(records: TokenRepository): Promise<unknown>
}

export function pendingLogin(record: TokenRecord): PendingLogin {
  const id = newRecordID()
  let created: Promise<TokenRepository> | undefined
  return {
    id,
    async hasLoggedOut() {
      const records = await created?.catch(() => undefined) // the caller of createIn() gets the error
      return records !== undefined && (await records.read(id)).record.ended !== undefined
    },
    async end() {
      const records = await created?.catch(() => undefined)
      await records?.end(id, 'logout')
    },
    createIn(records) {
      created ??= records.create(id, record).then(
        () => records,
        (error: unknown) => {
          created = undefined
          throw error
        },
      )
      return created
    },
  }
}

/** What the serializer needs to know about the session that a login replaces. */
export interface SessionChange {
  login: PendingLogin
  /** The session key of this login's strategy. */
  key: string
  managers: TokenManagers
  /** The id of the session that the request came with. */
  previousID: string | undefined
  entry: SessionEntry
  /** The record of the login that this one replaces. */
  former: string | undefined
  /** Where the user wanted to go before they were asked to log in. */
  returnTo: string | undefined
  /** Removes the logins from the old session, which `keepSessionInfo` merges into the new one. */
  clearOld(): void
}

/** Shared by all strategies: an app has one serializer, which serves whichever strategy has a pending login. */
const changes = new WeakMap<Request, SessionChange>()

/** Passport calls the serializer with the new session; what it needs from the old one is kept here. */
export class PendingLogins {
  readonly #key: string
  readonly #managers: TokenManagers
  /** Whether the app has called `backgroundRefresh()`. */
  isMounted = false

  constructor(key: string, managers: TokenManagers) {
    this.#key = key
    this.#managers = managers
  }

  /** Before Passport's `logIn`: remembers the login, and what it needs from the session that it replaces. */
  prepare(req: Request, login: PendingLogin): void {
    if (!req.session) return
    const key = this.#key
    const session = req.session as unknown as Record<string, unknown>
    const { record: former } = readEntry(req, key)
    changes.set(req, {
      login,
      key,
      managers: this.#managers,
      previousID: req.sessionID,
      entry: nextEntry(req, key, { record: login.id }),
      returnTo: returnToIn(req),
      former: former === login.id ? undefined : former,
      clearOld: () => removeLogins(session, key),
    })
  }
}

/** Returns and removes the pending login of this request. */
export function takePendingLogin(req: Request): SessionChange | undefined {
  const change = changes.get(req)
  changes.delete(req)
  return change
}

/**
 * Why a login in this same request has stored no tokens: `no-session` if Passport was told not to use a
 * session, `unwrapped` if the serializer was not ours.
 */
export function whyNotStored(req: Request): 'no-session' | 'unwrapped' | undefined {
  const change = changes.get(req)
  if (change === undefined) return undefined
  return req.sessionID === change.previousID ? 'no-session' : 'unwrapped'
}

/** Whether any strategy of this process has wrapped a serializer; if not, a login emits a warning. */
let wrapped = false

/**
 * Shared with other copies of this package, so that each can find out that it is not the only one.
 */
const WRAPPED = Symbol.for('passport-oneaccess-alipay: a serializer is wrapped')

export function noteSerializerWrapped(): void {
  wrapped = true
  Reflect.set(globalThis, WRAPPED, true)
}

export function isSerializerWrapped(): boolean {
  return wrapped
}

/**
 * Whether the serializer was wrapped by another copy of this package, which does not know the
 * logins of this one.
 */
export function isSerializerOfOtherCopy(): boolean {
  return !wrapped && Reflect.has(globalThis, WRAPPED)
}
