import { jwks } from '../state/keys.js'
import { type Answer, json } from '../transport/answer.js'

/** `GET /api/v1/oauth2/keys` (docs/wire.md#id_token). */
export function keys(): Answer {
  return json(jwks())
}
