import { roundsOf } from './rounds.js'
import { type Estimate, randomFrom, ratioOf } from './statistics.js'

/** One kind of work that is compared with others. */
export interface Contender {
  name: string
  /** Does it once. */
  work: () => Promise<unknown>
  /** How many calls to the upstream it makes. */
  calls: number
}

/** What a run of rounds came to. */
export interface Costs {
  /** Microseconds of processor time per call of a contender, by rounds. */
  of(contender: Contender): readonly number[]
  /** The first contender against itself, measured as if it were another: what the machine makes of 1. */
  control: Estimate
}

/** So many are under way at once: a server that is used, and not one that waits for one person. */
const AT_ONCE = 8

/** Processor time of this process, in microseconds, for doing something `times` times. */
async function costOf(work: () => Promise<unknown>, times: number): Promise<number> {
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
 * The contenders take turns in short rounds, each round in another order, so that what else the
 * machine does, and who leaves garbage for whom, meets all of them alike. The first rounds warm up.
 * The first contender runs twice a round.
 */
export async function interleave(
  contenders: readonly [Contender, ...Contender[]],
  { rounds, calls, warmUp = 10 }: { rounds: number; calls: number; warmUp?: number },
): Promise<Costs> {
  const again: Contender = { ...contenders[0], name: `${contenders[0].name}, again` }
  const all = [...contenders, again]
  const costs = new Map<string, number[]>(all.map(({ name }) => [name, []]))
  const random = randomFrom(rounds)
  for (const round of roundsOf({ rounds, warmUp, seconds: 60 })) {
    for (const { name, work, calls: each } of shuffled(all, random)) {
      const times = Math.ceil(calls / each)
      const cost = (await costOf(work, times)) / (times * each)
      if (round >= 0) costs.get(name)?.push(cost)
    }
  }
  const of = ({ name }: Contender) => costs.get(name) ?? []
  return { of, control: ratioOf(of(again), of(contenders[0])) }
}

export function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value)
}
