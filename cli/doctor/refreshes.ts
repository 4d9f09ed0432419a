import type { OneAccessError } from '../../lib/errors.js'
import { REFRESH_WITH, type RefreshWith } from '../../lib/oneaccess/refresh-with.js'
import { error, type Finding, ok, skipped, warning } from './finding.js'
import { isAbsent, isOver, judgeTenantCall, oddRefusal } from './judge.js'
import { invented, type Line, refusalOf } from './line.js'

/** How each refresh call refused an invented session token; what was not asked is not in it. */
export type Refreshes = ReadonlyMap<RefreshWith, OneAccessError | undefined>

/** Asks all three; the one with a bearer only where the API credential is taken. */
export async function askForRefreshes(
  line: Line,
  auth: 'body' | 'basic' | undefined,
): Promise<Refreshes> {
  const refusals = new Map<RefreshWith, OneAccessError | undefined>()
  for (const refreshWith of REFRESH_WITH) {
    if (refreshWith === 'session-token' && auth === undefined) continue
    const credential = { ...line.settings.credential, auth: auth ?? 'body' }
    const client = line.client({ refreshWith, credential })
    refusals.set(refreshWith, await refusalOf(client.refresh(invented(), line.context)))
  }
  return refusals
}

/** A tenant that knows the client id refuses an invented session token, and not the client. */
export function lookAtApplication(refreshes: Refreshes): Finding {
  const about = 'the client id'
  const asked = (['id-token', 'signed-id-token'] as const).find(
    (one) => !isAbsent(refreshes.get(one)),
  )
  if (asked === undefined) {
    const change = 'see that ONEACCESS_DOMAIN is the tenant; the login call below tells more'
    return warning(about, 'cannot be asked for: the tenant has no SDK refresh call', change)
  }
  const refusal = refreshes.get(asked)
  if (isOver(refusal)) return ok(about, 'is known to OneAccess')
  const change = refusal?.code === 'misconfigured' ? 'copy ONEACCESS_CLIENT_ID again' : undefined
  return oddRefusal(about, refusal, change)
}

/** Which of the three the tenant has, and whether the chosen one is among them. */
export function lookAtRefreshes(refreshes: Refreshes, chosen: RefreshWith): Finding {
  const about = 'the refresh call'
  if (!refreshes.has(chosen)) {
    return skipped(about, 'not asked for, because the API credential is refused')
  }
  const there = [...refreshes.keys()].filter((one) => !isAbsent(refreshes.get(one)))
  const has = `the tenant has ${there.length === 0 ? 'none of them' : there.join(', ')}`
  const refusal = refreshes.get(chosen)
  if (isOver(refusal)) return ok(about, `${chosen} is there; ${has}`)
  if (!isAbsent(refusal)) return judgeTenantCall(about, refusal)
  const change =
    there[0] === undefined
      ? 'see that ONEACCESS_DOMAIN is the tenant'
      : `set ONEACCESS_REFRESH_WITH=${there[0]}`
  return error(about, `${chosen} is not there (HTTP ${refusal?.httpStatus}); ${has}`, change)
}
