import { getDefaultAutoSelectFamily } from 'node:net'
import type { Dispatcher, ProxyAgent } from 'undici'
import { timers } from '../util/timers.js'
import { ATTEMPT_TIMEOUT, CONNECT_TIMEOUT, LONGEST_IDLE } from './agents.js'
import {
  ACCEPT,
  Body,
  type ExchangeError,
  type HttpCall,
  proxyRefused,
  type RawResponse,
  tooLate,
  USER_AGENT,
  unreadable,
} from './message.js'
import { type ProxySetting, proxyFor } from './proxy.js'

/** Connections with one server, kept alive: undici's, at half of what `node:http` costs. */
export class UndiciConnections {
  readonly origin: string
  readonly #loading: Promise<Dispatcher>
  #pool: Dispatcher | undefined

  constructor(origin: string, maxConnections: number) {
    this.origin = origin
    this.#loading = openPool(origin, maxConnections)
    this.#loading.then(
      (pool) => {
        this.#pool = pool
      },
      () => {}, // each call tells it
    )
  }

  /** Rejects with an `ExchangeError` for a proxy that cannot be used. */
  get pool(): Dispatcher | Promise<Dispatcher> {
    return this.#pool ?? this.#loading
  }
}

/**
 * undici takes as long to load as axios, so it is loaded beside the app's start and not by the
 * import of this package. Rejects with an `ExchangeError` for a proxy that cannot be used.
 */
async function openPool(origin: string, connections: number): Promise<Dispatcher> {
  const proxy = proxyFor(origin)
  const { Pool, ProxyAgent } = await import('undici')
  const options = {
    connections,
    keepAliveTimeout: LONGEST_IDLE,
    keepAliveMaxTimeout: LONGEST_IDLE,
    // each call has a deadline of its own, from its start to the last byte
    headersTimeout: 0,
    bodyTimeout: 0,
  }
  return proxy
    ? new ProxyAgent({ ...options, ...through(proxy) })
    : new Pool(origin, { ...options, connectTimeout: CONNECT_TIMEOUT, ...ATTEMPTS })
}

const ATTEMPTS = {
  autoSelectFamily: getDefaultAutoSelectFamily(),
  autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT,
}

function through({ origin: uri, auth }: ProxySetting): ProxyAgent.Options {
  const pair = auth && Buffer.from(`${auth.username}:${auth.password}`).toString('base64')
  return {
    uri,
    ...(pair === undefined ? {} : { token: `Basic ${pair}` }),
    proxyTls: { timeout: CONNECT_TIMEOUT, ...ATTEMPTS },
    // plain http goes to loopback only, and a proxy takes it without a tunnel
    proxyTunnel: false,
  }
}

/** Names and values in turns, which is how undici keeps them. */
function listOf(headers: Record<string, string>): string[] {
  const list = ['Accept', ACCEPT, 'User-Agent', USER_AGENT]
  for (const name of Object.keys(headers)) list.push(name, headers[name] ?? '')
  return list
}

/** One call on its way, as undici tells of it. */
export class UndiciExchange implements Dispatcher.DispatchHandler {
  readonly #connections: UndiciConnections
  readonly #call: HttpCall
  readonly #end: number
  readonly #body = new Body()
  #finish: (answer: RawResponse) => void = () => {}
  #fail: (error: unknown) => void = () => {}
  #controller: Dispatcher.DispatchController | undefined
  #isCancelled = false
  #status = 0
  #headers: Record<string, string | string[] | undefined> = {}

  constructor(connections: UndiciConnections, call: HttpCall, end: number) {
    this.#connections = connections
    this.#call = call
    this.#end = end
  }

  /**
   * Sends the request, and takes the whole of its answer; a connection whose exchange failed is
   * closed. Settles when undici has done with the call, with which it may be busy long after it was
   * given up, with connecting above all.
   */
  send(): Promise<RawResponse> {
    return new Promise((resolve, reject) => {
      this.#finish = resolve
      this.#fail = reject
      const { pool } = this.#connections
      if (pool instanceof Promise) pool.then((ready) => this.#dispatch(ready)).catch(reject)
      else this.#dispatch(pool)
    })
  }

  #dispatch(pool: Dispatcher): void {
    const { origin } = this.#connections
    const { method, path, headers, body = null } = this.#call
    if (this.#isCancelled) this.#fail(tooLate())
    else pool.dispatch({ origin, method, path, headers: listOf(headers), body }, this)
  }

  cancel(): void {
    this.#isCancelled = true
    this.#controller?.abort(tooLate())
  }

  /** Before the first byte is sent: what is over never is, nor what a busy process has only not told yet. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isCancelled || performance.now() >= this.#end) controller.abort(tooLate())
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
    const text = this.#body.text(String(headers['content-encoding'] ?? ''))
    const finish = (data: string) => this.#finish({ status, headers, data })
    // undici frees the connection a turn of the event loop later, in case the server closes it against
    // its word; a call that follows before would open another one
    const freed = () => {
      if (typeof text === 'string') finish(text)
      else text.then(finish, this.#fail)
    }
    queueMicrotask(() => timers.setImmediate(freed))
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(isMalformed(error) ? unreadable() : (proxyRefusal(error) ?? error))
  }
}

/** undici's parser has no code for what it cannot read, but a name; at an end that comes too early, too. */
function isMalformed({ name, message, code }: Error & { code?: unknown }): boolean {
  if (name === 'HTTPParserError') return !message.includes('EOF')
  return code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'ERR_ASSERTION'
}

/** undici tells the status with which a proxy refuses a tunnel in the message alone. */
function proxyRefusal({ message }: Error): ExchangeError | undefined {
  const [, status] = /^Proxy response \((\d{3})\)/.exec(message) ?? []
  return status === undefined ? undefined : proxyRefused(Number(status))
}
