import { timers } from './timers.js'

/**
 * Settles as `work` does, or rejects with what `late` gives after so many milliseconds; the work
 * itself goes on, and what becomes of it then is nobody's.
 *
 * A process that was busy at the deadline looks once at what has arrived meanwhile: an answer that
 * is there is not thrown away.
 */
export function within<T>(
  work: PromiseLike<T>,
  milliseconds: number,
  late: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = timers.setTimeout(() => {
      timers.setImmediate(() => reject(late()))
    }, milliseconds)
    work.then(
      (value) => {
        timers.clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        timers.clearTimeout(timer)
        reject(error)
      },
    )
  })
}
