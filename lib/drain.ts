import { span } from './option-checks.js'
import { within } from './util/deadline.js'

/** The options of `drain()`. */
export interface DrainOptions {
  /** Milliseconds after which it resolves anyway. Default 20000. */
  timeout?: number
}

/** The result of `drain()`. */
export interface Drained {
  /** How many refreshes OneAccess has answered that the token store does not have yet. */
  unsaved: number
}

/** Waits for all parts, but no longer than `timeout`. */
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
