import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { FAULTS } from '../long/faults/faults.js'
import { runCell } from '../long/faults/matrix.js'
import { SUBJECTS } from '../long/faults/subjects.js'
import { pageOf } from '../long/faults/table.js'
import { wrongTypeOutcomes } from '../long/faults/wrong-types.js'

// Each cell of the tables in docs/faults.md.
describe('faults of OneAccess', () => {
  for (const fault of FAULTS) {
    it(`have the documented outcome at any call: ${fault.name}`, async () => {
      for (const subject of SUBJECTS) {
        const { expected, found, faults } = await runCell(subject, fault)
        expect([subject.name, found, ...faults]).to.deep.equal([subject.name, expected])
      }
    }).timeout(60_000)
  }

  for (const subject of SUBJECTS) {
    it(`have the documented outcome at ${subject.name}: each member with another type`, async () => {
      expect(await wrongTypeOutcomes(subject)).to.deep.equal(subject.wrongTypes)
    }).timeout(60_000)
  }

  it('are documented in docs/faults.md exactly as the tests expect them', async () => {
    const page = await readFile(new URL('../../../docs/faults.md', import.meta.url), 'utf8')
    expect(page).to.equal(pageOf())
  })
})
