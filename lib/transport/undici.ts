import { getDefaultAutoSelectFamily } from 'node:net'
import { type Dispatcher, Pool, ProxyAgent } from 'undici'
import { omitUndefined } from '../util/omit-undefined.js'
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

/** Keep-alive connections to one server, with undici: they cost half as much as those of `node:http`. */
export interface UndiciConnections {
  origin: string
  pool: Dispatcher
}

/** Throws an `ExchangeError` for a proxy that cannot be used. */
export function openConnections(origin: string, connections: number): UndiciConnections {
  const proxy = proxyFor(origin)
  const options = {
    connections,
    keepAliveTimeout: LONGEST_IDLE,
    keepAliveMaxTimeout: LONGEST_IDLE,
    // each call has its own deadline, to the last byte
    headersTimeout: 0,
    bodyTimeout: 0,
  }
  const pool = proxy
    ? new ProxyAgent({ ...options, ...optionsFor(proxy) })
    : new Pool(origin, { ...options, connectTimeout: CONNECT_TIMEOUT, ...ATTEMPTS })
  return { origin, pool }
}

const ATTEMPTS = {
  autoSelectFamily: getDefaultAutoSelectFamily(),
  autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT,
}

function optionsFor({ origin: uri, auth }: ProxySetting): ProxyAgent.Options {
  const pair = auth && Buffer.from(`${auth.username}:${auth.password}`).toString('base64')
  return {
    uri,
    ...omitUndefined({ token: pair && `Basic ${pair}` }),
    proxyTls: { timeout: CONNECT_TIMEOUT, ...ATTEMPTS },
    // plain http is for loopback only, and a proxy takes it without a tunnel
    proxyTunnel: false,
  }
}

/** Alternating names and values, which is how undici stores headers. */
function listOf(headers: Record<string, string>): string[] {
  const list = ['Accept', ACCEPT, 'User-Agent', USER_AGENT]
  for (const name of Object.keys(headers)) list.push(name, headers[name] ?? '')
  return list
}

/** A call in progress; undici calls these handlers. */
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
   * Sends the request and receives the whole response; a connection is closed if its exchange fails.
   * Settles when undici is done with the call, which may be long after it was aborted, especially while
   * connecting.
   */
  send(): Promise<RawResponse> {
    return new Promise((resolve, reject) => {
      this.#finish = resolve
      this.#fail = reject
      const { origin, pool } = this.#connections
      const { method, path, headers, body = null } = this.#call
      pool.dispatch({ origin, method, path, headers: listOf(headers), body }, this)
    })
  }

  cancel(): void {
    this.#isCancelled = true
    this.#controller?.abort(tooLate())
  }

  /** Before the first byte is sent: a call past its deadline is never sent, even if a busy process has not noticed yet. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isCancelled || performance.now() >= this.#end) controller.abort(tooLate())
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status // the last one counts: a 1xx may come first
    this.#headers = headers
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body.add(chunk) // what it throws goes to onResponseError
  }

  onResponseEnd(): void {
    const [status, headers] = [this.#status, this.#headers]
    const text = this.#body.text(String(headers['content-encoding'] ?? ''))
    const finish = (data: string) => this.#finish({ status, headers, data })
    // undici frees the connection one turn of the event loop later, in case the server closes it after
    // all; a call that starts before that would open another connection
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

/** undici's parser identifies malformed responses by error name, not code; premature ends have the same name. */
function isMalformed({ name, message, code }: Error & { code?: unknown }): boolean {
  if (name === 'HTTPParserError') return !message.includes('EOF')
  return code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'ERR_ASSERTION'
}

/** undici gives the status of a proxy that refuses a tunnel only in the message. */
function proxyRefusal({ message }: Error): ExchangeError | undefined {
  const [, status] = /^Proxy response \((\d{3})\)/.exec(message) ?? []
  return status === undefined ? undefined : proxyRefused(Number(status))
}
