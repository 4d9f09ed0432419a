// Loaded before every run. Timers, sockets and child processes that are still open 15 s after the last
// test are leaks: the run names them and fails, instead of hanging.
import type { RootHookObject } from 'mocha'
import './timers.js'

const PATIENCE = 15_000

// mocha 12 only emits the event again, and then nothing comes of it
process.on('unhandledRejection', (reason) => {
  throw new Error('a promise was rejected, and nothing handled it', { cause: reason })
})

export const mochaHooks: RootHookObject = {
  afterAll() {
    setTimeout(() => {
      const open = process.getActiveResourcesInfo().filter((kind) => kind !== 'TTYWrap')
      process.stderr.write(`still open ${PATIENCE} ms after the last test: ${open.join(', ')}\n`)
      process.exit(1)
    }, PATIENCE).unref()
  },
}
