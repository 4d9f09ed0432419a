/** What was measured: its middle or its ratio, and the interval in which that lies with 95 % confidence. */
export interface Estimate {
  median: number
  low: number
  high: number
}

/** Resamples behind each interval: more of them no longer change its second digit. */
const RESAMPLES = 1_000

/** The median of the rounds, and its 95 % confidence interval by bootstrap. */
export function estimateOf(values: readonly number[]): Estimate {
  return bootstrap(values.length, (rounds) => medianOf(rounds.map((n) => values[n] ?? Number.NaN)))
}

/**
 * Two things measured in the same rounds: the ratio of their lower quartiles. What else a machine does
 * only ever adds to a round, so the quarter of the rounds with the least of it says more than the rest.
 */
export function ratioOf(values: readonly number[], base: readonly number[]): Estimate {
  const low = (of: readonly number[], rounds: readonly number[]) =>
    quantileOf(
      rounds.map((n) => of[n] ?? Number.NaN),
      0.25,
    )
  return bootstrap(values.length, (rounds) => low(values, rounds) / low(base, rounds))
}

/** What `measure` makes of all rounds, and of as many drawn from them at random, again and again. */
function bootstrap(count: number, measure: (rounds: readonly number[]) => number): Estimate {
  const random = randomFrom(count)
  const all = Array.from({ length: count }, (_, n) => n)
  const draw = () => measure(all.map(() => Math.floor(random() * count)))
  const drawn = Array.from({ length: RESAMPLES }, draw).sort((a, b) => a - b)
  const at = (share: number) => drawn[Math.round(share * (RESAMPLES - 1))] ?? Number.NaN
  return { median: measure(all), low: at(0.025), high: at(0.975) }
}

export function medianOf(values: readonly number[]): number {
  return quantileOf(values, 0.5)
}

function quantileOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const [low, high] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN]
  return low + (high - low) * (at - Math.floor(at))
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

export function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value)
}
