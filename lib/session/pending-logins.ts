import type { Request } from 'express'
import type { TokenManagers } from '../tokens/manager.js'
import { newRecordID, type TokenRecord } from '../tokens/record.js'
import type { TokenRepository } from '../tokens/repository.js'
import { returnToIn } from './return-to.js'
import { nextEntry, readEntry, type SessionEntry } from './session-entry.js'

/** A login that Passport is about to put into a session. */
export interface PendingLogin {
  /** The name of its token record. */
  readonly id: string
  /** Whether the person has logged out of it again, as the store says. */
  isOver(): Promise<boolean>
  /** Makes the record, once, however often the same callback is delivered. */
  createIn(records: TokenRepository): Promise<unknown>
}

export function pendingLogin(record: TokenRecord): PendingLogin {
  const id = newRecordID()
  let made: Promise<TokenRepository> | undefined
  return {
    id,
    async isOver() {
      const home = await made?.catch(() => undefined) // who makes it is told
      return home !== undefined && (await home.read(id)).record.ended !== undefined
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

export interface SessionChange {
  login: PendingLogin
  /** Under what the strategy of this login keeps its entry, and its tokens. */
  key: string
  managers: TokenManagers
  /** The id of the session that the person came with. */
  cameWith: string | undefined
  entry: SessionEntry
  /** The record of the login that this one follows. */
  former: string | undefined
  /** Where the person wanted to go before they were asked to log in. */
  returnTo: string | undefined
  /** Takes our entry out of the old session, which `keepSessionInfo` merges over the new one. */
  clearOld(): void
}

/** Of all strategies: an app has one serializer, and it serves whichever strategy's login is pending. */
const waiting = new WeakMap<Request, SessionChange>()

/** Passport calls the serializer on the fresh session; what it needs of the old one waits here. */
export class PendingLogins {
  readonly #key: string
  readonly #managers: TokenManagers
  /** Whether the app has asked for `backgroundRefresh()`. */
  isMounted = false

  constructor(key: string, managers: TokenManagers) {
    this.#key = key
    this.#managers = managers
  }

  /** Before Passport's `logIn`: the login, and what is left of the session that it replaces. */
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
      clearOld: () => delete session[key],
    })
  }
}

/** The login of this request that waits to be put into a session; it waits no longer. */
export function takePendingLogin(req: Request): SessionChange | undefined {
  const change = waiting.get(req)
  waiting.delete(req)
  return change
}

/**
 * What became of a login by this package in the same request, where no tokens were kept of it:
 * `no-session` where Passport was told not to make one, `unwrapped` where it was not our serializer.
 */
export function lostLogin(req: Request): 'no-session' | 'unwrapped' | undefined {
  const change = waiting.get(req)
  if (change === undefined) return undefined
  return req.sessionID === change.cameWith ? 'no-session' : 'unwrapped'
}

/** Whether any strategy of this process has a wrapped serializer: forgotten, it is told at the login. */
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
