import { type Endpoint, endpoints } from '../endpoints.js'
import { UsageError } from '../words.js'

/**
 * What goes wrong with an answer. `status`, `body`, `redirect`, `hang` and `drop: 'before'` replace
 * the real answer: the request is not processed and changes nothing. All others alter the real
 * answer to a request that was processed.
 */
export interface Fault {
  /** How many calls it affects; default 1. */
  times?: number | 'always'
  /** Milliseconds between processing and answering. On its own: a normal answer, late. */
  delay?: number
  status?: number
  headers?: Record<string, string | string[]>
  /** An object is sent as JSON, a string or Buffer as it is. */
  body?: unknown
  /** Never answers; the socket stays open. */
  hang?: true
  /** Destroys the socket before processing, or after it: the state has changed, the answer is lost. */
  drop?: 'before' | 'after'
  /** Announces the full length, sends half, then closes the socket. */
  truncate?: true
  /** Sends one byte at a time, at intervals of this many milliseconds. */
  drip?: number
  /** Changes the answer's JSON: sends what the function returns. */
  change?: (answer: unknown) => unknown
  /** Pads the answer's JSON with spaces to this many bytes. */
  huge?: number
  /** The same, but sent gzipped; the size in bytes when unpacked. */
  gzipBomb?: number
  /** Answers 302 to this address. */
  redirect?: string
  /** Processes the request only after this settles. */
  hold?: Promise<unknown>
  /** Processes the request at once, but answers only after this settles. */
  holdAnswer?: Promise<unknown>
}

const isTrue = (value: unknown) => value === true
const isAmount = (value: unknown) => typeof value === 'number' && value >= 0
const isPromise = (value: unknown) => typeof Object(value).then === 'function'

const members: Record<keyof Fault, (value: unknown) => boolean> = {
  times: (value) => value === 'always' || (Number.isInteger(value) && Number(value) >= 1),
  delay: isAmount,
  status: (value) => Number.isInteger(value) && Number(value) >= 200 && Number(value) < 600,
  headers: (value) => typeof value === 'object' && value !== null,
  body: (value) => value !== undefined,
  hang: isTrue,
  drop: (value) => value === 'before' || value === 'after',
  truncate: isTrue,
  drip: isAmount,
  change: (value) => typeof value === 'function',
  huge: isAmount,
  gzipBomb: isAmount,
  redirect: (value) => typeof value === 'string',
  hold: isPromise,
  holdAnswer: isPromise,
}

/** The queued faults, first in first out for each endpoint. */
export class Faults {
  private readonly queues = new Map<Endpoint, { fault: Fault; left: number }[]>()

  add(endpoint: Endpoint, fault: Fault): void {
    if (!endpoints.includes(endpoint))
      throw new UsageError({ en: `unknown endpoint ${endpoint}`, zh: `未知接口 ${endpoint}` })
    for (const [name, value] of Object.entries(fault)) {
      if (!Object.hasOwn(members, name)) {
        const en = `unknown member ${name} of a fault`
        throw new UsageError({ en, zh: `故障中有未知字段 ${name}` })
      }
      if (value !== undefined && !members[name as keyof Fault](value)) {
        const en = `member ${name} of a fault is invalid`
        throw new UsageError({ en, zh: `故障的字段 ${name} 无效` })
      }
    }
    const times = fault.times === 'always' ? Infinity : (fault.times ?? 1)
    const queue = this.queues.get(endpoint) ?? []
    this.queues.set(endpoint, [...queue, { fault, left: times }])
  }

  take(endpoint: Endpoint): Fault | undefined {
    const queue = this.queues.get(endpoint)
    const first = queue?.[0]
    if (!queue || !first) return undefined
    first.left -= 1
    if (first.left <= 0) queue.shift()
    return first.fault
  }

  clear(): void {
    this.queues.clear()
  }

  /** The faults still queued, for the console. */
  waiting(): { endpoint: Endpoint; fault: Fault; left: number }[] {
    return [...this.queues].flatMap(([endpoint, queue]) =>
      queue.map((one) => ({ endpoint, ...one })),
    )
  }
}

/** Whether the fault replaces the real answer. */
export function replacesAnswer(fault: Fault): boolean {
  return (
    fault.status !== undefined ||
    fault.body !== undefined ||
    fault.redirect !== undefined ||
    fault.hang === true ||
    fault.drop === 'before'
  )
}
