import { type OneAccessError, unexpectedAnswer } from '../errors.js'
import type { OneAccessClient } from '../oneaccess/client.js'
import type { SessionResponse } from '../oneaccess/responses.js'
import { wrongUserError } from '../oneaccess/user.js'
import { backoffAfter, endedError, failureKindOf, renewalFailed } from './backoff.js'
import type { Versioned } from './record.js'
import {
  type Backoff,
  callContextOf,
  type Presentation,
  recordOf,
  type TokenRecord,
} from './record.js'
import { unknownFieldsOf } from './record-format.js'
import type { TokenRepository } from './repository.js'
import { type Renewal, save } from './save.js'

/** What a renewal works with. */
export interface RenewalTools {
  records: TokenRepository
  client: OneAccessClient
  /** Milliseconds before its end at which an id_token is renewed, if the app sets it. */
  refreshBefore: number | undefined
  /** Milliseconds that another process has, once its token is refused, to save the one that it may hold. */
  patience: number
}

/**
 * Presents the session token of `current`, under the lease of `owner`. Undefined when the record
 * changed before the call was sent.
 *
 * Where the call may replace the session token, the mark `presented` is written first: whoever
 * finds it knows that the token may have been replaced by an answer that was never saved.
 */
export async function renew(
  tools: RenewalTools,
  id: string,
  current: Versioned,
  owner: string,
): Promise<Renewal | undefined> {
  const { records, client, refreshBefore } = tools
  const { record } = current
  const marked = client.rotates ? await mark(records, id, current, owner) : current
  if (marked === undefined) return undefined
  try {
    const answer = await client.refresh(record.sessionToken, callContextOf(record))
    if (!isSamePerson(answer, record)) throw wrongUserError('refresh')
    const answered = recordOf(answer, callContextOf(record), refreshBefore, record.userID)
    const generation = (record.generation ?? 0) + 1
    const renewed = { ...unknownFieldsOf(record), ...withEnd(record, answered), generation }
    const { idToken, idTokenError } = answer
    const next = idToken ? renewed : withoutToken(record, renewed, idTokenError)
    return save(records, id, marked, next)
  } catch (error) {
    const usable = afterFailure(tools, id, record, marked, error)
    return { usable, saved: usable }
  }
}

/** What a refresh brings is never saved for somebody else. */
function isSamePerson(answer: SessionResponse, { userID }: TokenRecord): boolean {
  return userID === undefined || answer.userID === undefined || answer.userID === userID
}

/** An answer that leaves the session token as it is, and says nothing of its end, leaves that too. */
function withEnd(old: TokenRecord, renewed: TokenRecord): TokenRecord {
  const { sessionToken, sessionExpiresAt } = old
  if (renewed.sessionToken !== sessionToken || sessionExpiresAt === undefined) return renewed
  return { sessionExpiresAt, ...renewed }
}

function mark(
  records: TokenRepository,
  id: string,
  { version, record }: Versioned,
  owner: string,
): Promise<Versioned | undefined> {
  const presented = markOver(record.presented, owner, records.process)
  return records.replace(id, version, { ...record, presented })
}

/** The mark of this presentation, over that of an earlier one that has come to nothing. */
function markOver(former: Presentation | undefined, owner: string, process: string): Presentation {
  if (former === undefined) return { by: owner }
  // once refused the token is dead, so whoever has replaced it did so before
  if (former.refusedAt !== undefined) return former
  return { by: former.by.startsWith(process) ? owner : 'several' }
}

/** A new session token is kept, though the answer had no id_token, or none that may be used. */
function withoutToken(
  old: TokenRecord,
  renewed: TokenRecord,
  error = unexpectedAnswer('refresh', 'id_token', 'is missing'),
): TokenRecord {
  const { idToken, expiresAt, refreshAt, refreshedAt } = old
  const kept = { ...renewed, idToken, expiresAt, refreshAt, refreshedAt } as TokenRecord
  return { ...kept, setback: backoffAfter(old, error) }
}

/**
 * What a failed call leaves behind. Resolves with the record if somebody else has renewed it.
 * Should the store fail now, only the mark stays, which is the careful reading.
 */
async function afterFailure(
  tools: RenewalTools,
  id: string,
  record: TokenRecord,
  marked: Versioned,
  error: unknown,
): Promise<TokenRecord> {
  const { records } = tools
  const kind = failureKindOf(error)
  const setback = backoffAfter(record, error)
  const failure = renewalFailed(setback, error)
  if (kind === 'definitive') {
    return afterRefusal(tools, id, record, marked, { setback, failure })
  }
  const { presented, ...unmarked } = marked.record
  const unused = kind === 'transient' && record.presented === undefined
  const next = { ...(unused ? unmarked : marked.record), setback }
  const noted = await records.replace(id, marked.version, next).catch(() => marked)
  const there = noted ?? (await records.readToWrite(id))
  if (!there.record.ended && isRenewed(there.record, record)) return there.record
  throw failure
}

/**
 * OneAccess no longer knows the session token. Either the session is over, or this token was replaced by
 * an answer that somebody else has: saved by now, or held by a process that cannot reach the store and
 * is given some patience. So is everybody after a failover, which may have lost what was saved, and the
 * mark with it. Looks and ends in one step, so that no renewal saved in between is buried.
 */
async function afterRefusal(
  { records, patience }: RenewalTools,
  id: string,
  record: TokenRecord,
  marked: Versioned,
  { setback, failure }: { setback: Backoff; failure: OneAccessError },
): Promise<TokenRecord> {
  const isOwn = ({ by }: Presentation) =>
    by.startsWith(records.process) && !records.recent.mayBeLost
  for (;;) {
    const { version, record: there } = await records.readToWrite(id)
    if (there.ended) throw endedError(there.ended.reason)
    if (isRenewed(there, record)) return there
    const mark = there.presented
    if (mark && !isOwn(mark) && Date.now() - (mark.refusedAt ?? Date.now()) <= patience) {
      const refusedAt = mark.refusedAt ?? Date.now()
      const next = {
        ...there,
        presented: { ...mark, refusedAt },
        // the next look is the last: nothing is gained by another before
        setback: { ...setback, notBefore: refusedAt + patience + 1 },
      }
      if (await records.replace(id, version, next)) throw failure
    } else {
      const doubted = record.presented ?? (mark?.by !== marked.record.presented?.by && mark)
      const reason = doubted ? 'rotation_lost' : 'refused'
      if (await records.endAt(id, version, reason)) throw endedError(reason)
    }
  }
}

/** Whether somebody has renewed the record since; OneAccess may have left the session token as it was. */
function isRenewed(there: TokenRecord, old: TokenRecord): boolean {
  return there.sessionToken !== old.sessionToken || there.refreshedAt > old.refreshedAt
}
