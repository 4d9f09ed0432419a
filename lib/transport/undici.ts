import type { Dispatcher, Pool } from 'undici'
import {
  ACCEPT,
  Body,
  type Exchange,
  type RawResponse,
  tooLate,
  USER_AGENT,
  unreadable,
} from './message.js'

/**
 * UndiciConnections with one server, over undici's connections: at half of what `node:http` costs. At most
 * so many are under way at a time; those above wait here and not in the pool, which would send what
 * nobody waits for any more.
 */
export class UndiciConnections {
  readonly #loading: Promise<Pool>
  readonly #waiting = new Set<() => void>()
  #pool: Pool | undefined
  #free: number

  constructor(origin: string, maxConnections: number) {
    this.#free = maxConnections
    this.#loading = openPool(origin, maxConnections)
    this.#loading.then(
      (pool) => {
        this.#pool = pool
      },
      () => {}, // each call tells it
    )
  }

  /**
   * Sends one request, and takes the whole of its answer within so many milliseconds from now. A
   * connection whose exchange failed is closed. Rejects with an `ExchangeError`, or with undici's
   * or the system's own error.
   */
  async exchange(what: Exchange, deadline: number): Promise<RawResponse> {
    const call = new Call(deadline)
    if (this.#free > 0) this.#free--
    else await this.#turn(call)
    let sent = false
    try {
      const pool = this.#pool ?? (await this.#loading)
      // the pool may be busy with a call long after it was given up, with connecting above all: if its
      // place were free before, calls that nobody waits for would pile up there in an outage
      sent = call.send(pool, what, () => this.#leave())
      return await call.answer
    } finally {
      if (!sent) this.#leave()
    }
  }

  /** Until a call that is over hands on its place; rejects at the deadline. */
  #turn(call: Call): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(resolve)
      call.answer.catch((error: unknown) => {
        // a place that it was given in this very moment is handed on by who was given it
        if (this.#waiting.delete(resolve)) reject(error)
      })
    })
  }

  #leave(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free++
      return
    }
    this.#waiting.delete(next)
    next()
  }
}

/**
 * undici takes as long to load as axios, so it is loaded beside the app's start and not by the
 * import of this package. Idle connections are dropped after 4 seconds, whatever the server says:
 * one that it closes in the very moment in which it is used again costs a login, because a call
 * that may have spent a code is never retried.
 */
async function openPool(origin: string, connections: number): Promise<Pool> {
  const { Pool } = await import('undici')
  const idle = { keepAliveTimeout: 4_000, keepAliveMaxTimeout: 4_000, connectTimeout: 5_000 }
  // each call has a deadline of its own, from its start to the last byte
  return new Pool(origin, { connections, ...idle, headersTimeout: 0, bodyTimeout: 0 })
}

/** Names and values in turns, which is how undici keeps them. */
function listOf(headers: Record<string, string>): string[] {
  const list = ['Accept', ACCEPT, 'User-Agent', USER_AGENT]
  for (const name of Object.keys(headers)) list.push(name, headers[name] ?? '')
  return list
}

/** One call on its way, as undici tells of it. */
class Call implements Dispatcher.DispatchHandler {
  readonly answer: Promise<RawResponse>
  readonly #body = new Body()
  readonly #timer: NodeJS.Timeout
  readonly #end: number
  #finish: (answer: RawResponse) => void = () => {}
  #fail: (error: unknown) => void = () => {}
  #whenDone: () => void = () => {}
  #controller: Dispatcher.DispatchController | undefined
  #givenUp: Error | undefined
  #status = 0
  #headers: Record<string, string | string[] | undefined> = {}

  constructor(deadline: number) {
    this.answer = new Promise((resolve, reject) => {
      this.#finish = resolve
      this.#fail = reject
    })
    this.#end = performance.now() + deadline
    this.answer.catch(() => {}) // before it is sent, nobody may be looking yet
    this.#timer = setTimeout(() => this.#giveUp(tooLate()), deadline)
  }

  /** Answers whether the pool has it; then `whenDone` is called when it has done with it. */
  send(pool: Pool, { method, path, headers, body }: Exchange, whenDone: () => void): boolean {
    if (this.#givenUp) return false
    this.#whenDone = whenDone
    pool.dispatch({ method, path, headers: listOf(headers), body: body ?? null }, this)
    return true
  }

  /** Before the first byte is sent: what is over never is, nor what a busy process has only not told yet. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#givenUp || performance.now() >= this.#end)
      controller.abort(this.#givenUp ?? tooLate())
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status // the last one counts: a 1xx may come before
    this.#headers = headers
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body.add(chunk) // what it throws comes back as the error
  }

  onResponseEnd(): void {
    const [status, headers] = [this.#status, this.#headers]
    const finish = (data: string) => {
      clearTimeout(this.#timer)
      this.#finish({ status, headers, data })
    }
    const text = this.#body.text(String(headers['content-encoding'] ?? ''))
    if (typeof text !== 'string') text.then(finish, (error: Error) => this.#giveUp(error))
    // undici frees the connection a turn of the event loop later, in case the server closes it against
    // its word; a call that follows before would open another one
    const freed = () => {
      this.#whenDone()
      if (typeof text === 'string') finish(text)
    }
    queueMicrotask(() => setImmediate(freed))
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#whenDone()
    this.#giveUp(isMalformed(error) ? unreadable() : error)
  }

  #giveUp(error: Error): void {
    clearTimeout(this.#timer)
    this.#givenUp = error
    this.#fail(error)
    this.#controller?.abort(error)
  }
}

/** undici's parser has no code for what it cannot read, but a name; at an end that comes too early, too. */
function isMalformed({ name, message, code }: Error & { code?: unknown }): boolean {
  if (name === 'HTTPParserError') return !message.includes('EOF')
  return code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'ERR_ASSERTION'
}
