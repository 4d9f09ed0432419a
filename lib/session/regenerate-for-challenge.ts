import type { Request } from 'express'
import { passportKeyOf } from '../incoming-request.js'
import type { TokenManagers } from '../tokens/manager.js'
import { KeptTokens, NoTokens } from './request-tokens.js'
import { nextEntry, readEntry, writeEntry } from './session-entry.js'
import { notLoggedIn, sessionKept } from './session-errors.js'

/**
 * Regenerates the session and puts the challenge into the new one, so that an attacker who planted the old
 * session does not see it. The app's own data, such as a cart, is carried over; a login is not.
 */
export async function regenerateForChallenge(
  req: Request,
  { key, challenge, managers }: { key: string; challenge: string; managers: TokenManagers },
): Promise<void> {
  const { session: before, sessionID: previousID } = req
  const { record } = readEntry(req, key)
  const entry = nextEntry(req, key, { challenge })
  await new Promise<void>((resolve, reject) => {
    before.regenerate((error: unknown) => (error ? reject(error) : resolve()))
  })
  if (req.sessionID === previousID)
    throw sessionKept(
      'use a session store whose sessions get a new id from req.session.regenerate(), as those of express-session do',
    )
  const fresh = req.session as unknown as Record<string, unknown>
  const login = passportKeyOf(req)
  for (const [name, value] of Object.entries(before))
    if (name !== login && isAppData(name)) fresh[name] = value
  writeEntry(req, key, entry)
  if (req.oneaccess instanceof KeptTokens) {
    req.oneaccess = new NoTokens(notLoggedIn, req, managers.messages)
  }
  // nothing refers to that record any more; failing to end it must not fail the challenge
  if (record !== undefined) {
    await managers
      .for(req)
      .records.end(record, 'login')
      .catch(() => {})
  }
}

/**
 * Logins and the secrets of CSRF middleware (csurf, csrf-sync, lusca, koa-csrf) stay behind: an attacker
 * who planted the old session may know them.
 */
function isAppData(name: string): boolean {
  if (name === 'cookie' || name === 'passport' || name === '__proto__') return false
  return !name.startsWith('oneaccess:') && !/csrf|xsrf|^_?secret$/i.test(name)
}
