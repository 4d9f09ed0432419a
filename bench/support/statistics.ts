/** What was measured: its middle, and the interval in which that middle lies with 95 % confidence. */
export interface Estimate {
  median: number
  low: number
  high: number
}

/** Resamples behind each interval: more of them no longer change its second digit. */
const RESAMPLES = 1_000

/** The median of the rounds, and its 95 % confidence interval by bootstrap. */
export function estimateOf(values: readonly number[]): Estimate {
  const random = randomFrom(values.length)
  const medians = Array.from({ length: RESAMPLES }, () =>
    medianOf(values.map(() => values[Math.floor(random() * values.length)] ?? Number.NaN)),
  ).sort((a, b) => a - b)
  const at = (share: number) => medians[Math.round(share * (RESAMPLES - 1))] ?? Number.NaN
  return { median: medianOf(values), low: at(0.025), high: at(0.975) }
}

/**
 * Two things measured in the same rounds: the median of their ratio in each round. What else the
 * machine does meets both alike, so that the ratio is steadier than either of them.
 */
export function ratioOf(values: readonly number[], base: readonly number[]): Estimate {
  return estimateOf(values.map((value, round) => value / (base[round] ?? Number.NaN)))
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? 0)) / 2
}

/** Half of the interval, as a share of the median. */
export function doubtOf({ median, low, high }: Estimate): number {
  return (high - low) / 2 / Math.abs(median)
}

/** Values of one figure that was measured once. */
export function exactlyOnce(value: number): Estimate {
  return { median: value, low: value, high: value }
}

/** Numbers from 0 to 1, the same in each run, so that equal measurements give equal intervals. */
export function randomFrom(seed: number): () => number {
  let state = (seed + 1) * 0x9e3779b1
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
