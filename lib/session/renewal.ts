import { OneAccessError } from '../errors.js'
import type { OneAccessClient } from '../oneaccess/client.js'
import { contextOf, type EndReason, isTakenBack, recordOf, type TokenRecord } from './record.js'
import type { Records, Versioned } from './records.js'
import { endedError, MOST_REFUSALS, setbackAfter, setbackError, verdictOn } from './setback.js'
import { sleep } from './sleep.js'

/** A renewal that OneAccess has answered. */
export interface Renewal {
  /** The record that can be used now; saved, or held by this process because the store is down. */
  usable: Promise<TokenRecord>
  /** Settles when the store has it, or when it never will. */
  saved: Promise<unknown>
}

/** What a renewal works with. */
export interface RenewalTools {
  records: Records
  client: OneAccessClient
  /** Milliseconds before its end at which an id_token is renewed, if the app sets it. */
  refreshBefore: number | undefined
  /** Milliseconds for which the mark of another process may stand for an answer on its way. */
  patience: number
}

/**
 * Presents the session token of `current`, under the lease of `owner`. Undefined when the record
 * changed before the call was sent.
 *
 * The mark `presented` is written first: whoever finds it knows that the token may have been
 * replaced by an answer that was never saved.
 */
export async function renew(
  tools: RenewalTools,
  id: string,
  current: Versioned,
  owner: string,
): Promise<Renewal | undefined> {
  const { records, client, refreshBefore } = tools
  const { record } = current
  const presented = record.presented ?? { by: owner, at: Date.now() }
  const marked = await records.replace(id, current.version, { ...record, presented })
  if (marked === undefined) return undefined
  try {
    const answer = await client.refresh(record.sessionToken, contextOf(record))
    const renewed = recordOf(answer, contextOf(record), refreshBefore)
    return save(records, id, marked, answer.idToken ? renewed : withoutToken(record, renewed))
  } catch (error) {
    const usable = afterFailure(tools, id, record, marked, error)
    return { usable, saved: usable }
  }
}

/** A new session token is kept, though the answer lacked the id_token that was asked for. */
function withoutToken(old: TokenRecord, renewed: TokenRecord): TokenRecord {
  const { idToken, expiresAt, refreshAt } = old
  const kept = idToken === undefined ? {} : { idToken, expiresAt, refreshAt }
  const error = new OneAccessError('unexpected_answer', { step: 'refresh', status: 502, hint: '' })
  const next = { ...renewed, ...kept, refreshedAt: old.refreshedAt } as TokenRecord
  return { ...next, setback: setbackAfter(old, error) }
}

/** The other half of save-first: a store that is down is retried, and meanwhile this process serves. */
function save(records: Records, id: string, marked: Versioned, renewed: TokenRecord): Renewal {
  const first = saveOnce(records, id, marked, renewed)
  const usable = first.catch((error: unknown) => {
    if (!isStoreFailure(error)) throw error
    records.hold(id, renewed)
    return renewed
  })
  const saved = first.catch(async (error: unknown) => {
    if (isStoreFailure(error)) await saveLater(records, id, marked, renewed)
  })
  return { usable, saved }
}

/** An hour of trying, every 2 seconds at the end. */
const MOST_SAVES = 1_800

async function saveLater(
  records: Records,
  id: string,
  marked: Versioned,
  renewed: TokenRecord,
): Promise<void> {
  try {
    for (let tries = 0; tries < MOST_SAVES; tries++) {
      await sleep(Math.min(50 * 2 ** tries, 2_000) * (0.5 + Math.random() / 2))
      if (records.known(id)?.ended) return
      try {
        await saveOnce(records, id, marked, renewed)
        return
      } catch (error) {
        if (!isStoreFailure(error)) return
      }
    }
  } finally {
    records.letGo(id)
  }
}

async function saveOnce(
  records: Records,
  id: string,
  marked: Versioned,
  renewed: TokenRecord,
): Promise<TokenRecord> {
  const presented = marked.record.sessionToken
  let base = marked
  for (;;) {
    const written = await records.replace(id, base.version, renewed)
    if (written) return renewed
    const there = await records.read(id)
    const { ended, sessionToken, refreshedAt } = there.record
    if (ended && !isTakenBack(ended.reason)) throw endedError(ended.reason)
    const ours = sessionToken === renewed.sessionToken && refreshedAt >= renewed.refreshedAt
    const theirs = sessionToken !== presented && sessionToken !== renewed.sessionToken
    if (!ended && (ours || theirs)) return there.record
    base = there
  }
}

async function afterFailure(
  { records, patience }: RenewalTools,
  id: string,
  record: TokenRecord,
  marked: Versioned,
  error: unknown,
): Promise<TokenRecord> {
  const verdict = verdictOn(error)
  const setback = setbackAfter(record, error)
  const { presented: mark, ...unmarked } = marked.record
  const doubt = record.presented
  if (verdict === 'definitive') {
    if (!doubt || doubt.by.startsWith(records.process) || Date.now() - doubt.at > patience) {
      return endUnlessRenewed(records, id, record, doubt ? 'rotation_lost' : 'refused')
    }
    // another process may hold the answer that replaced this token, and still save it
  } else if (verdict === 'bounded' && setback.count >= MOST_REFUSALS) {
    return endUnlessRenewed(records, id, record, doubt ? 'rotation_lost' : 'refused')
  }
  const certain = verdict === 'transient' && doubt === undefined
  const next = certain ? unmarked : { ...unmarked, ...(mark ? { presented: mark } : {}) }
  // should the store fail now, only the mark stays, which is the careful reading
  await records.replace(id, marked.version, { ...next, setback }).catch(() => {})
  throw verdict === 'definitive' ? (setbackError({ ...record, setback }) ?? error) : error
}

/** Looks and ends in one step: a renewal that is saved between the two must not be buried. */
async function endUnlessRenewed(
  records: Records,
  id: string,
  refused: TokenRecord,
  reason: EndReason,
): Promise<TokenRecord> {
  for (;;) {
    const { version, record: there } = await records.read(id)
    if (there.ended) throw endedError(there.ended.reason)
    if (isRenewed(there, refused)) return there
    if (await records.endAt(id, version, reason)) throw endedError(reason)
  }
}

/** Whether somebody has renewed the record since; OneAccess may have left the session token as it was. */
function isRenewed(there: TokenRecord, old: TokenRecord): boolean {
  return there.sessionToken !== old.sessionToken || there.refreshedAt > old.refreshedAt
}

function isStoreFailure(error: unknown): boolean {
  return error instanceof OneAccessError && error.code === 'store_failed'
}
