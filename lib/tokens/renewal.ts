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
import { MOST_WRITES, type TokenRepository } from './repository.js'
import { type Renewal, save } from './save.js'
import { storeFailed } from './store-errors.js'

/** What a refresh call works with. */
export interface RenewalTools {
  records: TokenRepository
  client: OneAccessClient
  /** The option `refreshBefore`. */
  refreshBefore: number | undefined
  /** After a refusal: milliseconds that another process has to save the new token that it may hold. */
  saveTime: number
}

/**
 * Presents the session token of `current` to OneAccess, under the lease of `owner`. Undefined if the
 * record changed before the call was sent.
 *
 * If the call may replace the session token, the mark `presented` is written first: a process that finds
 * it knows that the token may have been replaced in a response that was never saved.
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
    const renewed = { ...unknownFieldsOf(record), ...keepKnownExpiry(record, answered), generation }
    const { idToken, idTokenError } = answer
    const next = idToken ? renewed : withoutToken(record, renewed, idTokenError)
    return save(records, id, marked, next)
  } catch (error) {
    const usable = afterFailure(tools, id, record, marked, error)
    return { usable, saved: usable }
  }
}

/** A refresh must never save the tokens of another user. */
function isSamePerson(answer: SessionResponse, { userID }: TokenRecord): boolean {
  return userID === undefined || answer.userID === undefined || answer.userID === userID
}

/** If the response keeps the session token and does not say when it expires, the known expiry stays. */
function keepKnownExpiry(old: TokenRecord, renewed: TokenRecord): TokenRecord {
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
  const presented = replaceMark(record.presented, owner, records.process)
  return records.replace(id, version, { ...record, presented })
}

/** The mark of this presentation, replacing that of an earlier one without a result. */
function replaceMark(
  former: Presentation | undefined,
  owner: string,
  process: string,
): Presentation {
  if (former === undefined) return { by: owner }
  // a refused token is dead, so if a process replaced it, it did so before that
  if (former.refusedAt !== undefined) return former
  return { by: former.by.startsWith(process) ? owner : 'several' }
}

/** Keeps a new session token even if the response had no usable id_token. */
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
 * Records a failed call. Resolves with the record if another process has refreshed it. If the store fails
 * now, the mark stays, which is the safe assumption.
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
 * OneAccess no longer knows the session token. Either the session has ended, or another process has
 * replaced this token: it has saved the new one by now, or it cannot reach the store and is given
 * some time to. The same time is given after a failover, which may have lost both the new token and
 * the mark. Ends the record only at the version that was read, so that a refresh saved in between
 * survives.
 */
async function afterRefusal(
  { records, saveTime }: RenewalTools,
  id: string,
  record: TokenRecord,
  marked: Versioned,
  { setback, failure }: { setback: Backoff; failure: OneAccessError },
): Promise<TokenRecord> {
  const isOwn = ({ by }: Presentation) =>
    by.startsWith(records.process) && !records.recent.mayBeLost
  for (let tries = 0; tries < MOST_WRITES; tries++) {
    const { version, record: there } = await records.readToWrite(id)
    if (there.ended) throw endedError(there.ended.reason)
    if (isRenewed(there, record)) return there
    const mark = there.presented
    if (mark && !isOwn(mark) && Date.now() - (mark.refusedAt ?? Date.now()) <= saveTime) {
      const refusedAt = mark.refusedAt ?? Date.now()
      const next = {
        ...there,
        presented: { ...mark, refusedAt },
        // an attempt before that time is over could not tell more
        setback: { ...setback, notBefore: refusedAt + saveTime + 1 },
      }
      if (await records.replace(id, version, next)) throw failure
    } else {
      const mayHaveRotated = record.presented ?? (mark?.by !== marked.record.presented?.by && mark)
      const reason = mayHaveRotated ? 'rotation_lost' : 'refused'
      if (await records.endAt(id, version, reason)) throw endedError(reason)
    }
  }
  throw storeFailed('the record changed too often to be ended')
}

/** Whether the record has been refreshed since; OneAccess may have kept the session token. */
function isRenewed(there: TokenRecord, old: TokenRecord): boolean {
  return there.sessionToken !== old.sessionToken || there.refreshedAt > old.refreshedAt
}
