import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { atMost, type Section, seen } from '../support/report.js'
import { roundsOf } from '../support/rounds.js'
import type { Scale } from '../support/scale.js'
import { estimateOf, ratioOf } from '../support/statistics.js'

const run = promisify(execFile)

/** What loading the package costs, beside axios, which it loads. */
export async function imports({ starts }: Scale): Promise<Section> {
  const ours: number[] = []
  const theirs: number[] = []
  for (const round of roundsOf({ rounds: starts, warmUp: 1, seconds: 15 })) {
    const costs = [
      await costOf(import.meta.resolve('../../lib/index.js')),
      await costOf(import.meta.resolve('axios')),
    ] as const
    if (round < 0) continue
    ours.push(costs[0])
    theirs.push(costs[1])
  }
  return {
    title: 'Importing the package',
    how: 'CPU time of the import in a new process, in alternation.',
    rows: [
      atMost('against importing axios alone', ratioOf(ours, theirs), 1.1, ' ×'),
      seen('the package', estimateOf(ours), ' ms'),
      seen('axios', estimateOf(theirs), ' ms'),
    ],
  }
}

async function costOf(url: string): Promise<number> {
  const code = `const b = process.cpuUsage(); await import(${JSON.stringify(url)}); const { user, system } = process.cpuUsage(b); console.log((user + system) / 1000)`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code])
  return Number(stdout)
}
