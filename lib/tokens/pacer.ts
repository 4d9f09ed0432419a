/** Milliseconds in which refreshes are counted together, and for how many of these the usual rate is known. */
const SLOT = 10_000
const SLOTS = 60
/** So many failures in a row are an outage, and not one person's bad luck. */
const OUTAGE = 5
/** Turns for each refresh that is usual: with what is not spread evenly, at most one and a half times as many. */
const FASTER = 1.4
/** Milliseconds without anybody turned away, after which everything is as usual. */
const CALM = 30_000

/**
 * Keeps an outage from ending in a stampede. While all is well it only counts. When OneAccess fails
 * again and again, and until everybody who waited has been served, refreshes of this process get turns,
 * little more of them than are usual.
 */
export class RefreshPacer {
  /** Refreshes by slot, the newest last. */
  readonly #slots: { at: number; count: number }[] = []
  #failures = 0
  /** Milliseconds between two turns; undefined while all is well. */
  #pace: number | undefined
  #nextTurn = 0
  #turnedAwayAt = 0
  /** When somebody was last turned away who has no good token. */
  #urgentAt = 0
  #isBack = false

  /** OneAccess has refreshed a token. */
  succeeded(): void {
    this.#failures = 0
    this.#isBack = true
    const at = Math.floor(Date.now() / SLOT)
    const last = this.#slots.at(-1)
    if (last?.at === at) last.count++
    else this.#slots.push({ at, count: 1 })
    while ((this.#slots[0]?.at ?? at) <= at - SLOTS) this.#slots.shift()
  }

  /** OneAccess could not be reached, or did not answer usably. */
  failed(): void {
    this.#isBack = false
    if (++this.#failures < OUTAGE || this.#pace !== undefined) return
    this.#pace = 1_000 / (FASTER * this.#usualRate())
    this.#turnedAwayAt = Date.now()
  }

  /** Whether a refresh could go ahead now. Takes no turn. */
  hasTurn(): boolean {
    return this.#pace === undefined || this.#isCalm() || Date.now() >= this.#nextTurn
  }

  /** Takes a turn, if there is one. Whoever still has a good token leaves it to those who have none. */
  take(hasGoodToken: boolean): boolean {
    const now = Date.now()
    if (this.#pace === undefined) return true
    if (this.#isCalm()) {
      this.#pace = undefined
      return true
    }
    const yields = hasGoodToken && now - this.#urgentAt < 1_000
    if (now < this.#nextTurn || yields) {
      this.#turnedAwayAt = now
      if (!hasGoodToken) this.#urgentAt = now
      return false
    }
    this.#nextTurn = now + this.#pace
    return true
  }

  #isCalm(): boolean {
    return this.#isBack && Date.now() - this.#turnedAwayAt > CALM
  }

  /** Refreshes a second over the last minutes; at least one. */
  #usualRate(): number {
    const now = Math.floor(Date.now() / SLOT)
    const first = this.#slots[0]?.at ?? now
    const total = this.#slots.reduce((sum, { count }) => sum + count, 0)
    return Math.max(total / (((now - first + 1) * SLOT) / 1_000), 1)
  }
}
