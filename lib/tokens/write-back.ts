import type { Versioned } from './record.js'
import { hasExpired, isDeliberate, isLaterThan } from './record.js'

/**
 * Whether to overwrite the stored record with the one that this process knows. After a failover
 * that loses the last writes, a store may hold an older record. Its session token may have been
 * replaced, and is then dead: using it would log the user out.
 *
 * Versions do not decide: another process may have written more often since, based on the old record.
 *
 * Never overwrites a tombstone or another user's record. A missing record is created again only if no
 * other process uses the store, so that this one would know about a logout.
 */
export function shouldRestore(mine: Versioned, found: Versioned, isExclusive: boolean): boolean {
  const { ended } = found.record
  if (ended?.reason === 'missing') {
    return isExclusive && !mine.record.ended && !hasExpired(mine.record)
  }
  if (ended) return false
  if (mine.record.ended) {
    return isDeliberate(mine.record.ended.reason) || found.version < mine.version
  }
  return mine.record.userID === found.record.userID && isLaterThan(mine.record, found.record)
}
