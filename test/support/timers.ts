// Loaded before every test: makes the package use the current global timers, which a test may fake.
import { timers } from '../../lib/util/timers.js'

for (const name of Object.keys(timers) as (keyof typeof timers)[]) {
  const now = (...args: unknown[]) => Reflect.apply(globalThis[name], undefined, args)
  Object.assign(timers, { [name]: now })
}
