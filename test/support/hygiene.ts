// Loaded before every run. A test run that leaves a timer, a socket or a child behind would hang or
// hide a leak, so whatever is still open a while after the last test is named and fails the run.
import type { RootHookObject } from 'mocha'
import './timers.js'

const PATIENCE = 15_000

export const mochaHooks: RootHookObject = {
  afterAll() {
    setTimeout(() => {
      const open = process.getActiveResourcesInfo().filter((kind) => kind !== 'TTYWrap')
      process.stderr.write(`still open ${PATIENCE} ms after the last test: ${open.join(', ')}\n`)
      process.exit(1)
    }, PATIENCE).unref()
  },
}
