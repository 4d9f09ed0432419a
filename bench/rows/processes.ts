import { startRedis } from '../../test/support/redis.js'
import { startChild } from '../support/child.js'
import type { Cost } from '../support/pod.js'
import { fill } from '../support/records.js'
import { type Section, seen } from '../support/report.js'
import { roundsOf } from '../support/rounds.js'
import type { Scale } from '../support/scale.js'
import { estimateOf, ratioOf } from '../support/statistics.js'

const RECORDS = 10_000
const TIMES = 2_000

/** Refreshes a second by 4 processes that share a Redis, against 1. */
export async function processes(origin: string, { starts }: Scale): Promise<Section> {
  const redis = await startRedis({ durable: false })
  await fill(redis.url, RECORDS)
  const pods = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const pod = await startChild(import.meta.resolve('../support/pod.js'))
      await pod.ask('start', { upstream: origin, redis: redis.url })
      return pod
    }),
  )
  const rate = async (workers: typeof pods) => {
    const work = { times: TIMES / workers.length, records: RECORDS }
    const costs = await Promise.all(workers.map((pod) => pod.ask<Cost>('refreshes', work)))
    return costs.reduce((sum, { wall }) => sum + work.times / (wall / 1000), 0)
  }
  const one: number[] = []
  const four: number[] = []
  for (const round of roundsOf({ rounds: starts, warmUp: 2, seconds: 20 })) {
    const rates = [await rate(pods.slice(0, 1)), await rate(pods)] as const
    if (round < 0) continue
    one.push(rates[0])
    four.push(rates[1])
  }
  await Promise.all(pods.map((pod) => pod.close()))
  await redis.close()
  return {
    title: 'Refreshes per second, 4 processes against 1',
    how: 'The processes, Redis, the upstream and the bench share the CPUs of this machine.',
    rows: [
      seen('1 process', estimateOf(one), ' per second'),
      seen('4 processes', estimateOf(four), ' per second'),
      seen('4 against 1', ratioOf(four, one), ' ×'),
    ],
  }
}
