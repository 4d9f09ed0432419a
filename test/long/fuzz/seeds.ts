/** A case that has failed once, by fast-check's seed and path. Runs first. */
export interface Seed {
  property: string
  seed: number
  path: string
  /** The failure, in the title of its test. */
  was: string
}

export const SEEDS: Seed[] = []
