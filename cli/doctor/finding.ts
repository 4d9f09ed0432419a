/** What one look at the app or at the tenant has shown. */
export interface Finding {
  /** The variable or the thing that was looked at. */
  about: string
  /** `doubtful`: may be right, and should be looked at by a person. `skipped`: not looked at. */
  result: 'right' | 'doubtful' | 'wrong' | 'skipped'
  /** What was seen, in plain words; never a secret. */
  says: string
  /** What to change, where something should be. */
  change?: string
}

export function right(about: string, says: string): Finding {
  return { about, result: 'right', says }
}

export function wrong(about: string, says: string, change: string): Finding {
  return { about, result: 'wrong', says, change }
}

export function doubtful(about: string, says: string, change: string): Finding {
  return { about, result: 'doubtful', says, change }
}

export function skipped(about: string, says: string): Finding {
  return { about, result: 'skipped', says }
}
