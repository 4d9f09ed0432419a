import { LRUCache } from 'lru-cache'
import type { FailureCode } from '../messages.js'
import { isSameHash, sha256 } from '../util/digest.js'
import { fail, type Outcome } from './outcome.js'

/** How long a second delivery gets the result of the first, in milliseconds. */
const REMEMBERED = 60_000

/** A request that a browser may send twice: a double click, a reload, an in-app browser. */
export interface Delivery {
  /** What it spends: a `state`, a challenge. */
  name: string
  /** What only the user's own browser has, such as Alipay's code; may be empty. */
  code: string
  /** The session of the request. */
  session: string
  /** The session that this one replaced. */
  formerSession: string | undefined
  /** The token record that the session still names, although its user is no longer logged in there. */
  leftRecord?: string | undefined
}

/** A delivery from a browser with these sessions, the current one first. */
export function deliveryOf(
  state: string,
  code: string | undefined,
  [session, formerSession]: [string, ...string[]],
  leftRecord: string | undefined,
): Delivery {
  return { name: state, code: code ?? '', session, formerSession, leftRecord }
}

interface Known {
  code: string
  /**
   * When the work began, by the wall clock and by a monotonic clock, which a change of the wall
   * clock does not affect.
   */
  at: number
  since: number
  /** The keys that find it. */
  keys: string[]
  outcome: Promise<Outcome>
}

/**
 * Remembers requests that this process is handling or has just handled. A second delivery gets the
 * outcome of the first, and nothing is spent again. It must have the same code: an attacker may have
 * planted the session cookie, but does not have the code. And it must come with the session of the
 * first delivery or the one that replaced it: two sessions with a common ancestor may belong to two users.
 */
export class RequestDeduplicator {
  readonly #known = new LRUCache<string, Known>({
    max: 5_000,
    ttl: REMEMBERED,
    ttlResolution: 0,
    perf: { now: elapsed },
  })

  readonly #afterLogout: FailureCode
  #sweptAt = -Infinity

  /**
   * `afterLogout` is the failure for a user who has logged out since: the back button must not log
   * them in again.
   */
  constructor(afterLogout: FailureCode) {
    this.#afterLogout = afterLogout
  }

  /**
   * Does the work, unless it is a second delivery. The outcome is shared while the work is in progress,
   * and remembered only if the work has called `remember`: if nothing was spent, another try may succeed.
   */
  once(delivery: Delivery, work: (remember: () => void) => Promise<Outcome>): Promise<Outcome> {
    this.#sweep()
    const key = keyOf(delivery.session, delivery)
    const before = this.#find(delivery, key)
    return before === undefined
      ? this.#first(key, delivery.code, work)
      : this.#again(before, delivery.leftRecord)
  }

  async #again({ outcome: before }: Known, leftRecord: string | undefined): Promise<Outcome> {
    const outcome = await before
    if (outcome.verb !== 'success') return outcome
    const { login } = outcome
    // the app has logged the user out itself, without ending the record
    if (login.id === leftRecord) await login.end()
    return (await login.hasLoggedOut()) ? fail(this.#afterLogout) : outcome
  }

  async #first(
    key: string,
    code: string,
    work: (remember: () => void) => Promise<Outcome>,
  ): Promise<Outcome> {
    let isRemembered = false
    const now = { at: Date.now(), since: elapsed() }
    const known = { code, ...now, keys: [key] } as Partial<Known> as Known
    // of two concurrent deliveries with different codes, remember the one that spends the state
    known.outcome = work(() => {
      isRemembered = true
      if (this.#known.peek(key) !== known) this.#known.set(key, known)
    })
    if (!this.#known.has(key)) this.#known.set(key, known)
    try {
      return await known.outcome
    } finally {
      if (!isRemembered) this.#forget(known)
    }
  }

  #find(delivery: Delivery, own: string): Known | undefined {
    const { formerSession } = delivery
    const found =
      this.#known.get(own) ??
      (formerSession === undefined ? undefined : this.#known.get(keyOf(formerSession, delivery)))
    if (found === undefined || isStale(found)) return undefined
    if (!isSameHash(sha256(found.code), sha256(delivery.code))) return undefined
    // each delivery of a login replaces the session, and the next delivery comes with the new one
    this.#known.set(own, found, { start: found.since })
    if (!found.keys.includes(own)) found.keys.push(own)
    return found
  }

  #forget(known: Known): void {
    for (const key of known.keys) if (this.#known.peek(key) === known) this.#known.delete(key)
  }

  /** An outcome holds the tokens of a login, so expired ones are removed even if nobody asks for them. */
  #sweep(): void {
    if (elapsed() - this.#sweptAt < REMEMBERED) return
    this.#sweptAt = elapsed()
    this.#known.purgeStale()
  }
}

/** Milliseconds on a monotonic clock. Never 0, which the cache would take for no start time. */
function elapsed(): number {
  return performance.now() + 1
}

/**
 * Checks both clocks: the wall clock may have been set back, and the monotonic clock stands still
 * while the machine sleeps.
 */
function isStale({ at, since }: Known): boolean {
  const age = Date.now() - at
  return age < 0 || Math.max(age, elapsed() - since) >= REMEMBERED
}

function keyOf(session: string, { name }: Delivery): string {
  return `${session} ${name}`
}
