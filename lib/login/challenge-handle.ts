import type { Request } from 'express'
import { isJSON } from '../incoming-request.js'
import { sha256 } from '../util/digest.js'
import { isObject } from '../util/json.js'

/*
 * A native app has no session that could keep its challenge. It is given a handle, a random name, and
 * sends it back as JSON, which no form of another site can. The store has its hash only.
 */

/**
 * The name of the challenge's record: one strategy's, as its part of a session is. Applications that
 * share a store must not present one another's state tokens.
 */
export function recordOfHandle(handle: string, sessionKey: string): string {
  return sha256(`${sessionKey} ${handle}`).slice(0, 40)
}

/** The handle in a JSON body; undefined for anything else. */
export function handleIn(req: Request): string | undefined {
  const body: unknown = req.body
  if (!isJSON(req) || !isObject(body)) return undefined
  const { handle } = body
  return typeof handle === 'string' && /^[0-9a-f]{40}$/.test(handle) ? handle : undefined
}
