import type { Loss } from './losses.js'
import type { Profile } from './profile.js'
import type { Outcome } from './storm.js'

/** What a run is about to do, with the seed that repeats its choices. */
export function announcement(profile: Profile): string {
  const { signal, seed, processes, sessions, refreshes, time, slow } = profile
  return (
    `chaos with ${signal}, seed ${seed}: ${processes} processes, ${sessions} sessions, ` +
    `until ${refreshes} refreshes or ${time / 1000} s; ` +
    `${slow.share * 100} % of the refreshes answered up to ${slow.most / 1000} s late`
  )
}

export function report(outcome: Outcome): string {
  const { profile, losses } = outcome
  const rows: [string, number][] = [
    ['refreshes', outcome.refreshes],
    ['upstream calls', outcome.upstreamCalls],
    ['sessions lost', losses.length],
    ['longest wait of a request while its token was good, ms', Math.round(outcome.longestWait)],
    ['  and for a record that its process had to read, ms', Math.round(outcome.longestRead)],
    ['requests', outcome.requests],
    ['  told to come again (503)', outcome.unavailable],
    ['  cut off by a process that stopped', outcome.broken],
    [`processes stopped with ${profile.signal} and replaced`, outcome.stopped],
    ['  that had to be killed', outcome.stuck],
    ['Redis restarts', outcome.redisRestarts],
    ['failovers of Redis to a replica that was behind', outcome.failovers],
    ['  writes that they lost', outcome.lostWrites],
    ['connections to Redis dropped', outcome.drops],
    ['processes with a wrong secret', outcome.wrongSecrets],
    ['  requests that they refused', outcome.unopened],
    ['seconds', Math.round(outcome.took / 1000)],
  ]
  const table = rows.map(([name, value]) => `  ${name.padEnd(56)}${String(value).padStart(8)}`)
  return [...table, ...lossLines(losses)].join('\n')
}

/** Losses that lie outside of the window that nobody can close. */
export function unproven(losses: Loss[]): Loss[] {
  return losses.filter(({ proof }) => typeof proof === 'string')
}

function lossLines(losses: Loss[]): string[] {
  if (losses.length === 0) return []
  const proven = losses.flatMap(({ person, proof }) =>
    typeof proof === 'string' ? [] : [{ person, ...proof }],
  )
  const lines = proven.map(
    ({ person, process, where, window, storeAway }) =>
      `    ${person}: ${process} was killed when ${where}, for ${window} ms` +
      `${storeAway ? ', Redis being away' : ''}`,
  )
  const others = unproven(losses).map(
    ({ person, reason, proof }) => `    ${person}: NOT PROVEN, ${proof}; ${reason}`,
  )
  const head = `  ${proven.length} of ${losses.length} lay between the call and the save of its answer, in a process that was killed there:`
  return [head, ...lines, ...others]
}
