import type { Person } from '../people.js'
import type { Contact } from '../state/accounts.js'
import { type Challenge, flowsOf } from '../state/challenges.js'
import { type Answer, apiError, json, strict } from '../transport/answer.js'
import type { Received } from '../transport/received.js'
import type { World } from '../world.js'
import { checkNoBody, checkSameDevice, checkSDKCall, readJSON } from './checks.js'
import { EXPIRED, errorCodes } from './codes.js'
import { readContact } from './contact.js'
import { concludeLogin } from './login.js'

/**
 * `POST /api/v2/sdk/social/bind` (docs/wire.md#first-logins-and-second-factors): links the account
 * to an existing user.
 */
export function bind(request: Received, world: World): Answer {
  const challenge = challengeOf(request, world, ['SOCIAL_BIND', 'USER_REGISTER'])
  const contact = usedContact(request, world, ['BIND_MOBILE_SMS', 'BIND_EMAIL_EMS'])
  checkFlow(challenge, contact)
  const user = world.state.accounts.findUser(contact)
  if (!user) throw apiError(errorCodes(world.settings).userRefused, 'there is no such user')
  world.state.accounts.link(challenge.person, user)
  return conclude(request, world, challenge)
}

/**
 * `POST /api/v2/sdk/social/register-bind` (docs/wire.md#first-logins-and-second-factors): creates a
 * user.
 */
export function registerBind(request: Received, world: World): Answer {
  const challenge = challengeOf(request, world, ['USER_REGISTER'])
  const contact = usedContact(request, world, ['REGISTER_SMS', 'REGISTER_EMS'])
  checkFlow(challenge, contact)
  if (world.state.accounts.findUser(contact)) {
    throw apiError(errorCodes(world.settings).userRefused, 'the user already exists')
  }
  world.state.accounts.register(challenge.person, contact)
  return conclude(request, world, challenge)
}

/** `POST /api/v2/sdk/mfa/sms` (docs/wire.md#first-logins-and-second-factors): the second factor. */
export function secondFactor(request: Received, world: World): Answer {
  const challenge = challengeOf(request, world, ['MFA_AUTH'])
  const body = readJSON(request, { required: ['mobile', 'verify_code'] })
  if (body.mobile !== mobileOf(world, challenge.person)) {
    throw apiError(errorCodes(world.settings).userRefused, "mobile is not the user's")
  }
  checkCode(world, body.mobile, 'MFA_AUTH_SMS', body.verify_code)
  world.state.challenges.spend(stateTokenIn(request))
  return concludeLogin(world, challenge.person, challenge.device, 'SUCCESS')
}

/** `GET /api/v2/sdk/mobile-by-token` (docs/wire.md#first-logins-and-second-factors): where the second factor's code goes. */
export function mobileByToken(request: Received, world: World): Answer {
  const { person } = challengeOf(request, world, ['MFA_AUTH'])
  checkNoBody(request)
  const mobile = mobileOf(world, person)
  if (!mobile)
    throw apiError(errorCodes(world.settings).userRefused, 'the user has no mobile number')
  return json({ mobile })
}

/**
 * The unfinished login that the state token stands for, if it has one of these statuses and the
 * same device.
 */
function challengeOf(request: Received, world: World, statuses: string[]): Challenge {
  const device = checkSDKCall(request, world)
  const codes = errorCodes(world.settings)
  const token = stateTokenIn(request)
  if (token === '') throw apiError(codes.stateTokenMissing, 'state token cannot be empty')
  const found = world.state.challenges.look(token)
  if ('refused' in found || !statuses.includes(found.value.status)) {
    throw apiError(codes.stateTokenInvalid, 'invalid state token')
  }
  checkSameDevice(found.value.device, device, world)
  return found.value
}

function usedContact(
  request: Received,
  world: World,
  [mobileType, emailType]: [string, string],
): Contact {
  const body = readJSON(request, { required: ['verify_code'], optional: ['mobile', 'email'] })
  const contact = readContact(body)
  if ('mobile' in contact) checkCode(world, contact.mobile, mobileType, body.verify_code)
  else checkCode(world, contact.email, emailType, body.verify_code)
  return contact
}

function checkCode(world: World, to: string, type: string, code: string): void {
  const refused = world.state.codesSent.use(to, type, code)
  if (refused === 'expired') throw apiError(EXPIRED, 'verify_code has expired')
  const { verifyCodeRefused } = errorCodes(world.settings)
  if (refused) throw apiError(verifyCodeRefused, `verify_code refused: ${refused}`)
}

function checkFlow({ person }: Challenge, contact: Contact): void {
  const flow = 'mobile' in contact ? 'VERIFY_PHONE' : 'VERIFY_EMAIL'
  if (!flowsOf(person).includes(flow)) throw strict(`the flow ${flow} was not offered`)
}

function conclude(request: Received, world: World, { person, device }: Challenge): Answer {
  world.state.challenges.spend(stateTokenIn(request))
  return concludeLogin(world, person, device, world.state.accounts.statusOf(person))
}

function mobileOf(world: World, person: Person): string | undefined {
  return world.state.accounts.userOf(person)?.mobile
}

function stateTokenIn(request: Received): string {
  return request.headers.get('x-state-token') ?? ''
}
