import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { REFRESH_PATHS } from '../../../lib/oneaccess/refresh-with.js'
import type { Profile } from './profile.js'
import type { Random } from './random.js'

/** A replaced session token, and when its response was delivered. */
export interface Rotation {
  /** The process that sent the call. */
  app: string
  presented: string
  answered: string
  /** When OneAccess replaced it, and when the process had the whole response. */
  at: number
  deliveredAt?: number
}

/** The header that names the calling process. */
export const PROCESS = 'x-process'

/**
 * A proxy between the apps and OneAccess that delays some responses to refreshes: the old token is already
 * invalid, and the app does not know. Records every rotation, to prove losses.
 */
export class SlowPath {
  readonly rotations: Rotation[] = []
  readonly presented = new Set<string>()
  calls = 0
  readonly #target: URL
  readonly #random: Random
  readonly #slow: Profile['slow']
  /** The path of the refresh call. */
  readonly #refresh: string
  readonly #agent = new Agent({ keepAlive: true })
  readonly #server: Server

  constructor(target: string, random: Random, { slow, refreshWith }: Profile) {
    this.#target = new URL(target)
    this.#random = random
    this.#slow = { ...slow }
    this.#refresh = REFRESH_PATHS[refreshWith]
    this.#server = createServer((message, response) => {
      this.#pass(message, response).catch(() => response.destroy())
    })
  }

  /** Resolves to its URL. */
  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Stops delaying responses. */
  clear(): void {
    this.#slow.share = 0
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
    this.#agent.destroy()
  }

  async #pass(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const app = String(message.headers[PROCESS])
    delete message.headers[PROCESS] // the simulator refuses unknown headers
    const answer = await this.#ask(message)
    if (message.url !== this.#refresh) {
      response.writeHead(answer.status, answer.headers).end(answer.body)
      return
    }
    this.calls += 1
    const rotation = this.#note(app, message.headers['session-token'], answer)
    const late = this.#random.share() < this.#slow.share
    if (late) await sleep(this.#random.share() * this.#slow.most)
    if (response.destroyed) return
    response.writeHead(answer.status, answer.headers).end(answer.body, () => {
      if (rotation) rotation.deliveredAt = Date.now()
    })
  }

  /** Undefined if no token was replaced; a signed refresh never replaces one. */
  #note(app: string, presented: unknown, answer: Answer): Rotation | undefined {
    if (typeof presented !== 'string') return undefined
    this.presented.add(presented)
    if (answer.status !== 200) return undefined
    const { session_token: answered } = JSON.parse(answer.body.toString())
    const rotation: Rotation = { app, presented, answered, at: Date.now() }
    this.rotations.push(rotation)
    return rotation
  }

  async #ask(message: IncomingMessage): Promise<Answer> {
    const { hostname, port } = this.#target
    const { url, method, headers } = message
    const outgoing = request({ agent: this.#agent, hostname, port, path: url, method, headers })
    message.pipe(outgoing)
    const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve)
      outgoing.once('error', reject)
    })
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const type = incoming.headers['content-type'] ?? 'application/json'
    const body = Buffer.concat(chunks)
    const length = String(body.length)
    const sent = { 'content-type': type, 'content-length': length }
    return { status: incoming.statusCode ?? 500, headers: sent, body }
  }
}

interface Answer {
  status: number
  headers: Record<string, string>
  body: Buffer
}
