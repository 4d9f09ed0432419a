import { jwks } from '../state/keys.js'
import { type Answer, json } from '../transport/answer.js'

/** `GET /api/v1/oauth2/keys` (contract 5). */
export function keys(): Answer {
  return json(jwks())
}
