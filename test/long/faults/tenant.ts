import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTLSServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { EXPIRED_TLS } from '../../fixtures/expired-tls.js'
import { LOOPBACK_TLS } from '../../fixtures/loopback-tls.js'
import { OTHER_TLS } from '../../fixtures/other-tls.js'
import { Addresses } from './addresses.js'
import { ANSWERS, type Endpoint, endpointAt } from './answers.js'
import { Gateway } from './gateway.js'

/** What an endpoint does in place of answering; the good answer is handed in, to be spoiled. */
export type Fault = (res: ServerResponse, good: unknown, req: IncomingMessage) => void

/** DNS has these addresses for the tenant. */
export interface Addressed {
  addresses: string[]
}

/** Who listens in the tenant's place, with whom no client comes to terms. */
const OTHERS = {
  impostor: (handle: RequestListener) => createTLSServer(OTHER_TLS, handle),
  expired: (handle: RequestListener) => createTLSServer(EXPIRED_TLS, handle),
  outdated: (handle: RequestListener) => createTLSServer(OUTDATED, handle),
  plain: (handle: RequestListener) => createServer(handle),
  reserved: (handle: RequestListener) => createTLSServer(RESERVED, handle),
}
const OUTDATED = {
  ...LOOPBACK_TLS,
  minVersion: 'TLSv1',
  maxVersion: 'TLSv1.1',
  ciphers: 'DEFAULT@SECLEVEL=0',
} as const
const RESERVED = { ...LOOPBACK_TLS, requestCert: true, rejectUnauthorized: true }

/** When the faulty endpoint is called, nobody listens any more, or somebody else does. */
export type Absence = 'gone' | keyof typeof OTHERS | TunnelRefusal | Addressed

/** The whole answer of the proxy on the way, which makes no tunnel any more. */
export interface TunnelRefusal {
  tunnel: string
}

/**
 * A tenant of OneAccess that answers whatever it is asked, and fails at one endpoint. Each answer
 * closes its connection, so that each call has one of its own to lose.
 */
export class Tenant {
  url = ''
  readonly gateway: Gateway
  readonly #addresses = new Addresses()
  /** The body that each endpoint answers; a test may change it. */
  readonly answers: Record<Endpoint, unknown> = structuredClone(ANSWERS)
  readonly #counts = new Map<Endpoint, number>()
  readonly #tls: boolean
  #server: Server | undefined
  #port = 0
  #fault: { endpoint: Endpoint; fault: Fault } | undefined
  #absence: { after: Endpoint; kind: Absence } | undefined

  private constructor(tls: boolean, gateway: Gateway) {
    this.#tls = tls
    this.gateway = gateway
  }

  static async open(tls: boolean): Promise<Tenant> {
    const tenant = new Tenant(tls, await Gateway.open())
    await tenant.listen()
    return tenant
  }

  count(endpoint: Endpoint): number {
    return this.#counts.get(endpoint) ?? 0
  }

  /** From now on this endpoint fails, and calls are counted anew. */
  failAt(endpoint: Endpoint, fault: Fault): void {
    this.#counts.clear()
    this.#fault = { endpoint, fault }
  }

  /** As soon as `after` is answered nobody listens any more, or somebody else does. */
  vanishAfter(after: Endpoint, kind: Absence): void {
    this.#counts.clear()
    this.#absence = { after, kind }
  }

  async vanish(kind: Absence): Promise<void> {
    this.#counts.clear()
    if (typeof kind === 'object') {
      this.#hinder(kind)
      return
    }
    await this.#stop()
    if (kind !== 'gone') await this.#listenAs(OTHERS[kind])
  }

  /** The tenant is there, but not the way to it. */
  #hinder(kind: TunnelRefusal | Addressed): void {
    if ('tunnel' in kind) this.gateway.refusal = kind.tunnel
    else this.#addresses.list = kind.addresses
  }

  async heal(): Promise<void> {
    this.#fault = undefined
    this.#absence = undefined
    this.gateway.refusal = undefined
    this.#addresses.list = ['127.0.0.1']
    await this.#stop()
    await this.listen()
  }

  async close(): Promise<void> {
    this.gateway.close()
    this.#addresses.close()
    await this.#stop()
  }

  async listen(): Promise<void> {
    await this.#listenAs((handle) =>
      this.#tls ? createTLSServer(LOOPBACK_TLS, handle) : createServer(handle),
    )
  }

  async #listenAs(open: (handle: RequestListener) => Server): Promise<void> {
    const server = open((req, res) => this.#handle(req, res))
    this.#server = server
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (server.address() as AddressInfo).port
    this.url = `${this.#tls ? 'https://127.0.0.1' : 'http://localhost'}:${this.#port}`
  }

  async #stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }

  #handle(req: IncomingMessage, res: ServerResponse): void {
    const endpoint = endpointAt(req.url ?? '')
    if (endpoint === undefined) {
      res.writeHead(599).end()
      return
    }
    this.#counts.set(endpoint, this.count(endpoint) + 1)
    res.setHeader('Connection', 'close')
    const good = this.answers[endpoint]
    if (good instanceof Refusal && good.next) this.answers[endpoint] = good.next
    if (this.#fault?.endpoint === endpoint) this.#fault.fault(res, good, req)
    else req.resume().once('end', () => this.#answer(endpoint, res, good))
  }

  #answer(endpoint: Endpoint, res: ServerResponse, good: unknown): void {
    if (this.#absence?.after !== endpoint) {
      answerWith(res, good)
      return
    }
    // the listening socket is closed before the answer goes out, and reopened by the other one
    const { kind } = this.#absence
    this.#absence = undefined
    if (typeof kind === 'object') {
      this.#hinder(kind)
      answerWith(res, good)
      return
    }
    this.#server?.close()
    const moved = kind === 'gone' ? Promise.resolve() : this.#listenAs(OTHERS[kind])
    moved.then(() => answerWith(res, good))
  }
}

/** The good answer, as JSON with its length. */
export function answerWith(res: ServerResponse, body: unknown, status = 200): void {
  const { status: own = status, text } = textOf(body)
  res.writeHead(own, { 'Content-Type': 'application/json;charset=UTF-8' }).end(text)
}

/** An answer that is no 200, among good ones; once, where another follows it. */
export class Refusal {
  readonly status: number
  readonly body: object
  readonly next: unknown

  constructor(status: number, body: object, next?: unknown) {
    this.status = status
    this.body = body
    this.next = next
  }
}

function textOf(body: unknown): { status?: number; text: string } {
  if (body === undefined) return { text: '' }
  if (body instanceof Refusal) return { status: body.status, text: JSON.stringify(body.body) }
  return { text: JSON.stringify(body) }
}
