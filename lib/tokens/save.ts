import { OneAccessError } from '../errors.js'
import { sleep } from '../util/timers.js'
import { endedError } from './backoff.js'
import { publish } from './events.js'
import type { Versioned } from './record.js'
import { isDeliberate, publicNameOf, TOMBSTONE_LIFE, type TokenRecord } from './record.js'
import { MOST_WRITES, type TokenRepository } from './repository.js'
import { storeFailed } from './store-errors.js'

/** A refresh that OneAccess has answered. */
export interface Renewal {
  /** The record to use: saved, or held by this process because the store is down. */
  usable: Promise<TokenRecord>
  /** Settles when it has been saved, or never will be. */
  saved: Promise<unknown>
}

/** Saves before anything else happens. If the store is down, this process serves the record and retries. */
export function save(
  records: TokenRepository,
  id: string,
  marked: Versioned,
  renewed: TokenRecord,
): Renewal {
  const first = saveOnce(records, id, marked, renewed)
  const usable = first.catch((error: unknown) => {
    if (!isStoreFailure(error)) throw error
    records.hold(id, renewed)
    publish.save({ login: publicNameOf(id), outcome: 'held' })
    return renewed
  })
  const saved = first.catch(async (error: unknown) => {
    if (isStoreFailure(error)) await saveLater(records, id, marked, renewed)
  })
  return { usable, saved }
}

/**
 * In milliseconds: half as long as a logout is remembered, because a save after that could not know
 * about it.
 */
const TRY_FOR = TOMBSTONE_LIFE / 2

async function saveLater(
  records: TokenRepository,
  id: string,
  marked: Versioned,
  renewed: TokenRecord,
): Promise<void> {
  let outcome: 'saved' | 'given_up' = 'given_up'
  try {
    const until = Date.now() + TRY_FOR
    for (let tries = 0; Date.now() < until; tries++) {
      await sleep(Math.min(50 * 2 ** tries, 2_000) * (0.5 + Math.random() / 2))
      if (records.known(id)?.ended) return
      try {
        await saveOnce(records, id, marked, renewed)
        outcome = 'saved'
        return
      } catch (error) {
        if (!isStoreFailure(error)) return
      }
    }
  } finally {
    records.letGo(id)
    publish.save({ login: publicNameOf(id), outcome })
  }
}

async function saveOnce(
  records: TokenRepository,
  id: string,
  marked: Versioned,
  renewed: TokenRecord,
): Promise<TokenRecord> {
  const presented = marked.record.sessionToken
  let base = marked
  for (let tries = 0; tries < MOST_WRITES; tries++) {
    const written = await records.replace(id, base.version, renewed)
    if (written) return renewed
    const there = await records.readToWrite(id)
    const { ended, sessionToken, refreshedAt } = there.record
    if (ended && isDeliberate(ended.reason)) throw endedError(ended.reason)
    const ours = sessionToken === renewed.sessionToken && refreshedAt >= renewed.refreshedAt
    const theirs = sessionToken !== presented && sessionToken !== renewed.sessionToken
    if (!ended && (ours || theirs)) return there.record
    base = there
  }
  throw storeFailed('the record changed too often to be saved')
}

function isStoreFailure(error: unknown): boolean {
  return error instanceof OneAccessError && error.code === 'store_failed'
}
