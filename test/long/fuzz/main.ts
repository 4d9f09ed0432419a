// npm run fuzz [-- CASES [SEED]]: 120,000 cases by default, and the cases that have failed before.
import fc from 'fast-check'
import { PROPERTIES } from './properties.js'
import { SEEDS } from './seeds.js'

const [cases = '120000', seed] = process.argv.slice(2)
const rejections: unknown[] = []
process.on('unhandledRejection', (reason) => rejections.push(reason))

// keeps the process alive: there are no sockets, and the package's timers are unref'ed
const alive = setInterval(() => {}, 1_000)
process.exitCode = 1

let failed = 0
for (const { name, share, property } of PROPERTIES) {
  const numRuns = Math.ceil(Number(cases) * share)
  const began = performance.now()
  const again = SEEDS.filter((one) => one.property === name)
  const runs = [...again.map((one) => ({ seed: one.seed, path: one.path })), fresh(numRuns)]
  for (const run of runs) {
    const details = await fc.check(property(), run)
    const took = ((performance.now() - began) / 1000).toFixed(1)
    console.log(`${name}: ${details.numRuns} cases, seed ${details.seed}, ${took} s`)
    if (!details.failed) continue
    failed++
    console.log(fc.defaultReportMessage(details))
  }
}
console.log(`${failed} properties failed, ${rejections.length} unhandled rejections`)
for (const reason of rejections.slice(0, 5)) console.log(reason)
clearInterval(alive)
process.exitCode = failed + rejections.length === 0 ? 0 : 1

function fresh(numRuns: number): fc.Parameters<unknown> {
  return { numRuns, ...(seed === undefined ? {} : { seed: Number(seed) }) }
}
