import type { Versioned } from './record.js'
import { isDeliberate, isLaterThan, isOver } from './record.js'

/**
 * Whether what this process knows of a record is to be written over what the store has. A store that
 * goes back in time (a failover that loses the last writes, a replica made master) does not win: a
 * session token that was replaced is dead, and the record that names it would log the person out.
 *
 * Versions do not tell: whoever has worked with what came back may have written more often since.
 *
 * Never over a tombstone, nor over a record of somebody else; and a record that is missing is made
 * again only where this process alone uses the store, and so would know of a logout.
 */
export function shouldRestore(mine: Versioned, found: Versioned, isExclusive: boolean): boolean {
  const { ended } = found.record
  if (ended?.reason === 'missing') {
    return isExclusive && !mine.record.ended && !isOver(mine.record)
  }
  if (ended) return false
  if (mine.record.ended) {
    return isDeliberate(mine.record.ended.reason) || found.version < mine.version
  }
  return mine.record.userID === found.record.userID && isLaterThan(mine.record, found.record)
}
