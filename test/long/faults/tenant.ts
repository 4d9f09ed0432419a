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

/** What an endpoint does instead of responding with `good`. */
export type Fault = (res: ServerResponse, good: unknown, req: IncomingMessage) => void

/** The tenant has these addresses in DNS. */
export interface Addressed {
  addresses: string[]
}

/** Servers in the tenant's place to which no client can connect. */
const WRONG_SERVERS = {
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

/** What makes the tenant unreachable: nothing listens, a wrong server does, or the way is blocked. */
export type Absence = 'gone' | keyof typeof WRONG_SERVERS | TunnelRefusal | Addressed

/** The raw response of a proxy that refuses the tunnel. */
export interface TunnelRefusal {
  tunnel: string
}

/**
 * A tenant that accepts any request and has a fault at one endpoint. Each response closes its connection, so
 * that each call has its own.
 */
export class Tenant {
  url = ''
  readonly gateway: Gateway
  readonly #addresses = new Addresses()
  /** The response body of each endpoint. */
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

  /** Sets the fault of an endpoint, and resets the counts. */
  failAt(endpoint: Endpoint, fault: Fault): void {
    this.#counts.clear()
    this.#fault = { endpoint, fault }
  }

  /** Makes the tenant unreachable after the next response of `after`, and resets the counts. */
  vanishAfter(after: Endpoint, kind: Absence): void {
    this.#counts.clear()
    this.#absence = { after, kind }
  }

  async vanish(kind: Absence): Promise<void> {
    this.#counts.clear()
    if (typeof kind === 'object') {
      this.#block(kind)
      return
    }
    await this.#stop()
    if (kind !== 'gone') await this.#listenAs(WRONG_SERVERS[kind])
  }

  /** Blocks the way to the tenant, which keeps running. */
  #block(kind: TunnelRefusal | Addressed): void {
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
    // the port is closed before the response is sent, and reopened by the other server
    const { kind } = this.#absence
    this.#absence = undefined
    if (typeof kind === 'object') {
      this.#block(kind)
      answerWith(res, good)
      return
    }
    this.#server?.close()
    const moved = kind === 'gone' ? Promise.resolve() : this.#listenAs(WRONG_SERVERS[kind])
    moved.then(() => answerWith(res, good))
  }
}

/** Sends a JSON response. */
export function answerWith(res: ServerResponse, body: unknown, status = 200): void {
  const { status: own = status, text } = textOf(body)
  res.writeHead(own, { 'Content-Type': 'application/json;charset=UTF-8' }).end(text)
}

/** A response with an error status; with `next`, only once. */
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
