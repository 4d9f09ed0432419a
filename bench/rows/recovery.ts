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
      atMost(
        `${people} users: busiest second, against the busiest before the outage`,
        ratio(1),
        1.5,
      ),
      atMost(
        `${people} users: busiest 10 seconds, against those before the outage`,
        ratio(10),
        1.5,
      ),
      exactly(`${people} users: those with a new token afterwards`, String(people), String(served)),
      seen(`${people} users: time until no request is turned away`, exactlyOnce(last), ' s'),
    ]
  })
  return {
    title: 'Recovery from a five-minute outage of OneAccess',
    how: 'Simulated with a fake clock, so the figures do not depend on the machine. Only the last row is measured, in a loop.',
    rows: [...rows, seen('rate limiting and counting of one refresh', costOfATurn(rounds), ' µs')],
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
