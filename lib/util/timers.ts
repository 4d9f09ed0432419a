const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate } = globalThis

/**
 * The timers by which this package waits, as they were when it was loaded: a test of an app that
 * replaces the global ones stops no login. Our own tests put a clock of theirs in their place.
 */
export const timers = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate }

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    timers.setTimeout(resolve, milliseconds)
  })
}
