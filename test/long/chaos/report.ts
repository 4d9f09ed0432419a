import type { Loss } from './losses.js'
import type { Profile } from './profile.js'
import type { Outcome } from './storm.js'

/** The settings of a run, with the seed to repeat it. */
export function announcement(profile: Profile): string {
  const { signal, seed, processes, sessions, refreshes, time, slow } = profile
  return (
    `chaos with ${signal}, seed ${seed}: ${processes} processes, ${sessions} sessions, ` +
    `until ${refreshes} refreshes or ${time / 1000} s; ` +
    `${slow.share * 100} % of the responses to refreshes delayed by up to ${slow.most / 1000} s`
  )
}

export function report(outcome: Outcome): string {
  const { profile, losses } = outcome
  const rows: [string, number][] = [
    ['refreshes', outcome.refreshes],
    ['upstream calls', outcome.upstreamCalls],
    ['logins lost', losses.length],
    ['longest wait of a request with a valid id_token, ms', Math.round(outcome.longestWait)],
    ['  and of one whose process had to read the record, ms', Math.round(outcome.longestRead)],
    ['requests', outcome.requests],
    ['  with status 503', outcome.unavailable],
    ['  dropped by a process that stopped', outcome.broken],
    [`processes stopped with ${profile.signal} and replaced`, outcome.stopped],
    ['  that had to be killed', outcome.stuck],
    ['Redis restarts', outcome.redisRestarts],
    ['failovers of Redis to a lagging replica', outcome.failovers],
    ['  writes lost', outcome.lostWrites],
    ['connections to Redis dropped', outcome.drops],
    ['processes with a wrong secret', outcome.wrongSecrets],
    ['  requests refused by them', outcome.unopened],
    ['seconds', Math.round(outcome.took / 1000)],
  ]
  const table = rows.map(([name, value]) => `  ${name.padEnd(56)}${String(value).padStart(8)}`)
  return [...table, ...lossLines(losses)].join('\n')
}

/** Losses without a proof that nothing could have prevented them. */
export function unproven(losses: Loss[]): Loss[] {
  return losses.filter(({ proof }) => typeof proof === 'string')
}

function lossLines(losses: Loss[]): string[] {
  if (losses.length === 0) return []
  const proven = losses.flatMap(({ person, proof }) =>
    typeof proof === 'string' ? [] : [{ person, ...proof }],
  )
  const lines = proven.map(
    ({ person, process, where, window, storeDown }) =>
      `    ${person}: ${process} was killed when ${where}, for ${window} ms` +
      `${storeDown ? ', while Redis was down' : ''}`,
  )
  const others = unproven(losses).map(
    ({ person, reason, proof }) => `    ${person}: NO PROOF, ${proof}; ${reason}`,
  )
  const head = `  ${proven.length} of ${losses.length} were lost because a process was killed between a call and the save of its response:`
  return [head, ...lines, ...others]
}
