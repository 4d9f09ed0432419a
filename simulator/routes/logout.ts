import { refusedPage } from '../pages/consent.js'
import { decrypt, publicKeyText } from '../state/app-key.js'
import { type Answer, apiError, json, strict } from '../transport/answer.js'
import type { Received } from '../transport/received.js'
import type { World } from '../world.js'
import { addressProblem } from './addresses.js'
import { checkNoBody, checkSameDevice, checkSDKCall } from './checks.js'
import { SESSION_TOKEN_INVALID } from './codes.js'

/** How far a signature's timestamp may be from the server's time, in milliseconds. */
const DRIFT = 5 * 60_000
const SIGNED = /^session_token=([^&]+)&timestamp=(\d{13})&nonce=([^&]+)$/

/** `GET /api/v2/sdk/public-key` (contract 1.8). */
export function publicKey(request: Received, world: World): Answer {
  checkSDKCall(request, world)
  checkNoBody(request)
  return json({ public_key: publicKeyText() })
}

/** `GET /api/v2/sdk/server-date` (contract 1.8), in milliseconds. */
export function serverDate(request: Received, world: World): Answer {
  checkSDKCall(request, world)
  checkNoBody(request)
  return json({ timestamp: String(world.clock.now()) })
}

/** `GET /api/v2/sdk/logout` (contract 1.8): ends the session that the signature names. */
export function logout(request: Received, world: World): Answer {
  const device = checkSDKCall(request, world)
  checkNoBody(request)
  const signature = request.headers.get('x-signature')
  if (!signature) throw strict('header x-signature is missing')
  const plain = decrypt(signature)
  if (plain === undefined) throw strict('x-signature is not RSA-OAEP under the public key')
  const [, token = '', timestamp, nonce = ''] = SIGNED.exec(plain) ?? []
  if (!token) throw strict('x-signature is not session_token=…&timestamp=…&nonce=…')
  if (Math.abs(Number(timestamp) - world.clock.now()) > DRIFT) throw strict('timestamp is too far')
  if (world.state.nonces.has(nonce)) throw strict('nonce came before')
  world.state.nonces.add(nonce)
  const session = world.state.sessions.present(token)
  if (!session) throw apiError(SESSION_TOKEN_INVALID, 'invalid or expired session token')
  checkSameDevice(session.device, device, world)
  session.endedBy = 'logout'
  return { status: 200 }
}

/** `GET /api/v1/logout` (contract 1.8): where a browser is sent to, and sent on from. */
export function webLogout(request: Received, world: World): Answer {
  const { query } = request
  const problems = [...query.keys()]
    .filter((name) => name !== 'redirect_url' && name !== 'client_id')
    .map((name) => `the contract knows no ${name} here`)
  if (query.get('client_id') !== world.identity.clientID) problems.push('client_id is unknown')
  const location = query.get('redirect_url') ?? ''
  const wrong = addressProblem('redirect_url', location, world.identity.callbackURLs)
  if (wrong) problems.push(wrong)
  return problems.length > 0 ? refusedPage(problems) : { status: 302, headers: { location } }
}
