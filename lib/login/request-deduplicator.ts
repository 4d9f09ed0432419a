import { LRUCache } from 'lru-cache'
import { fail, type Outcome } from './outcome.js'

/** How long a second delivery of a callback gets the result of the first, in milliseconds. */
const REMEMBERED = 60_000

/**
 * Callbacks that this process is busy with, or has just finished. A browser may deliver one twice
 * (a double click, a reload, an in-app browser): the second gets what the first came to, and the
 * code is never used again. Only the same browser does: the sessions must be its own.
 */
export class RequestDeduplicator {
  readonly #known = new LRUCache<
    string,
    { sessions: readonly string[]; outcome: Promise<Outcome> }
  >({ max: 5_000, ttl: REMEMBERED, ttlResolution: 0, perf: { now: () => Date.now() } })

  #sweptAt = 0

  async once(
    state: string,
    sessions: readonly string[],
    work: () => Promise<Outcome>,
  ): Promise<Outcome> {
    this.#sweep()
    const before = this.#known.get(state)
    if (before?.sessions.some((session) => sessions.includes(session))) {
      return stillValid(await before.outcome)
    }
    const outcome = work()
    if (before === undefined) this.#known.set(state, { sessions, outcome })
    return outcome
  }

  /** A result holds the tokens of a login; none stays in memory because nobody asks for it again. */
  #sweep(): void {
    if (Date.now() - this.#sweptAt < REMEMBERED) return
    this.#sweptAt = Date.now()
    this.#known.purgeStale()
  }

  /** The next delivery is a new one: what came out may come out otherwise. */
  forget(state: string): void {
    this.#known.delete(state)
  }
}

/** Whoever has logged out since is not logged in again by the back button. */
function stillValid(outcome: Outcome): Outcome {
  return outcome.verb === 'success' && outcome.login.isOver() ? fail('state_spent') : outcome
}
