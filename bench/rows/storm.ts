import { type Child, startChild } from '../support/child.js'
import { atMost, exactly, type Row, type Section, seen } from '../support/report.js'
import type { Scale } from '../support/scale.js'
import { estimateOf } from '../support/statistics.js'
import type { Seen } from '../support/upstream.js'

/** Everybody logs in at once, and each answer takes 200 ms. */
export async function storm(origin: string, upstream: Child, scale: Scale): Promise<Section> {
  await upstream.ask('delay', 200)
  const rows: Row[] = []
  for (const maxConnections of [undefined, 128]) {
    rows.push(...(await stormWith(origin, upstream, scale.storm, maxConnections)))
  }
  await upstream.ask('delay', 0)
  return {
    title: `${scale.storm.toLocaleString('en')} concurrent logins, each response delayed by 200 ms`,
    how: 'With the default of `maxConnections`, and with a lower value. Further calls queue.',
    rows,
  }
}

/** What a login in flight may hold, in KiB; a thousand of them are then less than a small process. */
const MOST_A_LOGIN = 128

async function stormWith(
  origin: string,
  upstream: Child,
  times: number,
  maxConnections = 256,
): Promise<Row[]> {
  const pod = await startChild(import.meta.resolve('../support/pod.js'))
  await pod.ask('start', { upstream: origin, maxConnections })
  await upstream.ask('seen')
  const { done, wall, growth } = await pod.ask<Record<'done' | 'wall' | 'growth', number>>(
    'logins',
    times,
  )
  const { connections } = await upstream.ask<Seen>('seen')
  await pod.close()
  const which = `maxConnections ${maxConnections}`
  return [
    exactly(`${which}: logins completed`, String(times), String(done)),
    atMost(`${which}: connections`, estimateOf([connections]), maxConnections),
    atMost(
      `${which}: process memory per login`,
      estimateOf([growth / 1024 / times]),
      MOST_A_LOGIN,
      ' KiB',
    ),
    seen(`${which}: time until the last login`, estimateOf([wall / 1000]), ' s'),
  ]
}
