import type { Request } from 'express'
import { isJSON } from '../incoming-request.js'
import { isObject } from '../util/json.js'
import { isSane } from './callback.js'
import { type Failure, fail, malformed } from './outcome.js'

/**
 * Reads the code that a native app or a mini program posts (docs/wire.md#native-apps-and-mini-programs). Accepts only
 * JSON, because a form on another site could otherwise log a victim in as the attacker.
 */
export function readAppCode(req: Request): string | Failure {
  if (!isJSON(req)) return malformed('Send JSON, with Content-Type: application/json.')
  const body: unknown = req.body
  if (!isObject(body)) {
    return malformed('Send a JSON object; the route needs express.json() before it.')
  }
  const given = ['auth_code', 'authCode', 'code'].filter((name) => Object.hasOwn(body, name))
  const [name] = given
  if (name === undefined) return fail('code_missing')
  const code: unknown = body[name]
  if (given.length > 1 || typeof code !== 'string' || !isSane(code)) {
    return malformed('auth_code must be given once, as a short string.')
  }
  return code === '' ? fail('code_missing') : code
}
