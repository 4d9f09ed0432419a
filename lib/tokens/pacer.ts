/** Refreshes are counted in slots of this many milliseconds; the usual rate is taken over this many slots. */
const SLOT = 10_000
const SLOTS = 60
/** This many failures in a row are an outage, rather than a problem of one login. */
const OUTAGE = 5
/** The pace after an outage, relative to the usual rate; uneven arrivals bring it to at most 1.5. */
const FASTER = 1.4
/** Milliseconds without a rejected refresh after which the outage counts as over. */
const CALM = 30_000
/** With fewer slots than this, the usual rate is not known. */
const KNOWN = 30
/** Milliseconds after which the pace grows anyway, because the usual rate is too low for the logins that wait. */
const LONGEST = 15 * 60_000
/** The pace then grows by this factor, every GROWS_EVERY milliseconds. */
const GROWTH = 1.5
const GROWS_EVERY = 30_000

/**
 * Prevents a stampede after an outage. Normally it only counts. Once OneAccess has failed repeatedly, and
 * until every waiting login has been served, refreshes of this process take turns at little more than the
 * usual rate. The usual rate may be far too low, if the process was started during the outage or has
 * taken over the users of another one, so the pace grows in the end.
 */
export class RefreshPacer {
  /** Refreshes by slot, the newest last. */
  readonly #slots: { at: number; count: number }[] = []
  #failures = 0
  /** Turns per second after an outage; undefined while there is none. */
  #pace: number | undefined
  /** Whether the pace is based on enough history. */
  #isKnown = false
  #troubleAt = 0
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
    if (++this.#failures < OUTAGE) return
    this.#backAt = undefined
    if (this.#pace !== undefined) return
    this.#pace = FASTER * this.#usualRate()
    this.#isKnown = this.#slotsKnown() >= KNOWN
    this.#troubleAt = Date.now()
    this.#turnedAwayAt = Date.now()
  }

  /** Whether a refresh could start now. Does not take a turn. */
  hasTurn(): boolean {
    return this.#pace === undefined || this.#isCalm() || this.#isTime()
  }

  /** No two turns are a second apart: a next one that is further ahead was set before the clock was put back. */
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
    return this.#isBack && Date.now() - this.#turnedAwayAt > CALM
  }

  /** 1 for as long as the usual rate should need to catch up after the outage, then growing. */
  #growth(): number {
    if (this.#backAt === undefined) return 1
    const leftUndone = (this.#backAt - this.#troubleAt) / (FASTER - 1)
    const from = this.#backAt + (this.#isKnown ? Math.min(leftUndone, LONGEST) : 0)
    return GROWTH ** Math.max(Math.floor((Date.now() - from) / GROWS_EVERY), 0)
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
