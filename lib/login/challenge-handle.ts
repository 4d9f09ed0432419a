import type { Request } from 'express'
import { isJSON } from '../incoming-request.js'
import { sha256 } from '../util/digest.js'
import { isObject } from '../util/json.js'

/*
 * A native app has no session to keep its challenge in. It gets a random handle and sends it back as
 * JSON, which a form on another site cannot do. The store has only its hash.
 */

/**
 * The id of the challenge's record. It depends on the strategy, like the session entry: applications
 * that share a store must not use each other's state tokens.
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
