import type { Contender } from '../peers/contenders.js'
import { type Child, startChild } from './child.js'
import { roundsOf } from './rounds.js'
import type { Scale } from './scale.js'
import { type Estimate, randomFrom, ratioOf, shuffled } from './statistics.js'

/** What a run of rounds came to. */
export interface Costs {
  /** Microseconds of processor time per call of a contender, by rounds. */
  of(contender: Contender): readonly number[]
  /** The first contender against itself, measured as if it were another: what the machine makes of 1. */
  control: Estimate
}

/** So often each contender is started anew: two processes with the same code may differ by a sixth, for their whole life. */
const STARTS = 3

/**
 * The contenders, each in a process of its own, take turns in short rounds, each round in another order, so
 * that what else the machine does meets all of them alike. The first contender has a second process.
 */
export async function interleave(
  origin: string,
  contenders: readonly [Contender, ...Contender[]],
  { rounds, calls, warmUp }: Pick<Scale, 'rounds' | 'calls' | 'warmUp'>,
): Promise<Costs> {
  const [first] = contenders
  const again = { ...first }
  const costs = new Map([...contenders, again].map((one): [Contender, number[]] => [one, []]))
  const random = randomFrom(rounds)
  for (let start = 0; start < STARTS; start++) {
    const children = await startAll(origin, shuffled([...costs.keys()], random), warmUp)
    for (const _round of roundsOf({ rounds, warmUp: 0, seconds: 40 })) {
      for (const [contender, child] of shuffled([...children], random)) {
        const count = Math.ceil(calls / contender.calls)
        const cost = await child.ask<number>('cost', count)
        costs.get(contender)?.push(cost / (count * contender.calls))
      }
    }
    for (const child of children.values()) await child.close()
  }
  const of = (contender: Contender) => costs.get(contender) ?? []
  return { of, control: ratioOf(of(again), of(first)) }
}

/** A process for each contender, warmed up one after the other. */
async function startAll(
  origin: string,
  contenders: Contender[],
  warmUp: number,
): Promise<Map<Contender, Child>> {
  const children = new Map<Contender, Child>()
  for (const contender of contenders) {
    const child = await startChild(import.meta.resolve('./contender.js'))
    children.set(contender, child)
    await child.ask('start', { name: contender.name, origin })
    await child.ask('warmUp', warmUp)
  }
  return children
}
