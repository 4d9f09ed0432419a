import { types } from 'node:util'

/** Keeps a promise that is not awaited from ending the process if it rejects. */
export function ignoreRejection(result: unknown): void {
  if (types.isPromise(result)) result.catch(() => {})
}

/** Whether an app's function returned a promise although its result is used at once. */
export function isUnawaited(result: unknown): boolean {
  ignoreRejection(result)
  return types.isPromise(result)
}
