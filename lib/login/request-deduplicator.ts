import { LRUCache } from 'lru-cache'
import { isSameHash, sha256 } from '../util/digest.js'
import { type FailureCode, fail, type Outcome } from './outcome.js'

/** How long a second delivery gets the result of the first, in milliseconds. */
const REMEMBERED = 60_000

/** A request that a browser may send twice: a double click, a reload, an in-app browser. */
export interface Delivery {
  /** What it spends: a `state`, a challenge. */
  name: string
  /** What only the person's own browser brings, such as Alipay's code; empty where it brings none. */
  code: string
  /** The session that it comes with. */
  session: string
  /** The session that this one has replaced. */
  formerSession: string | undefined
}

/** Alipay's callback, from a browser of these sessions, the present one first. */
export function deliveryOf(
  state: string,
  code: string | undefined,
  [session, formerSession]: [string, ...string[]],
): Delivery {
  return { name: state, code: code ?? '', session, formerSession }
}

interface Known {
  code: string
  at: number
  /** Under what it is found. */
  keys: string[]
  outcome: Promise<Outcome>
}

/**
 * Requests that this process is busy with, or has just finished. The second delivery gets what the
 * first came to, and nothing is spent again. It must bring the same code: an attacker may have
 * planted the session's cookie, but does not have the code. And it must come with the session of the
 * first delivery or the one that has replaced it: two sessions with one ancestor may be two people's.
 */
export class RequestDeduplicator {
  readonly #known = new LRUCache<string, Known>({
    max: 5_000,
    ttl: REMEMBERED,
    ttlResolution: 0,
    perf: { now: () => Date.now() },
  })

  readonly #over: FailureCode
  #sweptAt = 0

  /** `over` is what whoever has logged out since is told: the back button logs nobody in again. */
  constructor(over: FailureCode) {
    this.#over = over
  }

  /**
   * Does the work, unless it is a second delivery. The result is shared while the work goes on, and
   * remembered only when the work has called `remember`: where nothing was spent, a second try may
   * come to more.
   */
  once(delivery: Delivery, work: (remember: () => void) => Promise<Outcome>): Promise<Outcome> {
    this.#sweep()
    const key = keyOf(delivery.session, delivery)
    const before = this.#find(delivery, key)
    return before === undefined ? this.#first(key, delivery.code, work) : this.#again(before)
  }

  async #again({ outcome: before }: Known): Promise<Outcome> {
    const outcome = await before
    const isOver = outcome.verb === 'success' && (await outcome.login.isOver())
    return isOver ? fail(this.#over) : outcome
  }

  async #first(
    key: string,
    code: string,
    work: (remember: () => void) => Promise<Outcome>,
  ): Promise<Outcome> {
    let isRemembered = false
    const known = { code, at: Date.now(), keys: [key] } as Partial<Known> as Known
    // of two codes at once, the one that spends is the one to remember
    known.outcome = work(() => {
      isRemembered = true
      this.#known.set(key, known)
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
    if (found === undefined || !isSameHash(sha256(found.code), sha256(delivery.code))) {
      return undefined
    }
    // each delivery of a login replaces the session, and the next one comes with that
    this.#known.set(own, found, { start: found.at })
    if (!found.keys.includes(own)) found.keys.push(own)
    return found
  }

  #forget(known: Known): void {
    for (const key of known.keys) if (this.#known.peek(key) === known) this.#known.delete(key)
  }

  /** A result holds the tokens of a login; none stays in memory because nobody asks for it again. */
  #sweep(): void {
    if (Date.now() - this.#sweptAt < REMEMBERED) return
    this.#sweptAt = Date.now()
    this.#known.purgeStale()
  }
}

function keyOf(session: string, { name }: Delivery): string {
  return `${session} ${name}`
}
