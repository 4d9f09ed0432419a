import { startRedis } from '../../test/support/redis.js'
import { startChild } from '../support/child.js'
import type { Due } from '../support/pod.js'
import { fill } from '../support/records.js'
import { exactly, type Section, seen } from '../support/report.js'
import { estimateOf, exactlyOnce } from '../support/statistics.js'

const PODS = 4
/** A quarter of a minute, with a quarter of the people. */
const SECONDS = 15
const EACH = 10_000 / 4 / PODS

/** 10,000 id_tokens that are all to be renewed in one minute, by requests of their people in 4 processes. */
export async function due(origin: string): Promise<Section> {
  const redis = await startRedis({ durable: false })
  await fill(redis.url, EACH * PODS, true)
  const pods = await Promise.all(
    Array.from({ length: PODS }, async () => {
      const pod = await startChild(import.meta.resolve('../support/pod.js'))
      await pod.ask('start', { upstream: origin, redis: redis.url })
      return pod
    }),
  )
  const all = await Promise.all(
    pods.map((pod, n) =>
      pod.ask<Due>('due', { from: n * EACH + 1, count: EACH, seconds: SECONDS }),
    ),
  )
  await Promise.all(pods.map((pod) => pod.close()))
  await redis.close()
  const refreshes = all.flatMap(({ refreshedAt }) => refreshedAt)
  const waits = all.flatMap(({ waits }) => waits)
  const rates = ratesOf(refreshes)
  return {
    title: '10,000 records due in the same minute, 4 processes',
    how: `A quarter of that load: ${EACH * PODS} users, each with one request at a random time within ${SECONDS} seconds. Their id_tokens are still valid, so no request waits for OneAccess.`,
    rows: [
      exactly('refreshes', String(EACH * PODS), String(refreshes.length)),
      seen('longest wait for a token', exactlyOnce(Math.max(...waits)), ' ms'),
      seen('wait for a token', estimateOf(waits), ' ms'),
      seen('refreshes per second', estimateOf(rates)),
      seen('busiest second', exactlyOnce(Math.max(...rates)), ' refreshes'),
      seen('time from the first to the last refresh', exactlyOnce(spanOf(refreshes)), ' s'),
    ],
  }
}

/** How many in each second. */
function ratesOf(times: readonly number[]): number[] {
  const first = Math.min(...times)
  const rates: number[] = []
  for (const time of times) {
    const second = Math.floor((time - first) / 1000)
    rates[second] = (rates[second] ?? 0) + 1
  }
  return Array.from(rates, (rate) => rate ?? 0)
}

function spanOf(times: readonly number[]): number {
  return (Math.max(...times) - Math.min(...times)) / 1000
}
