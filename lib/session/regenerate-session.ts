import type { Request } from 'express'
import type { TokenManagers } from '../tokens/manager.js'
import { KeptTokens, NoTokens } from './request-tokens.js'
import { nextEntry, readEntry, writeEntry } from './session-entry.js'
import { notLoggedIn } from './session-errors.js'

/**
 * Replaces the session by a fresh one, in which the challenge is: whoever planted the old one in the
 * browser sees nothing of it. What the app keeps there, such as a cart, is carried over; a login is not.
 */
export async function regenerateForChallenge(
  req: Request,
  { key, challenge, managers }: { key: string; challenge: string; managers: TokenManagers },
): Promise<void> {
  const { session: before, sessionID: cameWith } = req
  const { record } = readEntry(req, key)
  const entry = nextEntry(req, key, { challenge })
  await new Promise<void>((resolve, reject) => {
    before.regenerate((error: unknown) => (error ? reject(error) : resolve()))
  })
  if (req.sessionID === cameWith) throw new Error('the session store kept the session id')
  const fresh = req.session as unknown as Record<string, unknown>
  for (const [name, value] of Object.entries(before)) if (isOfTheApp(name)) fresh[name] = value
  writeEntry(req, key, entry)
  if (req.oneaccess instanceof KeptTokens) {
    req.oneaccess = new NoTokens(notLoggedIn, req, managers.messages)
  }
  // nothing refers to that record any more; that it could not be ended must not refuse the challenge
  if (record !== undefined) {
    await managers
      .for(req)
      .records.end(record, 'login')
      .catch(() => {})
  }
}

/**
 * Logins, and the secrets by which CSRF middleware knows a session's forms (csurf, csrf-sync, lusca,
 * koa-csrf), are the old session's: whoever planted that may know them.
 */
function isOfTheApp(name: string): boolean {
  if (name === 'cookie' || name === 'passport' || name === '__proto__') return false
  return !name.startsWith('oneaccess:') && !/csrf|xsrf|^_?secret$/i.test(name)
}
