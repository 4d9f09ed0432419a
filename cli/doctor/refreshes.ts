import type { OneAccessError } from '../../lib/errors.js'
import { REFRESH_WITH, type RefreshWith } from '../../lib/oneaccess/refresh-with.js'
import { error, type Finding, ok, skipped, warning } from './finding.js'
import { isAbsent, isExpired, judgeTenantCall, unexpectedRefusal } from './judge.js'
import { madeUpValue, type Probe, refusalOf } from './probe.js'

/** How each refresh call refused a made-up session token. A call that was not made is missing. */
export type Refreshes = ReadonlyMap<RefreshWith, OneAccessError | undefined>

/** Makes all three refresh calls; skips the one with a bearer if the API credential was refused. */
export async function askForRefreshes(
  probe: Probe,
  auth: 'body' | 'basic' | undefined,
): Promise<Refreshes> {
  const refusals = new Map<RefreshWith, OneAccessError | undefined>()
  for (const refreshWith of REFRESH_WITH) {
    if (refreshWith === 'session-token' && auth === undefined) continue
    const credential = { ...probe.settings.credential, auth: auth ?? 'body' }
    const client = probe.client({ refreshWith, credential })
    refusals.set(refreshWith, await refusalOf(client.refresh(madeUpValue(), probe.context)))
  }
  return refusals
}

/** A tenant that knows the client id refuses the made-up session token, not the client. */
export function checkApplication(refreshes: Refreshes): Finding {
  const about = 'the client id'
  const asked = (['id-token', 'signed-id-token'] as const).find(
    (one) => !isAbsent(refreshes.get(one)),
  )
  if (asked === undefined) {
    const change = {
      en: 'check that ONEACCESS_DOMAIN is the tenant, and see the login version below',
      zh: '请确认 ONEACCESS_DOMAIN 是租户的地址，并参考下面“登录接口版本”的检查结果',
    }
    return warning(
      about,
      {
        en: 'cannot be checked: the tenant has no SDK refresh call',
        zh: '无法检查：租户没有 SDK 刷新接口',
      },
      change,
    )
  }
  const refusal = refreshes.get(asked)
  if (isExpired(refusal))
    return ok(about, { en: 'is known to OneAccess', zh: '已在 OneAccess 注册' })
  const change =
    refusal?.code === 'misconfigured'
      ? {
          en: 'copy ONEACCESS_CLIENT_ID again, and check that the application is enabled and its authentication integration is SDK/API',
          zh: '请重新复制 ONEACCESS_CLIENT_ID，并确认应用已启用，认证集成方式是 SDK/API',
        }
      : undefined
  return unexpectedRefusal(about, refusal, change)
}

/** Which of the three the tenant has, and whether the chosen one is among them. */
export function checkRefreshes(refreshes: Refreshes, chosen: RefreshWith): Finding {
  const about = 'the refresh call'
  if (!refreshes.has(chosen)) {
    return skipped(about, {
      en: 'not checked, because the API credential is refused',
      zh: '未检查，因为访问凭据被拒绝',
    })
  }
  const there = [...refreshes.keys()].filter((one) => !isAbsent(refreshes.get(one)))
  const has = {
    en: `the tenant has ${there.length === 0 ? 'no refresh call' : there.join(', ')}`,
    zh: `租户${there.length === 0 ? '不支持任何一种' : `支持 ${there.join('、')}`}`,
  }
  const refusal = refreshes.get(chosen)
  if (isExpired(refusal))
    return ok(about, { en: `${chosen} exists; ${has.en}`, zh: `支持 ${chosen}；${has.zh}` })
  if (!isAbsent(refusal)) return judgeTenantCall(about, refusal)
  const change =
    there[0] === undefined
      ? {
          en: 'check that ONEACCESS_DOMAIN is the tenant',
          zh: '请确认 ONEACCESS_DOMAIN 是租户的地址',
        }
      : {
          en: `set ONEACCESS_REFRESH_WITH=${there[0]}`,
          zh: `请设置 ONEACCESS_REFRESH_WITH=${there[0]}`,
        }
  return error(
    about,
    {
      en: `${chosen} does not exist (HTTP ${refusal?.httpStatus}); ${has.en}`,
      zh: `不支持 ${chosen}（HTTP ${refusal?.httpStatus}）；${has.zh}`,
    },
    change,
  )
}
