/** How many times faster than real time the clock runs. */
export const SPEED = 120

/** Speeds up `Date` in this thread. Timers run in real time. */
export function speedUp(since: number): void {
  const real = Date.now
  const RealDate = Date
  const fast = () => since + (real() - since) * SPEED
  globalThis.Date = class extends RealDate {
    constructor(...given: [] | [number | string]) {
      super(given.length === 0 ? fast() : given[0])
    }

    static override now(): number {
      return fast()
    }
  } as DateConstructor
}
