import { timers } from './timers.js'

/**
 * Calls `late` after that many milliseconds, unless the returned timer is cleared first.
 *
 * A process that was busy at the deadline first handles what has arrived in the meantime, so that a
 * response that is already there is not discarded.
 */
export function startDeadline(milliseconds: number, late: () => void): NodeJS.Timeout {
  return timers.setTimeout(() => {
    timers.setImmediate(late)
  }, milliseconds)
}

/**
 * Settles like `work`, or rejects with the error from `late` after that many milliseconds. The work
 * itself continues, and its result is ignored. If `work` rejects, `failed` may convert the error.
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
