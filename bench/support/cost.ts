import { medianOf } from './statistics.js'

/** One kind of work that is compared with others. */
export interface Contender {
  name: string
  /** Does it once. */
  work: () => Promise<unknown>
  /** How many calls to the upstream it makes. */
  calls: number
}

/** So many are under way at once: a server that is used, and not one that waits for one person. */
const AT_ONCE = 8

/** Processor time of this process, in microseconds, for doing something `times` times. */
export async function costOf(work: () => Promise<unknown>, times: number): Promise<number> {
  let left = times
  const worker = async () => {
    while (left-- > 0) await work()
  }
  const before = process.cpuUsage()
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/**
 * Processor time per call of each contender, in microseconds, by rounds. They take turns in short
 * rounds, so that what else the machine does meets all of them alike; the first rounds warm up.
 */
export async function interleave(
  contenders: readonly Contender[],
  { rounds, calls, warmUp = 6 }: { rounds: number; calls: number; warmUp?: number },
): Promise<Map<string, number[]>> {
  const costs = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let round = -warmUp; round < rounds; round++) {
    for (const { name, work, calls: each } of contenders) {
      const times = Math.ceil(calls / each)
      const cost = (await costOf(work, times)) / (times * each)
      if (round >= 0) costs.get(name)?.push(cost)
    }
  }
  return costs
}

export function medianCost(costs: Map<string, number[]>, name: string): number {
  return medianOf(costs.get(name) ?? [])
}
