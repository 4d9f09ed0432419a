/** Refreshes are counted in slots of this many milliseconds; the usual rate is taken over this many slots. */
const SLOT = 10_000
const SLOTS = 60
/** This many failures in a row are an outage, rather than a problem of one login. */
const OUTAGE = 5
/** And they last this many milliseconds: after less, so few logins wait that they need no pace. */
const SHORTEST_OUTAGE = 10_000
/** The pace after an outage, relative to the usual rate; uneven arrivals bring it to at most 1.5. */
const PACE_FACTOR = 1.4
/** Milliseconds without a rejected refresh after which the outage counts as over. */
const CALM_PERIOD = 30_000
/** With less history than this, in slots, the usual rate is not known. */
const ENOUGH_SLOTS = 30
/** Milliseconds after which the pace grows anyway, because the usual rate is too low for the logins that wait. */
const LONGEST_CATCH_UP = 15 * 60_000
/** The pace then grows by this factor, every GROWTH_INTERVAL milliseconds. */
const GROWTH = 1.5
const GROWTH_INTERVAL = 30_000

/**
 * Prevents a stampede after an outage. Normally it only counts. Once OneAccess has failed
 * repeatedly, and until every waiting login has been served, refreshes of this process take turns
 * at little more than the usual rate. That rate may be far too low, if the process was started
 * during the outage or has taken over the users of another one, so the pace eventually grows.
 */
export class RefreshPacer {
  /** Refreshes by slot, the newest last. */
  readonly #slots: { at: number; count: number }[] = []
  #failures = 0
  #failingSince = 0
  /** Turns per second after an outage; undefined while there is none. */
  #pace: number | undefined
  /** Whether the pace is based on enough history. */
  #isKnown = false
  #outageAt = 0
  /** When OneAccess answered again; undefined during the outage. */
  #backAt: number | undefined
  #nextTurn = 0
  #turnedAwayAt = 0
  /** When a refresh was last turned away that had no valid token. */
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

  /** OneAccess could not be reached, or returned no usable response. */
  failed(): void {
    this.#isBack = false
    const now = Date.now()
    if (this.#failures++ === 0) this.#failingSince = now
    if (this.#failures < OUTAGE || now - this.#failingSince < SHORTEST_OUTAGE) return
    this.#backAt = undefined
    if (this.#pace !== undefined) return
    this.#pace = PACE_FACTOR * this.#usualRate()
    this.#isKnown = this.#slotsKnown() >= ENOUGH_SLOTS
    this.#outageAt = now
    this.#turnedAwayAt = now
  }

  /** Whether a refresh could start now. Does not take a turn. */
  hasTurn(): boolean {
    return this.#pace === undefined || this.#isCalm() || this.#isTime()
  }

  /**
   * Turns are less than a second apart, so a next turn further ahead was set before the clock was
   * set back.
   */
  #isTime(): boolean {
    const left = this.#nextTurn - Date.now()
    return left <= 0 || left > 1_000
  }

  /** Takes a turn, if there is one. A login that still has a valid token yields to those that have none. */
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
    return this.#isBack && Date.now() - this.#turnedAwayAt > CALM_PERIOD
  }

  /** 1 while the usual rate should be enough to catch up after the outage, then growing. */
  #growth(): number {
    if (this.#backAt === undefined) return 1
    const backlog = (this.#backAt - this.#outageAt) / (PACE_FACTOR - 1)
    const from = this.#backAt + (this.#isKnown ? Math.min(backlog, LONGEST_CATCH_UP) : 0)
    return GROWTH ** Math.max(Math.floor((Date.now() - from) / GROWTH_INTERVAL), 0)
  }

  /** Refreshes per second over the last minutes, at least one. */
  #usualRate(): number {
    const total = this.#slots.reduce((sum, { count }) => sum + count, 0)
    return Math.max(total / ((this.#slotsKnown() * SLOT) / 1_000), 1)
  }

  #slotsKnown(): number {
    const now = Math.floor(Date.now() / SLOT)
    return now - (this.#slots[0]?.at ?? now) + 1
  }
}
