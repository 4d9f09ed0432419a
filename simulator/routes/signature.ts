import { decrypt, publicKeyText } from '../state/app-key.js'
import type { Session } from '../state/sessions.js'
import { type Answer, apiError, json, strict } from '../transport/answer.js'
import type { Received } from '../transport/received.js'
import type { World } from '../world.js'
import { checkNoBody, checkSameDevice, checkSDKCall } from './checks.js'
import { SESSION_TOKEN_INVALID, SIGNATURE_REFUSED } from './codes.js'

/** How far a signature's timestamp may be from the server's time, in milliseconds. */
const DRIFT = 5 * 60_000
const SIGNED = /^session_token=([^&]+)&timestamp=(\d{13})&nonce=([^&]+)$/

/** `GET /api/v2/sdk/public-key` (docs/wire.md#signature). */
export function publicKey(request: Received, world: World): Answer {
  checkSDKCall(request, world)
  checkNoBody(request)
  return json({ public_key: publicKeyText() })
}

/** `GET /api/v2/sdk/server-date` (docs/wire.md#signature), in milliseconds. */
export function serverDate(request: Received, world: World): Answer {
  checkSDKCall(request, world)
  checkNoBody(request)
  return json({ timestamp: String(world.clock.now()) })
}

/** The live session that the call's `X-signature` names. Its device must be the login's. */
export function signedSession(request: Received, world: World): Session {
  const device = checkSDKCall(request, world)
  checkNoBody(request)
  const signature = request.headers.get('x-signature')
  if (!signature) throw strict('header x-signature is missing')
  const plain = decrypt(signature)
  if (plain === undefined) throw refused('x-signature is not RSA-OAEP with the public key')
  const [, token = '', timestamp, nonce = ''] = SIGNED.exec(plain) ?? []
  if (!token) throw strict('x-signature is not session_token=…&timestamp=…&nonce=…')
  if (Math.abs(Number(timestamp) - world.clock.now()) > DRIFT)
    throw refused('timestamp is too far from server time')
  if (world.state.nonces.has(nonce)) throw refused('nonce was used before')
  world.state.nonces.add(nonce)
  const session = world.state.sessions.present(token)
  if (!session) throw apiError(SESSION_TOKEN_INVALID, 'invalid or expired session token')
  checkSameDevice(session.device, device, world)
  return session
}

/** The signature is invalid or expired. */
function refused(why: string) {
  return apiError(SIGNATURE_REFUSED, `invalid or expired signature: ${why}`)
}
