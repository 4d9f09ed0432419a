/** Milliseconds in which refreshes are counted together, and for how many of these the usual rate is known. */
const SLOT = 10_000
const SLOTS = 60
/** So many failures in a row are an outage, and not one person's bad luck. */
const OUTAGE = 5
/** Turns for each refresh that is usual: with what is not spread evenly, at most one and a half times as many. */
const FASTER = 1.4
/** Milliseconds without anybody turned away, after which everything is as usual. */
const CALM = 30_000
/** With fewer slots than these nobody knows what is usual. */
const KNOWN = 30
/** Milliseconds after which the turns become more anyway: what was usual is too little for these people. */
const LONGEST = 15 * 60_000
/** So much more, and each so many milliseconds. */
const GROWTH = 1.5
const GROWS_EVERY = 30_000

/**
 * Keeps an outage from ending in a stampede. While all is well it only counts. When OneAccess fails
 * again and again, and until everybody who waited has been served, refreshes of this process get turns,
 * little more of them than are usual. What was usual may be too little for ever: a process that was
 * started in the outage, or has got the people of another. So the turns become more in the end.
 */
export class RefreshPacer {
  /** Refreshes by slot, the newest last. */
  readonly #slots: { at: number; count: number }[] = []
  #failures = 0
  /** Turns a second when OneAccess comes back; undefined while all is well. */
  #pace: number | undefined
  /** Whether the pace is made from enough of a past. */
  #isKnown = false
  #troubleAt = 0
  /** When OneAccess answered again; undefined while it is away. */
  #backAt: number | undefined
  #nextTurn = 0
  #turnedAwayAt = 0
  /** When somebody was last turned away who has no good token. */
  #urgentAt = 0
  #isBack = false

  /** OneAccess has refreshed a token. */
  succeeded(): void {
    this.#failures = 0
    this.#isBack = true
    this.#backAt ??= Date.now()
    const at = Math.floor(Date.now() / SLOT)
    const last = this.#slots.at(-1)
    if (last?.at === at) last.count++
    else this.#slots.push({ at, count: 1 })
    while ((this.#slots[0]?.at ?? at) <= at - SLOTS) this.#slots.shift()
  }

  /** OneAccess could not be reached, or did not answer usably. */
  failed(): void {
    this.#isBack = false
    if (++this.#failures < OUTAGE) return
    this.#backAt = undefined
    if (this.#pace !== undefined) return
    this.#pace = FASTER * this.#usualRate()
    this.#isKnown = this.#slotsKnown() >= KNOWN
    this.#troubleAt = Date.now()
    this.#turnedAwayAt = Date.now()
  }

  /** Whether a refresh could go ahead now. Takes no turn. */
  hasTurn(): boolean {
    return this.#pace === undefined || this.#isCalm() || this.#isTime()
  }

  /** No two turns are a second apart: a next one that is further ahead was set before the clock was put back. */
  #isTime(): boolean {
    const left = this.#nextTurn - Date.now()
    return left <= 0 || left > 1_000
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
    if (!this.#isTime() || yields) {
      this.#turnedAwayAt = now
      if (!hasGoodToken) this.#urgentAt = now
      return false
    }
    this.#nextTurn = now + 1_000 / (this.#pace * this.#growth())
    return true
  }

  #isCalm(): boolean {
    return this.#isBack && Date.now() - this.#turnedAwayAt > CALM
  }

  /** 1 for as long as the usual rate needs to make good what the outage has left undone. */
  #growth(): number {
    if (this.#backAt === undefined) return 1
    const leftUndone = (this.#backAt - this.#troubleAt) / (FASTER - 1)
    const from = this.#backAt + (this.#isKnown ? Math.min(leftUndone, LONGEST) : 0)
    return GROWTH ** Math.max(Math.floor((Date.now() - from) / GROWS_EVERY), 0)
  }

  /** Refreshes a second over the last minutes; at least one. */
  #usualRate(): number {
    const total = this.#slots.reduce((sum, { count }) => sum + count, 0)
    return Math.max(total / ((this.#slotsKnown() * SLOT) / 1_000), 1)
  }

  #slotsKnown(): number {
    const now = Math.floor(Date.now() / SLOT)
    return now - (this.#slots[0]?.at ?? now) + 1
  }
}
