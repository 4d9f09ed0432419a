import { span } from './option-checks.js'
import { within } from './util/deadline.js'

/** The options of `drain()`. */
export interface DrainOptions {
  /** Milliseconds after which it resolves in any case. Default 20000. */
  timeout?: number
}

/** What `drain()` came to. */
export interface Drained {
  /** Refreshes that OneAccess has answered and the token store does not have. */
  unsaved: number
}

/** Waits for all of these, but not for ever. */
export async function drain(
  parts: readonly ({ drain(): Promise<void> } | undefined)[],
  timeout: number,
  unsaved: () => number,
): Promise<Drained> {
  span(timeout, 'timeout')
  const done = Promise.all(parts.map((part) => part?.drain()))
  await within(done, timeout, () => new Error('late')).catch(() => {})
  return { unsaved: unsaved() }
}
