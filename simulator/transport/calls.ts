import type { Clock } from '../clock.js'
import type { Endpoint } from '../endpoints.js'
import type { Received } from './received.js'
import { shortenBody, shortenRecord } from './shorten.js'

/** One call to the simulator, with secrets shortened. */
export interface Call {
  n: number
  /** Milliseconds since 1970 by the simulator's clock. */
  at: number
  endpoint: Endpoint | 'unknown'
  method: string
  path: string
  query: Record<string, string>
  headers: Record<string, string>
  body: unknown
  /** 0 until it is answered. */
  status: number | 'dropped' | 'hanging'
  answer: unknown
  /** How long it took, in real milliseconds. */
  ms?: number
}

const KEPT = 1000

/** Every call so far: the last 1000 as a list, all of them as counts. */
export class Calls {
  /** Oldest first. The same array for as long as the simulator runs. */
  readonly list: Call[] = []
  private readonly counts = new Map<string, number>()
  private readonly watchers = new Set<(call: Call | undefined) => void>()
  private total = 0
  private readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
  }

  begin(endpoint: Endpoint | 'unknown', request: Received): Call {
    this.total += 1
    const call: Call = {
      n: this.total,
      at: this.clock.now(),
      endpoint,
      method: request.method,
      path: request.path,
      query: shortenRecord(request.query),
      headers: shortenRecord(request.headers),
      body: undefined,
      status: 0,
      answer: undefined,
    }
    this.list.push(call)
    if (this.list.length > KEPT) this.list.shift()
    this.counts.set(endpoint, this.count(endpoint) + 1)
    this.changed(call)
    return call
  }

  noteBody(call: Call, request: Received): void {
    call.body = shortenBody(request.body, request.headers.get('content-type') ?? '')
  }

  end(call: Call, status: Call['status'], answer: unknown, ms: number): void {
    Object.assign(call, { status, answer, ms })
    this.changed(call)
  }

  count(endpoint: Endpoint | 'unknown'): number {
    return this.counts.get(endpoint) ?? 0
  }

  /**
   * Calls `watcher` when a call arrives and when it ends, and with undefined when the list is
   * cleared. Returns a function that stops it.
   */
  watch(watcher: (call: Call | undefined) => void): () => void {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  reset(): void {
    this.list.length = 0
    this.counts.clear()
    this.total = 0
    this.changed(undefined)
  }

  private changed(call: Call | undefined): void {
    for (const watcher of this.watchers) watcher(call)
  }
}
