/** The middle of what was measured, and the half of the values around it. */
export interface Spread {
  median: number
  low: number
  high: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
  return { median: at(0.5), low: at(0.25), high: at(0.75) }
}

export function medianOf(values: readonly number[]): number {
  return spreadOf(values).median
}

/** Two medians against each other: steadier than single rounds where what differs is small. */
export function quotientOf(value: Spread, base: Spread): Spread {
  return {
    median: value.median / base.median,
    low: value.low / base.low,
    high: value.high / base.high,
  }
}

/** Values of two things measured in the same rounds, as their ratio in each round. */
export function ratioOf(values: readonly number[], base: readonly number[]): Spread {
  return spreadOf(values.map((value, round) => value / (base[round] ?? Number.NaN)))
}
