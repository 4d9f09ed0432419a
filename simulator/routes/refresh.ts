import type { RefreshCall } from '../settings.js'
import type { Session } from '../state/sessions.js'
import { type Answer, apiError, json, strict } from '../transport/answer.js'
import type { Received } from '../transport/received.js'
import type { World } from '../world.js'
import {
  checkBearerCall,
  checkJSONType,
  checkNoBody,
  checkSameDevice,
  checkSDKCall,
  DEVICE_MEMBERS,
  deviceIncomplete,
  deviceOfBody,
  readJSON,
} from './checks.js'
import { SESSION_TOKEN_EMPTY, SESSION_TOKEN_INVALID } from './codes.js'
import { newIDToken } from './login.js'
import { signedSession } from './signature.js'

/** `POST /api/v2/sdk/sso/session-token/id-token` (docs/wire.md#refresh, the first call). */
export function refreshIDToken(request: Received, world: World): Answer {
  checkIsEnabled('id-token', request, world)
  const device = checkSDKCall(request, world)
  checkJSONType(request)
  checkNoBody(request)
  const presented = request.headers.get('session-token')
  if (!presented) throw sessionTokenEmpty()
  const session = presentedSession(world, presented)
  checkSameDevice(session.device, device, world)
  return refreshed(world, session, world.state.sessions.refresh(session, presented))
}

/** `POST /api/v2/tenant/sso/session-token/refresh` (docs/wire.md#refresh, the second call). */
export function refreshSessionToken(request: Received, world: World): Answer {
  checkIsEnabled('session-token', request, world)
  checkBearerCall(request, world)
  const body = readJSON(request, {
    required: ['session_token', ...DEVICE_MEMBERS],
    optional: ['agent'],
    missing: (name) =>
      name === 'session_token' ? sessionTokenEmpty() : deviceIncomplete(world, name),
  })
  const session = presentedSession(world, body.session_token)
  checkSameDevice(session.device, deviceOfBody(body), world)
  return refreshed(world, session, world.state.sessions.renew(session, body.session_token))
}

/** `POST /api/v2/sdk/session-token/refresh-id-token` (docs/wire.md#refresh, the third call). */
export function refreshSigned(request: Received, world: World): Answer {
  checkIsEnabled('signed-id-token', request, world)
  if (request.headers.has('session-token'))
    throw strict('the session token must only be in the signature')
  const session = signedSession(request, world)
  session.refreshes += 1
  return json({ id_token: newIDToken(world, session.person) })
}

function checkIsEnabled(call: RefreshCall, request: Received, { settings }: World): void {
  if (!settings.refreshCalls.includes(call))
    throw strict(`there is nothing at ${request.path}`, 404)
}

function presentedSession(world: World, token: string): Session {
  const session = world.state.sessions.present(token)
  if (!session) throw apiError(SESSION_TOKEN_INVALID, 'invalid or expired session token')
  return session
}

function refreshed(world: World, session: Session, session_token: string): Answer {
  return json({
    ...(world.settings.omitSessionToken ? {} : { session_token }),
    expire: world.state.sessions.remaining(session, session_token),
    id_token: newIDToken(world, session.person),
  })
}

function sessionTokenEmpty() {
  return apiError(SESSION_TOKEN_EMPTY, 'session token cannot be empty')
}
