import type { Request } from 'express'
import { isLoggedIn } from '../incoming-request.js'
import type { TokenManager } from '../tokens/manager.js'
import { recordNameIn } from './session-entry.js'

/** Whom a request comes from, as its session has it. */
export interface CurrentLogin {
  /** The name of the token record; undefined for a login by another strategy. */
  record: string | undefined
}

/** A person by OneAccess's id; undefined where it is not known, and then it is nobody's. */
export interface ExpectedUser {
  userID: string | undefined
}

/** The login that the request's session has, if it has one. */
export function currentLogin(req: Request, key: string): CurrentLogin | undefined {
  const record = recordNameIn(req, key)
  return record === undefined && !isLoggedIn(req) ? undefined : { record }
}

/** Whose login that is. */
export async function expectedUserOf(
  login: CurrentLogin | undefined,
  { records }: TokenManager,
): Promise<ExpectedUser | undefined> {
  if (login?.record === undefined) return login && { userID: undefined }
  return { userID: (await records.read(login.record)).record.userID }
}
