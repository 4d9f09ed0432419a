/** A case that has failed once, as fast-check names it; run before all others. */
export interface Seed {
  property: string
  seed: number
  path: string
  /** What was wrong. */
  was: string
}

export const SEEDS: Seed[] = []
