// npm run faults: tests every upstream call with every fault, and writes docs/faults.md.
import { writeFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { FAULTS } from './faults.js'
import { runCell } from './matrix.js'
import { SUBJECTS } from './subjects.js'
import { pageOf, tableOf, WRONG_TYPES } from './table.js'
import { wrongTypeOutcomes } from './wrong-types.js'

const PAGE = new URL('../../../../docs/faults.md', import.meta.url)

const wrong: string[] = []
process.on('unhandledRejection', (reason) => wrong.push(`unhandled rejection: ${reason}`))

for (const fault of FAULTS) {
  for (const subject of SUBJECTS) {
    const { expected, found, faults } = await runCell(subject, fault)
    if (found !== expected) faults.push(`${found}, not ${expected}`)
    for (const what of faults) wrong.push(`${fault.name}, ${subject.name}: ${what}`)
  }
  console.log(`${fault.name}: ${SUBJECTS.length} calls`)
}
for (const subject of SUBJECTS) {
  const outcomes = await wrongTypeOutcomes(subject)
  if (!isDeepStrictEqual(outcomes, subject.wrongTypes)) {
    wrong.push(`${WRONG_TYPES}, ${subject.name}: ${outcomes.join(', ')}`)
  }
}
console.log(`\n${tableOf()}\n`)
for (const what of wrong) console.log(`WRONG ${what}`)
const cells = (FAULTS.length + 1) * SUBJECTS.length
console.log(`${cells} cells, ${wrong.length} wrong`)
if (wrong.length === 0) await writeFile(PAGE, pageOf())
process.exitCode = wrong.length === 0 ? 0 : 1
