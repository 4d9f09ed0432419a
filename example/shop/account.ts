import type { Request, RequestHandler } from 'express'
import { decodeJwt } from 'jose'
import type { User } from './users.js'

/** Who is logged in. Passport sets null for a user who has just been logged out. */
export function userOf(req: Request): User | undefined {
  return (req.user as User | null | undefined) ?? undefined
}

/** `GET /me`: who is logged in, and when the tokens expire, in milliseconds since the epoch. */
export const me: RequestHandler = (req, res) => {
  const user = userOf(req)
  if (user === undefined) {
    res.status(401).json({ error: 'not_logged_in' })
    return
  }
  const { expiresAt = null, sessionExpiresAt = null } = req.oneaccess
  res.json({ user, expiresAt, sessionExpiresAt, now: Date.now() })
}

/**
 * `GET /token`: the claims of the id_token. An app would send the token itself to its own services.
 */
export const token: RequestHandler = async (req, res) => {
  res.json(decodeJwt(await req.oneaccess.idToken()))
}
