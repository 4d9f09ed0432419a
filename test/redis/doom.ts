import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { OneAccessClientOptions, Timeouts } from '../../lib/index.js'

/** Where in a renewal a process is killed. */
export type Point = 'before the call' | 'before the save' | 'after the save'

export interface DoomedConfig {
  point: Point
  redis: string
  client: OneAccessClientOptions
  timeouts: Timeouts
  /** The name of the record. */
  login: string
}

/** Lets a process of its own renew a record, and kills it with SIGKILL at that very point. */
export async function renewAndDie(config: DoomedConfig): Promise<void> {
  const program = fileURLToPath(new URL('doomed.js', import.meta.url))
  const child = fork(program, [JSON.stringify(config)])
  const ended = once(child, 'exit')
  const [what] = await Promise.race([once(child, 'message'), ended])
  if (what !== 'there') throw new Error(`the process ended with ${what} before it could be killed`)
  child.kill('SIGKILL')
  await ended
}
