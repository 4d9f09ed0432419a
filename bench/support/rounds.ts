/** Rounds with fewer measurements than this say nothing. */
const LEAST = 5

/** How many rounds there are, and for how long. */
export interface Rounds {
  rounds: number
  /** Rounds before these, with negative numbers, which are not counted. */
  warmUp: number
  /** On a slow machine the rounds end when so many seconds are over: a run as a whole is bounded. */
  seconds: number
}

export function* roundsOf({ rounds, warmUp, seconds }: Rounds): Generator<number> {
  const end = performance.now() + seconds * 1000
  for (let round = -warmUp; round < rounds; round++) {
    if (round >= LEAST && performance.now() > end) return
    yield round
  }
}
