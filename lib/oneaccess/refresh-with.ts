/**
 * Which of the three documented calls refreshes an id_token.
 * - `id-token`: CIAM's `POST /api/v2/sdk/sso/session-token/id-token`; may also renew the session token.
 * - `session-token`: OneAccess's `POST /api/v2/tenant/sso/session-token/refresh`, with the API
 *   credential; always renews the session token.
 * - `signed-id-token`: OneAccess's `POST /api/v2/sdk/session-token/refresh-id-token`, signed with
 *   the app's public key; leaves the session token and its expiry as they are.
 */
export type RefreshWith = 'id-token' | 'session-token' | 'signed-id-token'

export const REFRESH_PATHS: Readonly<Record<RefreshWith, string>> = {
  'id-token': '/api/v2/sdk/sso/session-token/id-token',
  'session-token': '/api/v2/tenant/sso/session-token/refresh',
  'signed-id-token': '/api/v2/sdk/session-token/refresh-id-token',
}

/** The default first. */
export const REFRESH_WITH = Object.keys(REFRESH_PATHS) as [RefreshWith, ...RefreshWith[]]

/** The other values of `refreshWith` to try on a tenant that does not have this path. */
export function otherRefreshCalls(path: string): RefreshWith[] {
  const isUnsigned = path === REFRESH_PATHS['id-token'] || path === REFRESH_PATHS['session-token']
  const missing = isUnsigned ? path : REFRESH_PATHS['signed-id-token'] // that call, or what it is signed with
  return REFRESH_WITH.filter((one) => REFRESH_PATHS[one] !== missing)
}

/** Whether this call may replace the session token. */
export function mayRotate(refreshWith: RefreshWith): boolean {
  return refreshWith !== 'signed-id-token'
}
