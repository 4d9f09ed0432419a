import type { Language } from '../../lib/messages.js'

/** A text in each language of the doctor, side by side. */
export type Words = Readonly<Record<Language, string>>

/** What one look at the app or at the tenant has shown. */
export interface Finding<Text = Words> {
  /** The variable or the thing that was looked at, in English: programs know a finding by it. */
  about: string
  /** `warning`: may be right, and should be looked at by a person. `skipped`: not looked at. */
  result: 'ok' | 'warning' | 'error' | 'skipped'
  /** What was seen, in plain words; never a secret. */
  says: Text
  /** What to change, where something should be. */
  change?: Text
}

export function ok(about: string, says: Words): Finding {
  return { about, result: 'ok', says }
}

export function error(about: string, says: Words, change: Words): Finding {
  return { about, result: 'error', says, change }
}

export function warning(about: string, says: Words, change: Words): Finding {
  return { about, result: 'warning', says, change }
}

export function skipped(about: string, says: Words): Finding {
  return { about, result: 'skipped', says }
}
