import { types } from 'node:util'

/** For a result that is not awaited: if it is a promise that rejects, that must not end the process. */
export function ignoreRejection(result: unknown): void {
  if (types.isPromise(result)) result.catch(() => {})
}

/** Whether a function of the app whose result is used at once is async all the same. */
export function isUnawaited(result: unknown): boolean {
  ignoreRejection(result)
  return types.isPromise(result)
}
