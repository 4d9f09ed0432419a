import { updateText } from '../tokens/compare-and-set.js'
import type { TokenRepository } from '../tokens/repository.js'
import { isSameHash, randomHex, sha256 } from '../util/digest.js'
import { isObject, parseJson } from '../util/json.js'

/** A login that a person has begun and not finished. */
interface Attempt {
  /** Hash of `state`, so that reading the store opens nothing. */
  hash: string
  at: number
  spentAt?: number
  /** The app's own value, kept on the server. */
  value?: unknown
  /** What it was begun for, so that no other route takes it; undefined for the usual login. */
  purpose?: string | undefined
}

/** What became of a `state` that came back. */
export type SpendResult =
  /** `isFormer`: it was begun in a session that a login has replaced since. */
  | { outcome: 'valid'; isFormer?: true; value?: unknown; purpose?: string }
  | { outcome: 'spent' | 'expired' | 'unknown' }

/** So many attempts may be open in one session; the oldest goes. */
export const MOST_OPEN = 8

/** An app's own value may be so large, as JSON. */
const LARGEST_VALUE = 4_096

/**
 * The login attempts of one browser session, in a record of their own: express-session saves a
 * session whole, and the last writer wins, so of two tabs that begin at once one would be lost if
 * attempts were kept in the session. Spending one is a compare-and-set, so a callback that arrives
 * twice is the first only once, in however many processes.
 */
export class StateStore {
  readonly #records: TokenRepository
  readonly #ttl: number

  constructor(records: TokenRepository, ttl: number) {
    this.#records = records
    this.#ttl = ttl
  }

  /** Remembers a new attempt; answers its `state`: 40 hex digits, safe in every reading of docs/wire.md#alipays-consent-page. */
  async open(session: string, value?: unknown, purpose?: string): Promise<string> {
    if (value !== undefined && Buffer.byteLength(jsonOf(value)) > LARGEST_VALUE) {
      throw wrongState(`must be at most ${LARGEST_VALUE} bytes of JSON`)
    }
    const state = randomHex()
    const attempt = { hash: sha256(state), at: Date.now(), value, purpose }
    // mostly it is the only one of its session, which need not be read to be written
    const { key, life } = this.#placeOf(session)
    if (await this.#records.replaceText(key, 0, JSON.stringify([attempt]), life)) return state
    await this.#change(session, (all) => {
      const open = all.filter((one) => one.spentAt === undefined)
      const spent = all.filter((one) => one.spentAt !== undefined)
      return [...spent.slice(1 - MOST_OPEN), ...open.slice(1 - MOST_OPEN), attempt]
    })
    return state
  }

  /** Spends an attempt of any of these sessions, which are one browser's, before anything else is looked at. */
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
    return { outcome: 'valid', value, ...(purpose === undefined ? {} : { purpose }) }
  }

  /** Compare-and-set until it holds; `undefined` leaves everything as it is. */
  #change(session: string, change: (all: Attempt[]) => Attempt[] | undefined): Promise<unknown> {
    return updateText(this.#records, this.#placeOf(session), (text) => {
      const changed = change(text === undefined ? [] : attemptsIn(text))
      return changed && JSON.stringify(changed)
    })
  }

  /** Kept twice as long as an attempt lives, so that a late callback is told why. */
  #placeOf(session: string): { key: string; life: number } {
    return { key: `attempts:${session}`, life: 2 * this.#ttl }
  }
}

/** What is left of an attempt: its value is given out, and goes. */
function asSpent({ hash, at }: Attempt): Attempt {
  return { hash, at, spentAt: Date.now() }
}

function jsonOf(value: unknown): string {
  let json: string | undefined
  try {
    json = JSON.stringify(value)
  } catch {
    // circular, or a BigInt in it
  }
  if (json === undefined) throw wrongState('must be a value that JSON has')
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
