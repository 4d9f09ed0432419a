import type { Language } from '../../lib/messages.js'

/** A text in both of the doctor's languages. */
export type Words = Readonly<Record<Language, string>>

/** The result of one check of the app or of the tenant. */
export interface Finding<Text = Words> {
  /**
   * What was checked: a variable, or a part of the setup. Always in English, so that programs can
   * identify a finding by it.
   */
  about: string
  /** `warning`: may be right; a person should check it. `skipped`: not checked. */
  result: 'ok' | 'warning' | 'error' | 'skipped'
  /** What was found. Never contains a secret. */
  says: Text
  /** What to change, if anything. */
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
