import type { OneAccessError } from '../../lib/errors.js'
import { error, type Finding, ok, warning } from './finding.js'
import { told } from './line.js'

const PERMISSION =
  "in the tenant's console, let the application call this API; for an ISV application set ONEACCESS_TENANT_ID"

/** A call with a bearer and an invented value: refused for the value, or for want of permission? */
export function judgeTenantCall(about: string, refusal: OneAccessError | undefined): Finding {
  if (isOver(refusal)) return ok(about, 'is permitted')
  const denied = refusal?.httpStatus === 401 || refusal?.httpStatus === 403
  if (denied) return error(about, `is not permitted (${told(refusal)})`, PERMISSION)
  return oddRefusal(about, refusal, refusal?.code === 'refused' ? PERMISSION : undefined)
}

/** How a healthy tenant refuses a ticket or a token that is over, or never was. */
export function isOver(refusal: OneAccessError | undefined): boolean {
  return refusal?.code === 'session_ended' || refusal?.errorCode === 'SDK.COMMON.1005'
}

/** Whether the tenant has nothing at the call's path. */
export function isAbsent(refusal: OneAccessError | undefined): boolean {
  return refusal?.httpStatus === 404 || refusal?.httpStatus === 405
}

/** Refused otherwise than a healthy tenant refuses an invented value, or not at all. */
export function oddRefusal(
  about: string,
  refusal: OneAccessError | undefined,
  change = refusal?.hint,
): Finding {
  if (refusal === undefined) {
    const advice = 'check that ONEACCESS_DOMAIN is OneAccess'
    return error(about, 'takes an invented value, as OneAccess never would', advice)
  }
  const says = `cannot be judged: OneAccess refused it in a way of its own (${told(refusal)})`
  const known = ['misconfigured', 'request_incomplete', 'refused', 'unexpected_answer']
  return known.includes(refusal.code)
    ? error(about, `is refused (${told(refusal)})`, change ?? refusal.hint)
    : warning(about, says, refusal.hint)
}
