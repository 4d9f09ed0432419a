// A process with one contender. In one process they would share the code of Node and of axios, which V8
// optimizes for what it has seen: a mixture that no app has.
import { CONTENDERS } from '../peers/contenders.js'
import { serve } from './child.js'

/** So many are under way at once: a server that is used, and not one that waits for one person. */
const AT_ONCE = 8

let work: () => Promise<unknown> = async () => {}

async function times(count: number): Promise<void> {
  let left = count
  const worker = async () => {
    while (left-- > 0) await work()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

serve({
  start: async ({ name, origin }: { name: string; origin: string }) => {
    const contender = CONTENDERS.find((one) => one.name === name)
    if (contender === undefined) throw new Error(`there is no ${name}`)
    work = await contender.start(origin)
  },
  /** Does it for so many milliseconds: V8 compiles the code of a login for several seconds. */
  warmUp: async (milliseconds: number) => {
    const end = performance.now() + milliseconds
    while (performance.now() < end) await times(AT_ONCE * 10)
  },
  /** Microseconds of processor time of this process, all its threads, for doing it so many times. */
  cost: async (count: number) => {
    const before = process.cpuUsage()
    await times(count)
    const { user, system } = process.cpuUsage(before)
    return user + system
  },
})
