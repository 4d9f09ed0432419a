import type { TokenRepository } from './repository.js'
import { storeFailed } from './store-errors.js'

/** How many attempts are made before giving up. */
const MOST_TRIES = 50

/**
 * Repeats a compare-and-set until it succeeds. `change` gets the stored text and returns the new one, or
 * undefined to leave it. Resolves with what `change` last returned.
 */
export async function updateText(
  records: TokenRepository,
  { key, life }: { key: string; life: number },
  change: (text: string | undefined) => string | undefined,
): Promise<string | undefined> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const stored = await records.readText(key)
    const text = change(stored?.text)
    if (text === undefined) return undefined
    if (await records.replaceText(key, stored?.version ?? 0, text, life)) return text
  }
  throw storeFailed('the record changed too often')
}
