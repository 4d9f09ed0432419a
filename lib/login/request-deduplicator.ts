import { LRUCache } from 'lru-cache'
import { fail, type Verdict } from './outcome.js'

/** How long a second delivery of a callback gets the result of the first, in milliseconds. */
const REMEMBERED = 60_000

/**
 * Callbacks that this process is busy with, or has just finished. A browser may deliver one twice
 * (a double click, a reload, an in-app browser): the second gets what the first came to, and the
 * code is never used again. Only the same browser does: the sessions must be its own.
 */
export class Deliveries {
  readonly #known = new LRUCache<
    string,
    { sessions: readonly string[]; verdict: Promise<Verdict> }
  >({ max: 5_000, ttl: REMEMBERED, ttlResolution: 0, perf: { now: () => Date.now() } })

  #sweptAt = 0

  async once(
    state: string,
    sessions: readonly string[],
    work: () => Promise<Verdict>,
  ): Promise<Verdict> {
    this.#sweep()
    const before = this.#known.get(state)
    if (before?.sessions.some((session) => sessions.includes(session))) {
      return stillValid(await before.verdict)
    }
    const verdict = work()
    if (before === undefined) this.#known.set(state, { sessions, verdict })
    return verdict
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
function stillValid(verdict: Verdict): Verdict {
  return verdict.verb === 'success' && verdict.login.isOver() ? fail('state_spent') : verdict
}
