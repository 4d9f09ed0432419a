/** How much is measured. */
export interface Scale {
  /** Rounds in which contenders take turns. */
  rounds: number
  /** Upstream calls in one round of one contender. */
  calls: number
  /** Milliseconds for which each contender of the first table runs before it is measured. */
  warmUp: number
  /** Processes or strategies that are started anew for one figure. */
  starts: number
  /** Live records in the largest store. */
  records: number
  /** Logins in flight at once. */
  storm: number
}

export const WHOLE: Scale = {
  rounds: 40,
  calls: 600,
  warmUp: 6_000,
  starts: 15,
  records: 1_000_000,
  storm: 2_000,
}

export const QUICK: Scale = {
  rounds: 7,
  calls: 450,
  warmUp: 2_000,
  starts: 5,
  records: 100_000,
  storm: 500,
}
