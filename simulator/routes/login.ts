import type { Person } from '../people.js'
import { challengeData } from '../state/challenges.js'
import type { Device } from '../state/device.js'
import { makeIDToken } from '../state/id-token.js'
import { type Answer, apiError, json, strict } from '../transport/answer.js'
import type { Received } from '../transport/received.js'
import type { World } from '../world.js'
import { checkSDKCall, readJSON } from './checks.js'
import { errorCodes } from './codes.js'

/**
 * `POST /api/{v2|v3}/sdk/login/alipay` (docs/wire.md#log-in-with-the-code), in one of its two
 * versions.
 */
export function login(version: 'v2' | 'v3') {
  return (request: Received, world: World): Answer => {
    if (!world.settings.loginVersions.includes(version)) {
      throw strict(`there is nothing at ${request.path}`, 404)
    }
    return loginWithCode(request, world)
  }
}

/**
 * The same for mini programs (docs/wire.md#native-apps-and-mini-programs), whose path has one
 * version.
 */
export function loginWithCode(request: Received, world: World): Answer {
  // the call uses up its code, whatever else is wrong with the call
  const used = world.state.codes.spend(codeIn(request.body))
  const device = checkSDKCall(request, world)
  readJSON(request, { required: ['code'] })
  if ('refused' in used) {
    throw apiError(errorCodes(world.settings).alipayCodeRefused, `alipay code ${used.refused}`)
  }
  const person = world.people.find((one) => one.id === used.value.personID)
  if (!person) throw strict('the person of this code is no longer among the people')
  return concludeLogin(world, person, device, world.state.accounts.statusOf(person))
}

/** The answer to a login with this Alipay account that has reached `status`. */
export function concludeLogin(
  world: World,
  person: Person,
  device: Device,
  status: string,
): Answer {
  const user = world.state.accounts.userOf(person)
  if (status === 'ACCESS_DENIED' || isDenied(world, user ?? person)) {
    return json({ status: 'ACCESS_DENIED', data: '{}' })
  }
  if (status === 'SUCCESS') return json({ status, ...newSession(world, user ?? person, device) })
  const challenge = { person, status, device }
  const state_token = world.state.challenges.issue(challenge)
  return json({ status, state_token, data: challengeData(challenge) })
}

function isDenied(world: World, user: Person): boolean {
  return user.outcome === 'ACCESS_DENIED' || world.state.disabled.has(user.id)
}

function newSession(world: World, user: Person, device: Device): object {
  const { sessions } = world.state
  const session = sessions.open(user, device)
  return {
    session_token: session.current,
    expire: sessions.remaining(session, session.current),
    ...(world.settings.idTokenAtLogin ? { id_token: newIDToken(world, user) } : {}),
  }
}

export function newIDToken({ identity, clock, settings }: World, person: Person): string {
  const { url: issuer, clientID } = identity
  return makeIDToken({ person, issuer, clientID, now: clock.now(), settings })
}

function codeIn(body: Buffer): string {
  try {
    return String(JSON.parse(body.toString()).code)
  } catch {
    return ''
  }
}
