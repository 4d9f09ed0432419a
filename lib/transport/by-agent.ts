import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Server } from './agents.js'
import { ACCEPT, Body, type Exchange, type RawResponse, tooLate, USER_AGENT } from './message.js'

/**
 * Sends one request over node's own HTTP, by an agent, which may be the app's, and takes the whole
 * of its answer. A connection whose exchange failed is closed. Rejects with an `ExchangeError`, or
 * with the system's own error.
 */
export function exchangeByAgent(
  server: Server,
  what: Exchange,
  signal: AbortSignal | undefined,
): Promise<RawResponse> {
  const { method, path } = what
  return new Promise<RawResponse>((resolve, reject) => {
    const tidy = () => signal?.removeEventListener('abort', cancel)
    const finish = (answer: RawResponse) => {
      tidy()
      resolve(answer)
    }
    const giveUp = (error: unknown) => {
      tidy()
      reject(error)
      outgoing.destroy()
    }
    const cancel = () => giveUp(tooLate())
    // taken at each call: what traces or mocks HTTP puts its own in their place
    const { request } = server.protocol === 'https:' ? https : http
    const outgoing = request({ ...server, method, path }, (incoming) => {
      collect(incoming, finish, giveUp)
    })
    outgoing.on('error', giveUp)
    signal?.addEventListener('abort', cancel)
    try {
      send(outgoing, what)
    } catch (error) {
      giveUp(error)
    }
    if (signal?.aborted) cancel()
  })
}

/**
 * NODE_DEBUG=http logs the options of a request, headers and all, but not headers that are set later.
 *
 * Node joins a body of text to the headers and sends both in the body's encoding: as UTF-8, a
 * Latin-1 value of a header would arrive as another. What is ASCII is the same in both.
 */
function send(outgoing: ClientRequest, { method, headers, body = '' }: Exchange): void {
  const length = Buffer.byteLength(body)
  outgoing.setHeader('Accept', ACCEPT)
  outgoing.setHeader('User-Agent', USER_AGENT)
  for (const name of Object.keys(headers)) outgoing.setHeader(name, headers[name] ?? '')
  if (method !== 'GET') outgoing.setHeader('Content-Length', length)
  outgoing.end(length === body.length ? body : Buffer.from(body), 'latin1')
}

function collect(
  incoming: IncomingMessage,
  finish: (answer: RawResponse) => void,
  giveUp: (error: unknown) => void,
): void {
  const { statusCode: status = 0, headers } = incoming
  const body = new Body()
  incoming.on('data', (chunk: Buffer) => {
    try {
      body.add(chunk)
    } catch (error) {
      giveUp(error)
    }
  })
  incoming.on('end', () => {
    Promise.resolve(body.text(headers['content-encoding'])).then(
      (data) => finish({ status, headers, data }),
      giveUp,
    )
  })
  incoming.on('error', giveUp)
}
