import sinon from 'sinon'
import { RefreshPacer } from '../../lib/tokens/pacer.js'
import { busiest, live } from '../../test/support/recovery.js'
import { atMost, exactly, type Section, seen } from '../support/report.js'
import type { Scale } from '../support/scale.js'
import { estimateOf, exactlyOnce } from '../support/statistics.js'

/** OneAccess is away for five minutes; id_tokens live as long, and everybody asks every 5 seconds. */
export async function recovery({ rounds }: Scale): Promise<Section> {
  const rows = [200, 2_000].flatMap((people) => {
    const { before, after, turnedAway, served } = live({ people })
    sinon.restore()
    const ratio = (seconds: number) =>
      exactlyOnce(busiest(after, seconds) / busiest(before, seconds))
    const last = turnedAway.findLastIndex((count) => count > 0) + 1
    return [
      atMost(`${people} people: the busiest second, against the busiest before`, ratio(1), 1.5),
      atMost(`${people} people: the busiest 10 seconds, against those before`, ratio(10), 1.5),
      exactly(`${people} people: have a new token afterwards`, String(people), String(served)),
      seen(`${people} people: until nobody is turned away`, exactlyOnce(last), ' s'),
    ]
  })
  return {
    title: 'After five minutes without OneAccess',
    how: 'Simulated by a clock of its own, so it is the same on any machine; but for the last row, which is a loop.',
    rows: [...rows, seen('a refresh: its turn, and its being counted', costOfATurn(rounds), ' µs')],
  }
}

const TIMES = 200_000

function costOfATurn(rounds: number) {
  const costs: number[] = []
  for (let round = -1; round < rounds; round++) {
    const pacer = new RefreshPacer()
    const before = process.cpuUsage()
    for (let n = 0; n < TIMES; n++) {
      pacer.take(true)
      pacer.succeeded()
    }
    const { user, system } = process.cpuUsage(before)
    if (round >= 0) costs.push((user + system) / TIMES)
  }
  return estimateOf(costs)
}
