// Loaded before every test: the package waits by the timers of the moment, which a test may replace.
import { timers } from '../../lib/util/timers.js'

for (const name of Object.keys(timers) as (keyof typeof timers)[]) {
  const now = (...args: unknown[]) => Reflect.apply(globalThis[name], undefined, args)
  Object.assign(timers, { [name]: now })
}
