import type { Request } from 'express'
import { isLoggedIn, isLoggedOut } from '../incoming-request.js'
import type { TokenManager } from '../tokens/manager.js'
import { readEntry, recordNameIn } from './session-entry.js'

/** The login in the session of a request. */
interface CurrentLogin {
  /** The id of the token record; undefined for a login by another strategy. */
  record: string | undefined
}

/** The user that a login must belong to, by OneAccess's id; undefined if that is not known, which matches no user. */
export interface ExpectedUser {
  userID: string | undefined
}

/** The login in the session of the request, if there is one. */
export function currentLogin(req: Request, key: string): CurrentLogin | undefined {
  const record = recordNameIn(req, key)
  return record === undefined && !isLoggedIn(req) ? undefined : { record }
}

/** The id of a token record that this session names, although its user is no longer logged in here. */
export function leftRecordIn(req: Request, key: string): string | undefined {
  const { record } = readEntry(req, key)
  if (record === undefined) return undefined
  const isLeft = recordNameIn(req, key) === undefined || isLoggedOut(req)
  return isLeft ? record : undefined
}

/** The user of the current login, who is the only one that an earlier attempt may log in. */
export async function expectedUserOf(
  login: CurrentLogin | undefined,
  { records }: TokenManager,
): Promise<ExpectedUser | undefined> {
  if (login?.record === undefined) return login && { userID: undefined }
  return { userID: (await records.read(login.record)).record.userID }
}
