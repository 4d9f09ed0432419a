import fc from 'fast-check'
import { PROPERTIES } from '../long/fuzz/properties.js'
import { SEEDS } from '../long/fuzz/seeds.js'

const CASES = 3_000

// A short run: `npm run fuzz` runs the same properties for longer.
describe('fuzzed requests and responses', () => {
  for (const { name, share, property } of PROPERTIES) {
    it(`${name}: ${CASES * share} cases`, async () => {
      await fc.assert(property(), { numRuns: CASES * share })
    }).timeout(60_000)

    for (const { seed, path, was } of SEEDS.filter((one) => one.property === name)) {
      it(`${name}: no longer ${was}`, async () => {
        await fc.assert(property(), { seed, path })
      })
    }
  }
})
