import { bindDevice, type Device } from '../state/device.js'
import { apiError, oauthError, type Refusal, strict } from '../transport/answer.js'
import type { Received } from '../transport/received.js'
import type { World } from '../world.js'
import { errorCodes } from './codes.js'

const VISIBLE_LATIN_1 = /^[\x20-\x7e\xa0-\xff]*$/
const JSON_TYPE = /^application\/json(\s*;\s*charset="?utf-?8"?)?$/i

/** For every call to OneAccess: no repeated header, and no header outside visible Latin-1. */
export function checkHeaders(request: Received): void {
  const repeated = request.repeatedHeaders[0]
  if (repeated) throw strict(`header ${repeated} appears more than once`)
  for (const [name, value] of request.headers) {
    if (!VISIBLE_LATIN_1.test(value))
      throw strict(`header ${name} contains characters outside visible Latin-1`)
  }
}

/**
 * For paths under /sdk/: the application in X-client-id and the device in its headers
 * (docs/wire.md#log-in-with-the-code).
 */
export function checkSDKCall(request: Received, world: World): Device {
  checkHeaders(request)
  checkNoQuery(request)
  checkClientID(request, world)
  checkTenant(request, world)
  if (request.headers.get('x-l') === '') throw strict('header x-l is empty')
  const optional = (name: string) => {
    if (request.headers.get(name) === '') throw deviceIncomplete(world, name)
    return request.headers.get(name)
  }
  const mandatory = (name: string) => {
    const value = optional(name)
    if (!value) throw deviceIncomplete(world, name)
    return value
  }
  return {
    operatingSysVersion: mandatory('x-operating-sys-version'),
    fingerprint: mandatory('x-device-fingerprint'),
    agent: mandatory('x-agent'),
    ip: optional('x-device-ip'),
  }
}

/** Only X-client-id, for the few calls that carry no device headers. */
function checkClientID(request: Received, world: World): void {
  const clientID = request.headers.get('x-client-id')
  const codes = errorCodes(world.settings)
  if (!clientID) throw apiError(codes.clientIDMissing, 'clientId cannot be empty')
  if (clientID !== world.identity.clientID) {
    throw apiError(codes.clientIDWrong, 'the app is not registered, please register the app first')
  }
}

/** For paths under /tenant/: `Bearer ` and a valid access_token (docs/wire.md#access-token). */
export function checkBearerCall(request: Received, world: World): void {
  checkHeaders(request)
  checkNoQuery(request)
  const authorization = request.headers.get('authorization')
  if (authorization === undefined) {
    throw oauthError('unauthorized', 'full authentication is required', 401)
  }
  const token = authorization.startsWith('Bearer ') ? authorization.slice(7) : ''
  const found = world.state.credentials.look(token)
  if ('refused' in found) {
    const { credentialErrors } = world.settings
    throw oauthError('invalid_token', `access token ${found.refused}`, credentialErrors)
  }
  checkTenant(request, world)
}

function checkTenant(request: Received, world: World): void {
  const { tenantID } = world.settings
  const sent = request.headers.get('x-tenant-id')
  if (sent === '') throw strict('header x-tenant-id is empty')
  if (tenantID === undefined) return
  if (sent === undefined) throw strict('header x-tenant-id is mandatory for an ISV application')
  if (sent !== tenantID) throw strict('header x-tenant-id names another tenant')
}

/** The members of a JSON body, and what to answer if one is missing or empty. */
export interface Members<R extends string, O extends string = never> {
  required: readonly R[]
  optional?: readonly O[]
  missing?: (name: string) => Refusal
}

/** Reads a JSON body in which every member is documented and a non-empty string. */
export function readJSON<R extends string, O extends string = never>(
  request: Received,
  { required, optional = [], missing = (name) => strict(`${name} is missing`) }: Members<R, O>,
): Record<R, string> & Partial<Record<O, string>> {
  checkJSONType(request)
  const body = parse(request.body)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw strict('the body is not a JSON object')
  }
  const known: readonly string[] = [...required, ...optional]
  for (const [name, value] of Object.entries(body)) {
    if (!known.includes(name)) throw strict(`${name} is not documented here`)
    if (typeof value !== 'string') throw strict(`${name} must be a string`)
    if (value === '') throw missing(name)
  }
  for (const name of required) if (!Object.hasOwn(body, name)) throw missing(name)
  return body as Record<R, string> & Partial<Record<O, string>>
}

/** For calls without a body. */
export function checkNoBody(request: Received): void {
  if (request.body.length > 0) throw strict('this call must not have a body')
}

export function checkJSONType(request: Received): void {
  const type = request.headers.get('content-type') ?? ''
  if (!JSON_TYPE.test(type)) throw strict('content-type must be application/json', 415)
}

/** The device members of a tenant call's body. */
export const DEVICE_MEMBERS = ['operating_sys_version', 'device_fingerprint', 'device_ip'] as const

export function deviceOfBody(
  body: Record<(typeof DEVICE_MEMBERS)[number], string> & { agent?: string },
): Device {
  return {
    operatingSysVersion: body.operating_sys_version,
    fingerprint: body.device_fingerprint,
    ip: body.device_ip,
    agent: body.agent,
  }
}

/**
 * All calls that belong to a login must send the login's device values
 * (docs/wire.md#device-values).
 */
export function checkSameDevice(known: Device, sent: Device, world: World): void {
  const other = bindDevice(known, sent)
  if (!other) return
  const code = errorCodes(world.settings).deviceIncomplete
  throw apiError(code, `device information differs from the login's: ${other}`)
}

export function deviceIncomplete(world: World, name: string): Refusal {
  const code = errorCodes(world.settings).deviceIncomplete
  return apiError(code, `device information is incomplete: ${name}`)
}

function checkNoQuery(request: Received): void {
  if (request.query.size > 0) throw strict('this call must not have a query')
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw strict('the body is not JSON')
  }
}
