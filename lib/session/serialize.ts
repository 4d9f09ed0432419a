import type { Request } from 'express'
import type { Keepers } from '../tokens/manager.js'
import { newRecordID, type TokenRecord } from '../tokens/record.js'
import type { Records } from '../tokens/repository.js'
import { KeptTokens } from './request-tokens.js'
import { readEntry, type SessionEntry, successorOf, writeEntry } from './session-entry.js'

/** A login that Passport is about to put into a session. */
export interface PendingLogin {
  /** The name of its token record. */
  readonly id: string
  /** Whether the person has logged out of it again. */
  isOver(): boolean
  /** Makes the record, once, however often the same callback is delivered. */
  createIn(records: Records): Promise<void>
}

export function pendingLogin(record: TokenRecord): PendingLogin {
  const id = newRecordID()
  let home: Records | undefined
  let made: Promise<void> | undefined
  return {
    id,
    isOver: () => home?.known(id)?.ended !== undefined,
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

interface Handover {
  login: PendingLogin
  entry: SessionEntry
  /** The record of the login that this one follows. */
  former: string | undefined
  /** Takes our entry out of the old session, which `keepSessionInfo` merges over the new one. */
  clearOld(): void
}

/** Passport calls the serializer on the fresh session; what it needs of the old one waits here. */
export class Handovers {
  readonly #key: string
  readonly #waiting = new WeakMap<Request, Handover>()

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
      entry: successorOf(req, this.#key, login.id),
      former: former === login.id ? undefined : former,
      clearOld: () => delete session[this.#key],
    })
  }

  /** In the serializer: saves the tokens, then hangs them on the new session and ends the old login. */
  async complete(req: Request, keepers: Keepers): Promise<void> {
    const handover = this.#waiting.get(req)
    const present = req.oneaccess instanceof KeptTokens ? req.oneaccess : undefined
    if (handover === undefined) {
      await present?.leave().catch(() => {})
      return
    }
    this.#waiting.delete(req)
    const { login, entry, former } = handover
    const keeper = keepers.for(req)
    await login.createIn(keeper.records)
    handover.clearOld()
    writeEntry(req, this.#key, entry)
    req.oneaccess = new KeptTokens(login.id, keeper, req, this.#key)
    // nothing refers to an old record any more; that it could not be ended must not refuse a login
    if (former !== undefined) await keeper.records.end(former, 'login').catch(() => {})
    if (present && present.id !== former && present.id !== login.id) {
      await present.leave().catch(() => {}) // of another strategy
    }
  }
}

/** Passport gives the request to a serializer of three parameters. */
export type Serializer = (
  req: Request,
  user: object,
  done: (error: unknown, kept?: unknown) => void,
) => void

export function serializerOf(
  handovers: Handovers,
  keepers: Keepers,
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
    await handovers.complete(req, keepers)
    return kept
  }
  return (req, user, done) => {
    keep(user, req)
      .then(
        (kept) => done(null, kept),
        (error: unknown) => done(error),
      )
      .catch((error: unknown) => req.next?.(error)) // thrown by the app's own code behind done
  }
}
