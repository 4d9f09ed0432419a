import { OneAccessError } from '../errors.js'

/** The error for a store that did not do its work. `error` is what it threw. */
export function storeFailed(detail: string, error?: unknown): OneAccessError {
  return new OneAccessError('store_failed', {
    step: 'store',
    status: 503,
    detail,
    retryAfter: 1,
    hint: 'the token store is unavailable: check it, and see cause; nobody was logged out',
    cause: error === undefined ? undefined : kindOf(error),
  })
}

/** Why what lies in the store cannot be read here. */
export type UnreadableReason = 'sealed' | 'newer' | 'damaged'

/**
 * The error for a record that this process cannot read. It is no end of a login: another process, or
 * this one with the right settings, can read it.
 */
export function unreadableRecord(reason: UnreadableReason, detail: string): OneAccessError {
  const hints: Record<UnreadableReason, string> = {
    sealed:
      'add the secret that sealed it to tokenStore.secret in every process (docs/production.md, section 6)',
    newer:
      'a newer release wrote it: finish that deployment, or roll back as docs/upgrading.md describes',
    damaged: 'find out what else writes to the token store; a logout removes the record',
  }
  return new OneAccessError(reason === 'damaged' ? 'store_failed' : 'misconfigured', {
    step: 'store',
    status: 503,
    detail: `a record cannot be read: ${detail}`,
    retryAfter: 30,
    hint: `${hints[reason]}; nobody was logged out`,
  })
}

/**
 * The name of a store's error and its code, such as `ReplyError NOPERM` or `DatabaseError 22001`.
 * Nothing else of it: messages repeat keys and values.
 */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const { code, message } = error as Error & { code?: unknown }
  const [leading] = /^([A-Z]{3,24}|[0-9A-Z]{5})(?=[ :]|$)/.exec(message) ?? []
  const told = typeof code === 'string' && /^[A-Z0-9_]{2,40}$/.test(code) ? code : leading
  const name = /^\w{1,40}$/.test(error.name) ? error.name : 'Error'
  return told === undefined ? name : `${name} ${told}`
}
