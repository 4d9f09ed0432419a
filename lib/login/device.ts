import type { Request } from 'express'
import { addressIn, addressOf, headerOf } from '../incoming-request.js'
import { type Device, osVersionOf, sanitizeDevice } from '../oneaccess/device.js'
import type { CallContext } from '../oneaccess/requests.js'
import type { Settings } from '../options.js'
import { sha256 } from '../util/digest.js'
import { isObject } from '../util/json.js'
import { omitUndefined } from '../util/omit-undefined.js'
import { isUnawaited } from '../util/unawaited.js'

/**
 * The device values of a login, from the request that finishes it. The IP address is the first valid one
 * of: the option `device`; Express's `req.ip`, which depends on the app's `trust proxy`; the socket's.
 *
 * The fingerprint identifies browser and app: it is the same for every login from there, so that OneAccess
 * can recognize the device. An app with a better fingerprint returns it from the option `device`.
 */
function deviceOf(req: Request, settings: Settings): Device {
  const agent = headerOf(req, 'user-agent')
  const own = settings.device?.(req) ?? {}
  if (isUnawaited(own) || !isObject(own))
    throw new TypeError('OneAccessAlipayStrategy: option device must return an object')
  return sanitizeDevice({
    osVersion: osVersionOf(agent),
    fingerprint: fingerprintOf([settings.clientID, agent, headerOf(req, 'accept-language')]),
    agent,
    ...own,
    ip: addressIn(own.ip) ?? addressOf(req),
  })
}

/** What all calls for this login have in common; computed once and stored with the tokens. */
export function contextOf(req: Request, settings: Settings): CallContext {
  return omitUndefined({ device: deviceOf(req, settings), tenantID: tenantOf(req, settings) })
}

/** The tenant of this request, for an ISV application; undefined for any other application. */
export function tenantOf(
  req: Request,
  { tenantID }: Pick<Settings, 'tenantID'>,
): string | undefined {
  const tenant: unknown = typeof tenantID === 'function' ? tenantID(req) : tenantID
  if (tenant === undefined && tenantID === undefined) return undefined
  if (!isUnawaited(tenant) && isTenant(tenant)) return tenant
  throw new TypeError('OneAccessAlipayStrategy: option tenantID must give visible ASCII characters')
}

/** Checks what the app's function returns. */
function isTenant(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,128}$/.test(value)
}

function fingerprintOf(parts: string[]): string {
  return sha256(JSON.stringify(parts)).slice(0, 32)
}
