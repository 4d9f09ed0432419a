import type { Timeouts } from '../../../lib/index.js'

/** The settings of a run. Times are milliseconds unless said otherwise. */
export interface Profile {
  /** How processes are stopped. */
  signal: 'SIGTERM' | 'SIGKILL'
  seed: number
  /** The option refreshWith. */
  refreshWith: 'id-token' | 'signed-id-token'
  processes: number
  sessions: number
  /** A run ends after this many refreshes, or after `time` once every kind of fault has occurred. */
  refreshes: number
  time: number
  /** The life of an id_token in seconds, and the option refreshBefore. */
  idTokenLife: number
  refreshBefore: number
  timeouts: Partial<Timeouts>
  /** This share of refreshes is processed at once, and the response delayed by up to `most`. */
  slow: { share: number; most: number }
  /** The interval between restarts of Redis, and how long it is down. */
  redisRestarts: { every: number; down: [number, number] }
  /** The interval between failovers of Redis, and how far the replica lags. */
  failovers: { every: number; behind: [number, number] }
  /** The interval between drops, and the share of connections to Redis that each closes. */
  drops: { every: number; share: number }
  /** The interval between replacements of a process. */
  stops: { every: number }
  /** The interval between processes with a wrong secret, and how long each gets requests. */
  wrongSecrets: { every: number; time: number }
}

/** 10,000 refreshes in 4 processes; no login may be lost. */
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
    redisRestarts: { every: 15_000, down: [200, 2_500] },
    failovers: { every: 20_000, behind: [100, 1_000] },
    drops: { every: 1_500, share: 0.5 },
    stops: { every: 8_000 },
    wrongSecrets: { every: 12_000, time: 3_000 },
  }
}

/** The same with processes that are killed without time to save. */
export function killing(seed: number): Profile {
  return {
    ...full(seed),
    signal: 'SIGKILL',
    sessions: 300,
    // the login of a process that was killed is given up after 3 leases
    timeouts: { refresh: 8_000, lease: 9_000, wait: 3_000, store: 1_000 },
    time: 30_000,
    failovers: { every: 10_000, behind: [100, 1_000] },
    stops: { every: 1_000 },
    wrongSecrets: { every: 5_000, time: 2_000 },
  }
}

/** A short run. */
export function short(seed: number): Profile {
  return {
    ...full(seed),
    sessions: 40,
    refreshes: 500,
    time: 8_000,
    timeouts: { refresh: 6_000, lease: 6_500, wait: 3_000, store: 1_000 },
    slow: { share: 0.2, most: 2_000 },
    redisRestarts: { every: 2_500, down: [200, 1_000] },
    failovers: { every: 2_000, behind: [200, 600] },
    drops: { every: 600, share: 0.5 },
    stops: { every: 1_000 },
    wrongSecrets: { every: 1_500, time: 1_000 },
  }
}
