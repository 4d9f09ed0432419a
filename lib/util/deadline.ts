import { timers } from './timers.js'

/**
 * Calls `late` after so many milliseconds, unless the timer that this answers is cleared before.
 *
 * A process that was busy at the deadline looks once at what has arrived meanwhile: an answer that
 * is there is not thrown away.
 */
export function startDeadline(milliseconds: number, late: () => void): NodeJS.Timeout {
  return timers.setTimeout(() => {
    timers.setImmediate(late)
  }, milliseconds)
}

/**
 * Settles as `work` does, or rejects with what `late` gives after so many milliseconds; the work
 * itself goes on, and what becomes of it then is nobody's. What `work` rejects with is replaced by
 * what `failed` makes of it.
 */
export function within<T>(
  work: PromiseLike<T>,
  milliseconds: number,
  late: (milliseconds: number) => Error,
  failed?: (error: unknown) => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = startDeadline(milliseconds, () => reject(late(milliseconds)))
    work.then(
      (value) => {
        timers.clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        timers.clearTimeout(timer)
        reject(failed ? failed(error) : error)
      },
    )
  })
}
