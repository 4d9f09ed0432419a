import { startRedis } from '../../test/support/redis.js'
import { type Child, startChild } from '../support/child.js'
import { writeExpired } from '../support/records.js'
import { exactly, type Section, seen } from '../support/report.js'
import type { Scale } from '../support/scale.js'
import { estimateOf } from '../support/statistics.js'
import type { Seen } from '../support/upstream.js'

const PODS = 4
const REQUESTS = 1_000
const REFRESH = '/api/v2/sdk/sso/session-token/id-token'

/** 4 processes, 1,000 requests in each, all at once, for one id_token that is over. */
export async function expired(origin: string, upstream: Child, scale: Scale): Promise<Section> {
  const redis = await startRedis()
  const pods = await Promise.all(
    Array.from({ length: PODS }, async () => {
      const pod = await startChild(import.meta.resolve('../support/pod.js'))
      await pod.ask('start', { upstream: origin, redis: redis.url })
      return pod
    }),
  )
  const refreshes: number[] = []
  const served: number[] = []
  const walls: number[] = []
  await upstream.ask('delay', 50)
  for (let round = 0; round < Math.ceil(scale.starts / 3); round++) {
    const record = `expired-${round}`
    await writeExpired(redis.url, record)
    await upstream.ask('seen')
    const began = performance.now()
    const answers = pods.map((pod) => pod.ask<number>('ask', { record, times: REQUESTS }))
    served.push((await Promise.all(answers)).reduce((sum, one) => sum + one, 0))
    walls.push(performance.now() - began)
    const { requests } = await upstream.ask<Seen>('seen')
    refreshes.push(requests[REFRESH] ?? 0)
  }
  await upstream.ask('delay', 0)
  await Promise.all(pods.map((pod) => pod.close()))
  await redis.close()
  return {
    title: 'One expired id_token, 4 processes with 1,000 requests each',
    how: 'Express in each process, one shared Redis, and a refresh that takes OneAccess 50 ms. Each round uses another record.',
    rows: [
      exactly('refreshes at OneAccess, by round', all(refreshes, 1), refreshes.join(' ')),
      exactly(
        'requests that got the new id_token, by round',
        all(served, PODS * REQUESTS),
        served.join(' '),
      ),
      seen('time until the last request was served', estimateOf(walls), ' ms'),
    ],
  }
}

function all(values: readonly number[], each: number): string {
  return values.map(() => each).join(' ')
}
