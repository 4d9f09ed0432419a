import { setTimeout as sleep } from 'node:timers/promises'
import { bare } from '../peers/clients.js'
import { type Child, startChild } from '../support/child.js'
import { atMost, type Section, seen } from '../support/report.js'
import { roundsOf } from '../support/rounds.js'
import type { Scale } from '../support/scale.js'
import { estimateOf, randomFrom, ratioOf, shuffled } from '../support/statistics.js'

const DELAY = 50

/** Milliseconds, one for each round. */
type Waits = number[]
type Five = [Waits, Waits, Waits, Waits, Waits]

/** How long a person waits for a login when each answer of OneAccess takes 50 ms. */
export async function latency(
  origin: string,
  upstream: Child,
  { starts }: Scale,
): Promise<Section> {
  const pod = await startPod(origin)
  const oneTrip = await startPod(origin, true)
  // code that has run: the first login of a process is a row of its own
  for (const one of [pod, oneTrip]) {
    for (let n = 0; n < 200; n++) await one.ask('login', n % 2 ? '' : origin)
  }
  await upstream.ask('delay', DELAY)
  const [warm, cold, first, three, again]: Five = [[], [], [], [], []]
  const [warmOne, coldOne, one]: [Waits, Waits, Waits] = [[], [], []]
  const random = randomFrom(starts)
  const ways: [number[], () => Promise<number>][] = [
    [warm, () => pod.ask<number>('login', '')],
    [cold, () => pod.ask<number>('login', origin)],
    [three, () => inTurn(3, bare(origin))],
    [again, () => inTurn(3, bare(origin))],
    [warmOne, () => oneTrip.ask<number>('login', '')],
    [coldOne, () => oneTrip.ask<number>('login', origin)],
    [one, () => inTurn(1, bare(origin))],
    [first, () => firstLogin(origin)],
  ]
  for (const round of roundsOf({ rounds: starts, warmUp: 1, seconds: 45 })) {
    for (const [values, wait] of shuffled(ways, random)) {
      const milliseconds = await wait()
      if (round >= 0) values.push(milliseconds)
    }
  }
  await pod.close()
  await oneTrip.close()
  await upstream.ask('delay', 0)
  return {
    title: 'Login latency, each response delayed by 50 ms',
    how:
      'Compared with three bare `http.request` calls in sequence that start without a connection: a login makes three ' +
      'calls that depend on each other, and fetches the access token in parallel with the first. ' +
      "With `userFrom: 'id-token'`, compared with one such call.",
    control: ratioOf(again, three),
    rows: [
      atMost('warm', ratioOf(warm, three), 1.02, ' ×'),
      atMost('cold: no connection, no access token', ratioOf(cold, three), 1.02, ' ×'),
      atMost("warm, `userFrom: 'id-token'`", ratioOf(warmOne, one), 1.02, ' ×'),
      atMost("cold, `userFrom: 'id-token'`: no keys", ratioOf(coldOne, one), 1.02, ' ×'),
      seen('the first login of a process, a second after its start', ratioOf(first, three), ' ×'),
      seen('three bare calls', estimateOf(three), ' ms'),
    ],
  }
}

async function firstLogin(origin: string): Promise<number> {
  const fresh = await startPod(origin)
  await sleep(1_000) // nobody logs in while an app starts
  const milliseconds = await fresh.ask<number>('login', '')
  await fresh.close()
  return milliseconds
}

/** Milliseconds for calls that depend on each other, and nothing else: what the machine allows. */
async function inTurn(times: number, call: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  for (let i = 0; i < times; i++) await call()
  return performance.now() - began
}

async function startPod(upstream: string, userFromIDToken = false): Promise<Child> {
  const pod = await startChild(import.meta.resolve('../support/pod.js'))
  await pod.ask('start', { upstream, userFromIDToken })
  return pod
}
