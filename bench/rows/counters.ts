import { startChild } from '../support/child.js'
import type { Counts } from '../support/counting.js'
import { atMost, exactly, type Section } from '../support/report.js'
import { exactlyOnce } from '../support/statistics.js'

/** Operations per login, which show the effect of a change on any machine. */
export async function counters(origin: string): Promise<Section> {
  const flags = ['--max-semi-space-size=128', '--min-semi-space-size=128']
  const child = await startChild(import.meta.resolve('../support/counting.js'), flags)
  const counts = await child.ask<Counts>('count', origin)
  await child.close()
  // what was reached, with room for another release of Node or undici: more is a change to look at
  const most = (what: string, value: number, bound: number, unit = '') =>
    atMost(what, exactlyOnce(value), bound, unit)
  return {
    title: 'Operations per login',
    how: 'Sequential logins in a separate process, against the same upstream as in the first table. The counts do not depend on the machine.',
    rows: [
      exactly('reads of the token store', '1', String(counts.storeReads)),
      exactly('writes of the token store', '3', String(counts.storeWrites)),
      most('timers and immediates', counts.timers, 22),
      most('promises', counts.promises, 140),
      most('SHA-256 digests', counts.hashes, 6),
      most('bytes hashed', counts.hashedBytes, 300),
      most('memory allocated', counts.allocated / 1024, 140, ' KiB'),
    ],
  }
}
