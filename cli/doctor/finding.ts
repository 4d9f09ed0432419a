/** What one look at the app or at the tenant has shown. */
export interface Finding {
  /** The variable or the thing that was looked at. */
  about: string
  /** `warning`: may be right, and should be looked at by a person. `skipped`: not looked at. */
  result: 'ok' | 'warning' | 'error' | 'skipped'
  /** What was seen, in plain words; never a secret. */
  says: string
  /** What to change, where something should be. */
  change?: string
}

export function ok(about: string, says: string): Finding {
  return { about, result: 'ok', says }
}

export function error(about: string, says: string, change: string): Finding {
  return { about, result: 'error', says, change }
}

export function warning(about: string, says: string, change: string): Finding {
  return { about, result: 'warning', says, change }
}

export function skipped(about: string, says: string): Finding {
  return { about, result: 'skipped', says }
}
