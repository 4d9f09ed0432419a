const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate } = globalThis

/**
 * The timers that this package uses, as they were when it was loaded: an app's test that fakes the
 * global timers does not stop a login. The package's own tests replace these with a fake clock.
 */
export const timers = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate }

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    timers.setTimeout(resolve, milliseconds)
  })
}
