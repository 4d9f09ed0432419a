// Keeps a processor busy, so that a run shows what its figures are worth on a busy machine.
import { cpus } from 'node:os'
import { startChild } from './child.js'

/** Keeps every processor of this machine busy until it is closed. */
export async function startLoad(): Promise<{ close(): Promise<void> }> {
  const spinners = await Promise.all(cpus().map(() => startChild(import.meta.resolve('./spin.js'))))
  return {
    async close() {
      await Promise.all(spinners.map((spinner) => spinner.close()))
    },
  }
}
