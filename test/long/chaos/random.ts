/** Seeded random numbers (xorshift32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1
  }

  /** At least 0, less than 1. */
  share(): number {
    let state = this.#state
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state >>> 0
    return this.#state / 2 ** 32
  }

  /** An integer, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.share() * (most - least + 1))
  }

  pick<T>(all: readonly T[]): T {
    const one = all[this.between(0, all.length - 1)]
    if (one === undefined) throw new RangeError('nothing to pick from')
    return one
  }
}
