import { type Answer, json } from '../transport/answer.js'
import type { Received } from '../transport/received.js'
import type { World } from '../world.js'

/** `GET /api/v1/oauth2/keys` (contract 5). */
export function keys(_: Received, world: World): Answer {
  return json(world.keys.jwks())
}
