import { startChild } from '../support/child.js'
import type { Counts } from '../support/counting.js'
import { exactly, type Section, seen } from '../support/report.js'
import { exactlyOnce } from '../support/statistics.js'

/** What a login does, counted: by these a change can be judged on any machine. */
export async function counters(origin: string): Promise<Section> {
  const flags = ['--max-semi-space-size=128', '--min-semi-space-size=128']
  const child = await startChild(import.meta.resolve('../support/counting.js'), flags)
  const counts = await child.ask<Counts>('count', origin)
  await child.close()
  const one = (what: string, value: number, unit = '') => seen(what, exactlyOnce(value), unit)
  return {
    title: 'What a login does, counted',
    how: 'One login after the other, in a process of its own; the upstream answers as in the first table. The same on any machine.',
    rows: [
      exactly('reads of the token store', '1', String(counts.storeReads)),
      exactly('writes of the token store', '3', String(counts.storeWrites)),
      one('timers and immediates', counts.timers),
      one('promises', counts.promises),
      one('SHA-256 digests', counts.hashes),
      one('bytes hashed', counts.hashedBytes),
      one('memory allocated', counts.allocated / 1024, ' KiB'),
    ],
  }
}
