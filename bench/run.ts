// npm run bench [-- quick] [-- busy] [-- login fresh …]: every promise about speed, measured here, in one run.
// `busy` keeps every processor busy beside it. A whole run ends with a part of itself on a machine made busy.
import { writeFile } from 'node:fs/promises'
import { counters } from './rows/counters.js'
import { due } from './rows/due.js'
import { events } from './rows/events.js'
import { expired } from './rows/expired.js'
import { fresh } from './rows/fresh.js'
import { hostile } from './rows/hostile.js'
import { imports } from './rows/import.js'
import { latency } from './rows/latency.js'
import { loginCost } from './rows/login-cost.js'
import { processes } from './rows/processes.js'
import { recovery } from './rows/recovery.js'
import { scale as manyRecords } from './rows/scale.js'
import { storm } from './rows/storm.js'
import { startChild } from './support/child.js'
import { startLoad } from './support/load.js'
import { judged, loadNow, onBusyMachine, pageOf, type Section, tableOf } from './support/report.js'
import { QUICK, type Scale, WHOLE } from './support/scale.js'

const asked = process.argv.slice(2)
const quick = asked.includes('quick')
const busy = asked.includes('busy')
const began = Date.now()
const load = loadNow()

const upstream = await startChild(import.meta.resolve('./support/upstream.js'))
const origin = await upstream.ask<string>('listen')
const parts: Record<string, (scale: Scale) => Promise<Section>> = {
  login: (scale) => loginCost(origin, scale),
  counters: () => counters(origin),
  latency: (scale) => latency(origin, upstream, scale),
  fresh: (scale) => fresh(origin, scale),
  expired: (scale) => expired(origin, upstream, scale),
  scale: (scale) => manyRecords(origin, scale),
  due: () => due(origin),
  processes: (scale) => processes(origin, scale),
  storm: (scale) => storm(origin, upstream, scale),
  events,
  recovery,
  hostile,
  import: imports,
}
/** What a whole run shows on a busy machine, too. */
const BUSY = ['login', 'counters', 'latency']
const names = Object.keys(parts)
const strange = asked.filter((word) => !['quick', 'busy', ...names].includes(word))
if (strange.length > 0) {
  throw new Error(`unknown: ${strange}; there are quick, busy, ${names.join(', ')}`)
}

const some = names.filter((name) => asked.includes(name))
const sections: Section[] = []

async function measure(which: string[], scale: Scale, isBusy: boolean): Promise<void> {
  const spinning = isBusy ? await startLoad() : undefined
  for (const name of which) {
    const measured = await parts[name]?.(scale)
    if (measured === undefined) continue
    const section = judged(isBusy ? onBusyMachine(measured) : measured)
    sections.push(section)
    console.log(tableOf(section).join('\n'))
  }
  await spinning?.close()
}

await measure(some.length > 0 ? some : names, quick ? QUICK : WHOLE, busy)
if (some.length === 0 && !busy) await measure(BUSY, QUICK, true)
await upstream.close()

// a part of a run is no record of this machine
if (some.length === 0) {
  const kind = asked.length > 0 ? ` -- ${asked.join(' ')}` : ''
  const page = pageOf(sections, { kind, seconds: (Date.now() - began) / 1000, load })
  await writeFile(busy ? 'bench/RESULTS-busy.md' : 'bench/RESULTS.md', page)
}
const rows = sections.flatMap((section) => section.rows)
for (const { what, required, reached, interval = reached, judgement } of rows) {
  if (judgement === 'no') console.log(`not reached: ${what}: ${required}, reached ${reached}`)
  if (judgement === 'unsure') console.log(`cannot be told: ${what}: ${required}, seen ${interval}`)
}
// what this machine cannot tell now is neither passed nor failed
process.exitCode = rows.some(({ judgement }) => judgement === 'no') ? 1 : 0
