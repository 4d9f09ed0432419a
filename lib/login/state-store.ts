import { updateText } from '../tokens/compare-and-set.js'
import type { TokenRepository } from '../tokens/repository.js'
import { isSameHash, randomHex, sha256 } from '../util/digest.js'
import { isObject, parseJson } from '../util/json.js'

/** A login that a user has started and not finished. */
interface Attempt {
  /** Hash of `state`, so that reading the store gives no access to it. */
  hash: string
  at: number
  spentAt?: number
  /** The app's own value, kept on the server. */
  value?: unknown
  /** What it was started for, so that no other route accepts it; undefined for a plain login. */
  purpose?: string | undefined
}

/** The result of spending a `state`. */
type SpendResult =
  /** `isFormer`: it was started in a session that a login has replaced since. */
  | { outcome: 'valid'; isFormer?: true; value?: unknown; purpose?: string }
  | { outcome: 'spent' | 'expired' | 'unknown' }

/** How many attempts may be open in one session; beyond that, the oldest is dropped. */
export const MOST_OPEN = 8

/** The maximum size of the app's own value, in bytes of JSON. */
const LARGEST_VALUE = 4_096

/**
 * Stores the login attempts of a browser session in a separate record: express-session saves a session
 * as a whole and the last writer wins, so one of two tabs that start at the same time would lose its
 * attempt. Spending an attempt is a compare-and-set, so only one delivery of a callback succeeds, no
 * matter how many processes there are.
 */
export class StateStore {
  readonly #records: TokenRepository
  readonly #ttl: number

  constructor(records: TokenRepository, ttl: number) {
    this.#records = records
    this.#ttl = ttl
  }

  /** Stores a new attempt and returns its `state`: 40 hex digits, which Alipay accepts by any reading of its documentation (docs/wire.md#alipays-consent-page). */
  async open(session: string, value?: unknown, purpose?: string): Promise<string> {
    if (value !== undefined && Buffer.byteLength(jsonOf(value)) > LARGEST_VALUE) {
      throw wrongState(`must be at most ${LARGEST_VALUE} bytes of JSON`)
    }
    const state = randomHex()
    const attempt = { hash: sha256(state), at: Date.now(), value, purpose }
    // usually it is the only attempt of its session, and can be written without a read
    const { key, life } = this.#placeOf(session)
    if (await this.#records.replaceText(key, 0, JSON.stringify([attempt]), life)) return state
    await this.#change(session, (all) => {
      const open = all.filter((one) => one.spentAt === undefined)
      const spent = all.filter((one) => one.spentAt !== undefined)
      return [...spent.slice(1 - MOST_OPEN), ...open.slice(1 - MOST_OPEN), attempt]
    })
    return state
  }

  /** Spends an attempt in any of these sessions of one browser. */
  async spend(sessions: readonly string[], state: string): Promise<SpendResult> {
    const hash = sha256(state)
    for (const [n, session] of sessions.entries()) {
      const found = await this.#spendIn(session, hash)
      if (found.outcome === 'valid') return n > 0 ? { ...found, isFormer: true } : found
      if (found.outcome !== 'unknown') return found
    }
    return { outcome: 'unknown' }
  }

  async #spendIn(session: string, hash: string): Promise<SpendResult> {
    let result: SpendResult = { outcome: 'unknown' }
    await this.#change(session, (all) => {
      const found = all.find((one) => isSameHash(one.hash, hash))
      result = this.#outcomeOf(found)
      if (result.outcome !== 'valid') return undefined
      return all.map((one) => (one === found ? asSpent(one) : one))
    })
    return result
  }

  #outcomeOf(attempt: Attempt | undefined): SpendResult {
    if (attempt === undefined) return { outcome: 'unknown' }
    if (attempt.spentAt !== undefined) return { outcome: 'spent' }
    if (Date.now() - attempt.at > this.#ttl) return { outcome: 'expired' }
    const { value, purpose } = attempt
    return purpose === undefined
      ? { outcome: 'valid', value }
      : { outcome: 'valid', value, purpose }
  }

  /** Repeats the compare-and-set until it succeeds; `undefined` changes nothing. */
  #change(session: string, change: (all: Attempt[]) => Attempt[] | undefined): Promise<unknown> {
    return updateText(this.#records, this.#placeOf(session), (text) => {
      const changed = change(text === undefined ? [] : attemptsIn(text))
      return changed && JSON.stringify(changed)
    })
  }

  /** Kept twice as long as an attempt lives, so that a late callback fails with state_expired. */
  #placeOf(session: string): { key: string; life: number } {
    return { key: `attempts:${session}`, life: 2 * this.#ttl }
  }
}

/** A spent attempt no longer needs its value. */
function asSpent({ hash, at }: Attempt): Attempt {
  return { hash, at, spentAt: Date.now() }
}

function jsonOf(value: unknown): string {
  let json: string | undefined
  try {
    json = JSON.stringify(value)
  } catch {
    // circular, or contains a BigInt
  }
  if (json === undefined) throw wrongState('must be JSON-serializable')
  return json
}

function wrongState(what: string): TypeError {
  return new TypeError(`authenticate: option state ${what}`)
}

function attemptsIn(text: string): Attempt[] {
  try {
    const parsed = parseJson(text)
    return Array.isArray(parsed) ? parsed.filter(isAttempt) : []
  } catch {
    return []
  }
}

function isAttempt(value: unknown): value is Attempt {
  return isObject(value) && typeof value.hash === 'string' && typeof value.at === 'number'
}
