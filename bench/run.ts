// npm run bench [-- quick] [-- login fresh …]: every promise about speed, measured here, in one run.
import { writeFile } from 'node:fs/promises'
import { expired } from './rows/expired.js'
import { fresh } from './rows/fresh.js'
import { imports } from './rows/import.js'
import { latency } from './rows/latency.js'
import { loginCost } from './rows/login-cost.js'
import { processes } from './rows/processes.js'
import { scale as manyRecords } from './rows/scale.js'
import { storm } from './rows/storm.js'
import { startChild } from './support/child.js'
import { pageOf, type Section, tableOf } from './support/report.js'
import { QUICK, WHOLE } from './support/scale.js'

const asked = process.argv.slice(2)
const quick = asked.includes('quick')
const scale = quick ? QUICK : WHOLE
const began = Date.now()

const upstream = await startChild(import.meta.resolve('./support/upstream.js'))
const origin = await upstream.ask<string>('listen')
const parts: Record<string, () => Promise<Section>> = {
  login: () => loginCost(origin, scale),
  latency: () => latency(origin, upstream, scale),
  fresh: () => fresh(origin, scale),
  expired: () => expired(origin, upstream, scale),
  scale: () => manyRecords(origin, scale),
  processes: () => processes(origin, scale),
  storm: () => storm(origin, upstream, scale),
  import: () => imports(scale),
}
const names = Object.keys(parts)
const strange = asked.filter((word) => word !== 'quick' && !names.includes(word))
if (strange.length > 0) throw new Error(`unknown: ${strange}; there are quick, ${names.join(', ')}`)

const some = names.filter((name) => asked.includes(name))
const sections: Section[] = []
for (const name of some.length > 0 ? some : names) {
  const section = await parts[name]?.()
  if (section === undefined) continue
  sections.push(section)
  console.log(tableOf(section).join('\n'))
}
await upstream.close()

// a part of a run is no record of this machine
if (some.length === 0) {
  const page = pageOf(sections, quick ? ' -- quick' : '', (Date.now() - began) / 1000)
  await writeFile('bench/RESULTS.md', page)
}
const missed = sections.flatMap(({ rows }) => rows.filter(({ ok }) => ok === false))
for (const { what, required, reached } of missed) {
  console.log(`not reached: ${what}: ${required}, reached ${reached}`)
}
process.exitCode = missed.length > 0 ? 1 : 0
