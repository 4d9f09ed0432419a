import type { OneAccessError } from '../../lib/errors.js'
import { adviceOn } from './advice.js'
import { error, type Finding, ok, warning } from './finding.js'
import { summaryOf } from './probe.js'

const PERMISSION = {
  en: "in the tenant's console, grant the API permission in both places: authorize the application under Enterprise APIs, then grant the permission in the application itself; for an ISV application, also set ONEACCESS_TENANT_ID",
  zh: '请在租户控制台的两处授权：先在“资源 > 企业API”的“应用授权”中授权该应用，再在该应用的“API权限 > 内置API”中授权；ISV 应用还要设置 ONEACCESS_TENANT_ID',
}

/**
 * Judges a bearer call with a made-up value: was it refused for the value, or for lack of
 * permission?
 */
export function judgeTenantCall(about: string, refusal: OneAccessError | undefined): Finding {
  if (isExpired(refusal)) return ok(about, { en: 'is permitted', zh: '有权限' })
  const denied = refusal?.httpStatus === 401 || refusal?.httpStatus === 403
  if (denied)
    return error(
      about,
      { en: `is not permitted (${summaryOf(refusal)})`, zh: `没有权限（${summaryOf(refusal)}）` },
      PERMISSION,
    )
  return unexpectedRefusal(about, refusal, refusal?.code === 'refused' ? PERMISSION : undefined)
}

/** How a healthy tenant refuses a ticket or token that has expired or never existed. */
export function isExpired(refusal: OneAccessError | undefined): boolean {
  return refusal?.code === 'session_ended' || refusal?.errorCode === 'SDK.COMMON.1005'
}

/** Whether the tenant has nothing at the call's path. */
export function isAbsent(refusal: OneAccessError | undefined): boolean {
  return refusal?.httpStatus === 404 || refusal?.httpStatus === 405
}

/** The finding when a made-up value was not refused as a healthy tenant would refuse it. */
export function unexpectedRefusal(
  about: string,
  refusal: OneAccessError | undefined,
  change = adviceOn(refusal),
): Finding {
  if (refusal === undefined) {
    const advice = {
      en: 'check that ONEACCESS_DOMAIN is OneAccess',
      zh: '请检查 ONEACCESS_DOMAIN 是否为 OneAccess 的地址',
    }
    return error(
      about,
      {
        en: 'accepts a made-up value, which OneAccess never does',
        zh: '接受了编造的值，真正的 OneAccess 不会接受',
      },
      advice,
    )
  }
  const says = {
    en: `cannot be checked: OneAccess refused the call for another reason (${summaryOf(refusal)})`,
    zh: `无法判断：OneAccess 因其他原因拒绝（${summaryOf(refusal)}）`,
  }
  const known = ['misconfigured', 'request_incomplete', 'refused', 'unexpected_answer']
  return known.includes(refusal.code)
    ? error(
        about,
        { en: `is refused (${summaryOf(refusal)})`, zh: `被拒绝（${summaryOf(refusal)}）` },
        change,
      )
    : warning(about, says, adviceOn(refusal))
}
