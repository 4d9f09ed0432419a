import { type RedisServer, startRedis } from '../../test/support/redis.js'
import { type Child, startChild } from '../support/child.js'
import type { Cost } from '../support/pod.js'
import { fill, redisTime } from '../support/records.js'
import { atMost, type Section, seen } from '../support/report.js'
import { roundsOf } from '../support/rounds.js'
import type { Scale } from '../support/scale.js'
import { estimateOf, ratioOf } from '../support/statistics.js'

/** One size of store, with a process that works on it. */
interface Site {
  records: number
  redis: RedisServer
  pod: Child
  bytes: number
  refresh: number[]
  request: number[]
  heap: number
}

const TIMES = 1_000

/** What more live records cost: a request, a refresh, the process's memory, Redis's memory. */
export async function scale(origin: string, { rounds, records }: Scale): Promise<Section> {
  const sites: Site[] = []
  for (const size of [1_000, 100_000, records]) sites.push(await siteOf(origin, size))
  for (const round of roundsOf({ rounds, warmUp: 4, seconds: 60 })) {
    for (const site of sites) await measure(site, round >= 0)
  }
  for (const { pod, redis } of sites) {
    await pod.close()
    await redis.close()
  }
  const [few, many, most] = sites
  if (!few || !many || !most) throw new Error('a size was not measured')
  const heap = {
    median: most.heap / many.heap,
    low: most.heap / many.heap,
    high: most.heap / many.heap,
  }
  return {
    title: 'Many live records',
    how:
      `One Redis and one process for each size, in alternation; ${TIMES} of each operation per round, for random records. ` +
      'CPU time of the process and of Redis together.',
    rows: [
      atMost(
        `a refresh at ${name(most)}, against ${name(few)}`,
        ratioOf(most.refresh, few.refresh),
        1.1,
        ' ×',
      ),
      atMost(`heap of the process at ${name(most)}, against ${name(many)}`, heap, 1.1, ' ×'),
      ...sites.flatMap((site) => [
        seen(`${name(site)}: a refresh`, estimateOf(site.refresh), ' µs'),
        seen(`${name(site)}: a request with a random record`, estimateOf(site.request), ' µs'),
        seen(`${name(site)}: heap of the process`, estimateOf([site.heap / 2 ** 20]), ' MiB'),
        seen(`${name(site)}: Redis memory per record`, estimateOf([site.bytes]), ' bytes'),
      ]),
    ],
  }
}

function name({ records }: Site): string {
  return `${records.toLocaleString('en')} records`
}

async function siteOf(upstream: string, records: number): Promise<Site> {
  const redis = await startRedis({ durable: false })
  const bytes = await fill(redis.url, records)
  const pod = await startChild(import.meta.resolve('../support/pod.js'))
  await pod.ask('start', { upstream, redis: redis.url })
  return { records, redis, pod, bytes, refresh: [], request: [], heap: 0 }
}

async function measure(site: Site, counts: boolean): Promise<void> {
  for (const kind of ['refresh', 'request'] as const) {
    const before = await redisTime(site.redis.url)
    const work = { times: TIMES, records: site.records }
    const { cpu } = await site.pod.ask<Cost>(kind === 'refresh' ? 'refreshes' : 'requests', work)
    const redis = ((await redisTime(site.redis.url)) - before) / TIMES
    if (counts) site[kind].push(cpu + redis)
  }
  site.heap = await site.pod.ask<number>('heap')
}
