import type { Person } from '../people.js'
import { userFields } from '../state/id-token.js'
import { type Answer, apiError, json } from '../transport/answer.js'
import type { Received } from '../transport/received.js'
import { TICKET_LIFE, type World } from '../world.js'
import {
  checkBearerCall,
  checkSameDevice,
  DEVICE_MEMBERS,
  deviceIncomplete,
  deviceOfBody,
  readJSON,
} from './checks.js'
import {
  EXPIRED,
  errorCodes,
  SESSION_TOKEN_EMPTY,
  SESSION_TOKEN_INVALID,
  TICKET_REQUIRED,
} from './codes.js'

/** `POST /api/v2/tenant/sso/session-token/sso-ticket` (docs/wire.md#session_token-to-sso_ticket). */
export function ticket(request: Received, world: World): Answer {
  checkBearerCall(request, world)
  const body = readJSON(request, {
    required: ['session_token', ...DEVICE_MEMBERS],
    optional: ['agent', 'client_id'],
    missing: (name) =>
      name === 'session_token'
        ? apiError(SESSION_TOKEN_EMPTY, 'session token cannot be empty')
        : deviceIncomplete(world, name),
  })
  if (body.client_id !== undefined && body.client_id !== world.identity.clientID) {
    throw apiError(errorCodes(world.settings).clientIDWrong, 'client_id names another application')
  }
  const session = world.state.sessions.present(body.session_token)
  if (!session) throw apiError(SESSION_TOKEN_INVALID, 'invalid or expired session token')
  checkSameDevice(session.device, deviceOfBody(body), world)
  return json({ expire: TICKET_LIFE, sso_ticket: world.state.tickets.issue({ session }) })
}

/** `POST /api/v2/tenant/sso/sso-ticket/verify` (docs/wire.md#sso_ticket-to-user). */
export function verify(request: Received, world: World): Answer {
  checkBearerCall(request, world)
  const body = readJSON(request, {
    required: ['sso_ticket', ...DEVICE_MEMBERS],
    optional: ['agent'],
    missing: (name) =>
      name === 'sso_ticket'
        ? apiError(TICKET_REQUIRED, 'SSO ticket required')
        : deviceIncomplete(world, name),
  })
  const used = world.state.tickets.spend(body.sso_ticket)
  if ('refused' in used || world.state.sessions.endOf(used.value.session)) {
    throw apiError(EXPIRED, 'sso_ticket has expired')
  }
  const { session } = used.value
  checkSameDevice(session.device, deviceOfBody(body), world)
  return json(userAnswer(session.person, world))
}

function userAnswer(person: Person, { settings }: World): object {
  const user = userFields(person)
  const envelope = { code: '0', message: 'success' }
  if (settings.userShape === 'flat') return user
  return { ...envelope, data: settings.userShape === 'data' ? user : { user } }
}
