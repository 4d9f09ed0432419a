// npm run bench [-- quick] [-- login fresh …]: every promise about speed, measured here, in one run.
import { writeFile } from 'node:fs/promises'
import { counters } from './rows/counters.js'
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
import { judged, pageOf, type Section, tableOf } from './support/report.js'
import { QUICK, WHOLE } from './support/scale.js'

const asked = process.argv.slice(2)
const quick = asked.includes('quick')
const scale = quick ? QUICK : WHOLE
const began = Date.now()

const upstream = await startChild(import.meta.resolve('./support/upstream.js'))
const origin = await upstream.ask<string>('listen')
const parts: Record<string, () => Promise<Section>> = {
  login: () => loginCost(origin, scale),
  counters: () => counters(origin),
  latency: () => latency(origin, upstream, scale),
  fresh: () => fresh(origin, scale),
  expired: () => expired(origin, upstream, scale),
  scale: () => manyRecords(origin, scale),
  processes: () => processes(origin, scale),
  storm: () => storm(origin, upstream, scale),
  events: () => events(scale),
  recovery: () => recovery(scale),
  hostile: () => hostile(scale),
  import: () => imports(scale),
}
const names = Object.keys(parts)
const strange = asked.filter((word) => word !== 'quick' && !names.includes(word))
if (strange.length > 0) throw new Error(`unknown: ${strange}; there are quick, ${names.join(', ')}`)

const some = names.filter((name) => asked.includes(name))
const sections: Section[] = []
for (const name of some.length > 0 ? some : names) {
  const measured = await parts[name]?.()
  if (measured === undefined) continue
  const section = judged(measured)
  sections.push(section)
  console.log(tableOf(section).join('\n'))
}
await upstream.close()

// a part of a run is no record of this machine
if (some.length === 0) {
  const page = pageOf(sections, quick ? ' -- quick' : '', (Date.now() - began) / 1000)
  await writeFile('bench/RESULTS.md', page)
}
const rows = sections.flatMap((section) => section.rows)
for (const { what, required, reached, interval = reached, judgement } of rows) {
  if (judgement === 'no') console.log(`not reached: ${what}: ${required}, reached ${reached}`)
  if (judgement === 'unsure') console.log(`cannot be told: ${what}: ${required}, seen ${interval}`)
}
// what this machine cannot tell now is neither passed nor failed
process.exitCode = rows.some(({ judgement }) => judgement === 'no') ? 1 : 0
