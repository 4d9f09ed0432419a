// A process of the bench's own, and how it is asked: it serves a table of functions over IPC.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

type Work = (argument: never) => unknown

/** A process that is measured, or that something is measured against. */
export interface Child {
  /** Calls one of the functions that the process serves. */
  ask<T>(name: string, argument?: unknown): Promise<T>
  close(): Promise<void>
}

interface Question {
  id: number
  name: string
  argument?: unknown
}

interface Answer {
  id: number
  result?: unknown
  error?: string
}

/** Starts `file`, a path beside the caller's, such as `import.meta.resolve('./upstream.js')`. */
export async function startChild(file: string, flags: string[] = []): Promise<Child> {
  const child = fork(fileURLToPath(file), { execArgv: ['--expose-gc', ...flags] })
  const waiting = new Map<number, (answer: Answer) => void>()
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer))
  child.once('exit', (code) => {
    for (const [id, settle] of waiting) settle({ id, error: `${file} ended with ${code}` })
  })
  let last = 0
  const ask = <T>(name: string, argument?: unknown) =>
    new Promise<T>((resolve, reject) => {
      const id = ++last
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id)
        if (error === undefined) resolve(result as T)
        else reject(new Error(error))
      })
      child.send({ id, name, argument } satisfies Question)
    })
  const close = async () => {
    child.kill()
    await ended
  }
  return { ask, close }
}

/** In the process: answers what it is asked. Ends with its parent. */
export function serve(table: Record<string, Work>): void {
  process.on('disconnect', () => process.exit())
  process.on('message', async ({ id, name, argument }: Question) => {
    try {
      const result = await table[name]?.(argument as never)
      process.send?.({ id, result } satisfies Answer)
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? `${error.stack}` : String(error) })
    }
  })
}
