import type { Request } from 'express'
import { OneAccessError } from '../errors.js'
import { handOn } from '../request.js'
import type { TokenManagers } from '../tokens/manager.js'
import { newRecordID, type TokenRecord } from '../tokens/record.js'
import type { TokenRepository } from '../tokens/repository.js'
import { KeptTokens } from './request-tokens.js'
import { readEntry, type SessionEntry, successorOf, writeEntry } from './session-entry.js'

/** A login that Passport is about to put into a session. */
export interface PendingLogin {
  /** The name of its token record. */
  readonly id: string
  /** Whether the person has logged out of it again, as the store says. */
  isOver(): Promise<boolean>
  /** Makes the record, once, however often the same callback is delivered. */
  createIn(records: TokenRepository): Promise<void>
}

export function pendingLogin(record: TokenRecord): PendingLogin {
  const id = newRecordID()
  let home: TokenRepository | undefined
  let made: Promise<void> | undefined
  return {
    id,
    async isOver() {
      await made?.catch(() => {}) // who makes it is told
      if (home === undefined || made === undefined) return false
      return (await home.read(id)).record.ended !== undefined
    },
    createIn(records) {
      home = records
      made ??= records.create(id, record).catch((error: unknown) => {
        made = undefined
        throw error
      })
      return made
    },
  }
}

interface SessionChange {
  login: PendingLogin
  /** The id of the session that the person came with. */
  cameWith: string | undefined
  entry: SessionEntry
  /** The record of the login that this one follows. */
  former: string | undefined
  /** Takes our entry out of the old session, which `keepSessionInfo` merges over the new one. */
  clearOld(): void
}

/** Passport calls the serializer on the fresh session; what it needs of the old one waits here. */
export class PendingLogins {
  readonly #key: string
  readonly #waiting = new WeakMap<Request, SessionChange>()

  constructor(key: string) {
    this.#key = key
  }

  /** Before Passport's `logIn`: the login, and what is left of the session that it replaces. */
  prepare(req: Request, login: PendingLogin): void {
    if (!req.session) return
    const session = req.session as unknown as Record<string, unknown>
    const { record: former } = readEntry(req, this.#key)
    this.#waiting.set(req, {
      login,
      cameWith: req.sessionID,
      entry: successorOf(req, this.#key, { record: login.id }),
      former: former === login.id ? undefined : former,
      clearOld: () => delete session[this.#key],
    })
  }

  /** In the serializer: saves the tokens, then hangs them on the new session and ends the old login. */
  async complete(req: Request, managers: TokenManagers): Promise<void> {
    const change = this.#waiting.get(req)
    const present = req.oneaccess instanceof KeptTokens ? req.oneaccess : undefined
    if (change === undefined) {
      await present?.leave().catch(() => {})
      return
    }
    this.#waiting.delete(req)
    const { login, entry, former } = change
    if (req.sessionID === change.cameWith) throw sessionKept()
    const manager = managers.for(req)
    await login.createIn(manager.records)
    change.clearOld()
    writeEntry(req, this.#key, entry)
    req.oneaccess = new KeptTokens(login.id, manager, req, this.#key)
    // nothing refers to an old record any more; that it could not be ended must not refuse a login
    if (former !== undefined) await manager.records.end(former, 'login').catch(() => {})
    if (present && present.id !== former && present.id !== login.id) {
      await present.leave().catch(() => {}) // of another strategy
    }
  }
}

/** Who planted that session in the browser would be logged in with it. */
function sessionKept(): OneAccessError {
  return new OneAccessError('session_not_regenerated', {
    step: 'session',
    status: 500,
    hint:
      'the login kept the session id, and whoever planted it would be logged in too: ' +
      'npm install passport@^0.7, or call req.session.regenerate() in the logIn of your own authenticator',
  })
}

/** Passport gives the request to a serializer of three parameters. */
export type Serializer = (
  req: Request,
  user: object,
  done: (error: unknown, kept?: unknown) => void,
) => void

export function serializerOf(
  pendingLogins: PendingLogins,
  managers: TokenManagers,
  serialize: (user: object, req: Request) => unknown,
): Serializer {
  if (typeof serialize !== 'function') {
    throw new TypeError(
      'serializeUser: give a function that takes the user, such as (user) => user.id',
    )
  }
  // the app first: nothing is kept of a login that it refuses
  const keep = async (user: object, req: Request) => {
    const kept = await serialize(user, req)
    await pendingLogins.complete(req, managers)
    return kept
  }
  return (req, user, done) => {
    keep(user, req)
      .then(
        (kept) => done(null, kept),
        (error: unknown) => done(error),
      )
      .catch((error: unknown) => handOn(req, error)) // thrown by the app's own code behind done
  }
}
