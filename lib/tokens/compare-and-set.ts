import type { TokenRepository } from './repository.js'
import { storeFailed } from './store-errors.js'

/** Tries, after which others are always faster. */
const MOST_TRIES = 50

/**
 * Compare-and-set until it holds. `change` gets what is there and answers what shall be, or undefined to
 * leave it; the last answer is the result.
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
