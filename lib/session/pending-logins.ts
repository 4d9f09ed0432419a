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
  isOver(): Promise<boolean>
  /** Ends its record, if there is one. */
  end(): Promise<void>
  /** Creates the record, once, no matter how often the same callback is delivered. */
  createIn(records: TokenRepository): Promise<unknown>
}

export function pendingLogin(record: TokenRecord): PendingLogin {
  const id = newRecordID()
  let made: Promise<TokenRepository> | undefined
  return {
    id,
    async isOver() {
      const home = await made?.catch(() => undefined) // the caller of createIn() gets the error
      return home !== undefined && (await home.read(id)).record.ended !== undefined
    },
    async end() {
      const home = await made?.catch(() => undefined)
      await home?.end(id, 'logout')
    },
    createIn(records) {
      made ??= records.create(id, record).then(
        () => records,
        (error: unknown) => {
          made = undefined
          throw error
        },
      )
      return made
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
  cameWith: string | undefined
  entry: SessionEntry
  /** The record of the login that this one replaces. */
  former: string | undefined
  /** Where the user wanted to go before they were asked to log in. */
  returnTo: string | undefined
  /** Removes the logins from the old session, which `keepSessionInfo` merges into the new one. */
  clearOld(): void
}

/** Shared by all strategies: an app has one serializer, which serves whichever strategy has a pending login. */
const waiting = new WeakMap<Request, SessionChange>()

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
    waiting.set(req, {
      login,
      key,
      managers: this.#managers,
      cameWith: req.sessionID,
      entry: nextEntry(req, key, { record: login.id }),
      returnTo: returnToIn(req),
      former: former === login.id ? undefined : former,
      clearOld: () => removeLogins(session, key),
    })
  }
}

/** Returns and removes the pending login of this request. */
export function takePendingLogin(req: Request): SessionChange | undefined {
  const change = waiting.get(req)
  waiting.delete(req)
  return change
}

/**
 * Why a login in this same request has stored no tokens: `no-session` if Passport was told not to use a
 * session, `unwrapped` if the serializer was not ours.
 */
export function lostLogin(req: Request): 'no-session' | 'unwrapped' | undefined {
  const change = waiting.get(req)
  if (change === undefined) return undefined
  return req.sessionID === change.cameWith ? 'no-session' : 'unwrapped'
}

/** Whether any strategy of this process has wrapped a serializer; if not, a login emits a warning. */
let wrapped = false

/** By which another copy of this package finds that it is not the only one. */
const WRAPPED = Symbol.for('passport-oneaccess-alipay: a serializer is wrapped')

export function noteSerializerWrapped(): void {
  wrapped = true
  Reflect.set(globalThis, WRAPPED, true)
}

export function isSerializerWrapped(): boolean {
  return wrapped
}

/** A package that is installed twice has two of everything: the one's serializer knows no login of the other. */
export function isSerializerOfOtherCopy(): boolean {
  return !wrapped && Reflect.has(globalThis, WRAPPED)
}
