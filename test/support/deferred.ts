export interface Deferred<T> {
  promise: Promise<T>
  resolve(value: T): void
}

/** A promise that the test settles. */
export function deferred<T = void>(): Deferred<T> {
  let settle: (value: T) => void = () => {}
  const promise = new Promise<T>((resolve) => {
    settle = resolve
  })
  return { promise, resolve: settle }
}
