import type { Timeouts } from '../../../lib/index.js'

/** What a run of chaos does. Times are milliseconds. */
export interface Profile {
  /** How processes are stopped. */
  signal: 'SIGTERM' | 'SIGKILL'
  seed: number
  /** The call that renews id_tokens. */
  refreshWith: 'id-token' | 'signed-id-token'
  processes: number
  sessions: number
  /** The storm ends when so many refreshes are done, or when its time is over and all kinds of trouble were met. */
  refreshes: number
  time: number
  /** How long an id_token lives, in seconds, and how early it is renewed. */
  idTokenLife: number
  refreshBefore: number
  timeouts: Partial<Timeouts>
  /** This share of refreshes is answered late: done at once, and told so much later at most. */
  slow: { share: number; most: number }
  /** Between two restarts of Redis, and how long it is away. */
  redisRestarts: { every: number; away: [number, number] }
  /** Between two failovers of Redis, and how far the replica that takes over is behind. */
  failovers: { every: number; behind: [number, number] }
  /** Between two drops, and the share of connections to Redis that one cuts. */
  drops: { every: number; share: number }
  /** Between two stops of a process, which is replaced. */
  stops: { every: number }
  /** Between two processes with a wrong secret, and how long one gets requests. */
  wrongSecrets: { every: number; time: number }
}

/** The run whose sessions all survive: 10,000 refreshes in 4 processes. */
export function full(seed: number): Profile {
  return {
    signal: 'SIGTERM',
    seed,
    refreshWith: 'id-token',
    processes: 4,
    sessions: 600,
    refreshes: 10_000,
    time: 150_000,
    idTokenLife: 12,
    refreshBefore: 6_000,
    timeouts: { refresh: 13_000, lease: 15_000, wait: 3_000, store: 1_000 },
    slow: { share: 0.2, most: 6_000 },
    redisRestarts: { every: 15_000, away: [200, 2_500] },
    failovers: { every: 20_000, behind: [100, 1_000] },
    drops: { every: 1_500, share: 0.5 },
    stops: { every: 8_000 },
    wrongSecrets: { every: 12_000, time: 3_000 },
  }
}

/** The same storm, with processes that get no time to save what they hold. */
export function killing(seed: number): Profile {
  return {
    ...full(seed),
    signal: 'SIGKILL',
    sessions: 300,
    // a record whose process was killed is given up after 3 leases
    timeouts: { refresh: 8_000, lease: 9_000, wait: 3_000, store: 1_000 },
    time: 30_000,
    failovers: { every: 10_000, behind: [100, 1_000] },
    stops: { every: 1_000 },
    wrongSecrets: { every: 5_000, time: 2_000 },
  }
}

/** A small storm for the tests. */
export function short(seed: number): Profile {
  return {
    ...full(seed),
    sessions: 40,
    refreshes: 500,
    time: 8_000,
    timeouts: { refresh: 6_000, lease: 6_500, wait: 3_000, store: 1_000 },
    slow: { share: 0.2, most: 2_000 },
    redisRestarts: { every: 2_500, away: [200, 1_000] },
    failovers: { every: 2_000, behind: [200, 600] },
    drops: { every: 600, share: 0.5 },
    stops: { every: 1_000 },
    wrongSecrets: { every: 1_500, time: 1_000 },
  }
}
