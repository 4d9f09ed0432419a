import { makePuzzle } from '../captcha/puzzle.js'
import { type Answer, apiError, json, strict } from '../transport/answer.js'
import type { Received } from '../transport/received.js'
import type { World } from '../world.js'
import { checkNoBody, checkSDKCall, readJSON } from './checks.js'
import { CODE_NOT_SENT, PUZZLE_WRONG } from './codes.js'
import { EMAIL, MOBILE, readContact } from './contact.js'

/** By how many pixels the piece may be off. */
const TOLERANCE = 5

/** The code types (docs/wire.md#first-logins-and-second-factors), by what the code is sent to. */
const CODE_TYPES = {
  mobile: ['BIND_MOBILE_SMS', 'REGISTER_SMS', 'MFA_AUTH_SMS'],
  email: ['BIND_EMAIL_EMS', 'REGISTER_EMS'],
}

/** `GET /api/v2/sdk/captcha` (docs/wire.md#first-logins-and-second-factors): a slider puzzle. */
export function captcha(request: Received, world: World): Answer {
  checkSDKCall(request, world)
  checkNoBody(request)
  const { x, picture, piece } = makePuzzle()
  return json({
    captchaId: null,
    secretKey: null,
    originalImageBase64: picture.toString('base64'),
    jigsawImageBase64: piece.toString('base64'),
    token: world.state.puzzles.issue({ x }),
    result: false,
  })
}

/**
 * `POST /api/v2/sdk/captcha/verify` (docs/wire.md#first-logins-and-second-factors). Each puzzle
 * allows one attempt.
 */
export function verifyCaptcha(request: Received, world: World): Answer {
  checkSDKCall(request, world)
  const body = readJSON(request, { required: ['token', 'point_json', 'sender'] })
  if (!MOBILE.test(body.sender) && !EMAIL.test(body.sender)) {
    throw strict('sender is neither a mobile number nor an email')
  }
  const x = readPoint(body.point_json)
  const tried = world.state.puzzles.spend(body.token)
  if ('refused' in tried || Math.abs(tried.value.x - x) > TOLERANCE) {
    throw apiError(PUZZLE_WRONG, 'the puzzle is not solved')
  }
  // as in the documented sample; a client must pass it on unchanged
  const name = `${body.token}---${body.point_json}`
  return json({ captcha_token: world.state.captchas.issue({ sender: body.sender }, name) })
}

/**
 * `POST /api/v2/sdk/sms/send` (docs/wire.md#first-logins-and-second-factors): sends a code by text
 * message or email. The answer is empty.
 */
export function sendCode(request: Received, world: World): Answer {
  checkSDKCall(request, world)
  const body = readJSON(request, {
    required: ['type', 'captcha_token'],
    optional: ['mobile', 'email'],
  })
  const contact = readContact(body)
  const [kind, to] =
    'mobile' in contact
      ? (['mobile', contact.mobile] as const)
      : (['email', contact.email] as const)
  if (!CODE_TYPES[kind].includes(body.type)) throw strict(`type is not valid for a ${kind}`)
  const solved = world.state.captchas.spend(body.captcha_token)
  if ('refused' in solved || solved.value.sender !== to) {
    throw apiError(
      CODE_NOT_SENT,
      'the code could not be sent: no puzzle was solved for this contact',
    )
  }
  const wait = world.state.codesSent.waitFor(to)
  if (wait > 0) throw apiError(CODE_NOT_SENT, `the code could not be sent: wait ${wait} seconds`)
  world.state.codesSent.send(to, body.type)
  return { status: 200 }
}

function readPoint(text: string): number {
  try {
    const { x, y } = JSON.parse(text)
    if (Number.isFinite(x) && Number.isFinite(y)) return x
  } catch {
    // thrown below
  }
  throw strict('point_json must be {"x":number,"y":number}')
}
