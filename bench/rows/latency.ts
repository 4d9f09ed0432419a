import { bare } from '../peers/clients.js'
import { type Child, startChild } from '../support/child.js'
import { atMost, type Section, seen } from '../support/report.js'
import type { Scale } from '../support/scale.js'
import { spreadOf } from '../support/statistics.js'

const DELAY = 50

/** How long a person waits for a login when each answer of OneAccess takes 50 ms. */
export async function latency(
  origin: string,
  upstream: Child,
  { starts }: Scale,
): Promise<Section> {
  await upstream.ask('delay', DELAY)
  const pod = await startPod(origin)
  const warm: number[] = []
  const cold: number[] = []
  const first: number[] = []
  const floor: number[] = []
  await pod.ask('login', '')
  for (let round = 0; round < starts; round++) {
    const fresh = await startPod(origin)
    first.push((await fresh.ask<number>('login', '')) / (3 * DELAY))
    await fresh.close()
    cold.push((await pod.ask<number>('login', origin)) / (3 * DELAY))
    warm.push((await pod.ask<number>('login', '')) / (3 * DELAY))
    floor.push((await threeOf(bare(origin).work)) / (3 * DELAY))
  }
  await pod.close()
  await upstream.ask('delay', 0)
  return {
    title: 'How long a login takes, each answer delayed by 50 ms',
    how: 'In delays of three answers, 150 ms: three calls depend on each other, and the access credential is fetched beside the first.',
    rows: [
      atMost('warm', spreadOf(warm), 1.05, ' ×'),
      atMost('cold: no connection, no access credential', spreadOf(cold), 1.05, ' ×'),
      seen(
        'three bare `http.request`, one after the other, with no connection',
        spreadOf(floor),
        ' ×',
      ),
      seen('the first login of a process, with code that never ran', spreadOf(first), ' ×'),
    ],
  }
}

/** Milliseconds for three calls that depend on each other, and nothing else: what the machine allows. */
async function threeOf(call: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  for (let i = 0; i < 3; i++) await call()
  return performance.now() - began
}

async function startPod(upstream: string): Promise<Child> {
  const pod = await startChild(import.meta.resolve('../support/pod.js'))
  await pod.ask('start', { upstream })
  return pod
}
