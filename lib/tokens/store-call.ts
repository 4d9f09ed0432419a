import { within } from '../util/deadline.js'
import { isStoreWatched, publish, type StoreEvent } from './events.js'
import { storeFailed } from './store-errors.js'

type Operation = StoreEvent['operation']

/** Runs one operation of a store. It rejects with `store_failed` after `deadline` milliseconds at the latest. */
export function callStore<T>(
  what: Operation,
  work: () => Promise<T>,
  deadline: number,
): Promise<T> {
  const { late, failed } = FAILURES[what]
  const call = () => within(start(work), deadline, late, failed)
  return isStoreWatched() ? watched(what, call) : call()
}

function watched<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const tell = (outcome: StoreEvent['outcome']) =>
    publish.store({ operation, outcome, duration: performance.now() - began })
  const call = work()
  call.then(
    () => tell('done'),
    () => tell('failed'),
  )
  return call
}

const FAILURES = {
  read: failuresOf('read'),
  write: failuresOf('write'),
  lease: failuresOf('lease'),
}

function failuresOf(what: Operation) {
  return {
    late: (milliseconds: number) => storeFailed(`${what} took longer than ${milliseconds} ms`),
    failed: (error: unknown) => storeFailed(`${what} failed`, error ?? new Error()),
  }
}

/** The app's own store may throw, or return something other than a promise. */
function start<T>(work: () => Promise<T>): Promise<T> {
  try {
    return Promise.resolve(work())
  } catch (error) {
    return Promise.reject(error)
  }
}
