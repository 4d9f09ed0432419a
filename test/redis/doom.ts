import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { OneAccessClientOptions, Timeouts } from '../../lib/index.js'

/** Where in a refresh the process is killed. */
export type Point = 'before the call' | 'before the save' | 'after the save'

export interface CrashConfig {
  point: Point
  redis: string
  client: OneAccessClientOptions
  timeouts: Timeouts
  /** The name of the record. */
  login: string
}

/** Refreshes a record in a child process, and kills the process with SIGKILL at `point`. */
export async function refreshUntilKilled(config: CrashConfig): Promise<void> {
  const program = fileURLToPath(new URL('doomed.js', import.meta.url))
  const child = fork(program, [JSON.stringify(config)])
  const ended = once(child, 'exit')
  const [message] = await Promise.race([once(child, 'message'), ended])
  if (message !== 'reached') {
    throw new Error(`the process ended with ${message} before it could be killed`)
  }
  child.kill('SIGKILL')
  await ended
}
