import type { IncomingMessage } from 'node:http'

/** A request as received: only its size has been checked. */
export interface Received {
  method: string
  path: string
  query: URLSearchParams
  /** By lower-case name; for a repeated header, the first value. */
  headers: ReadonlyMap<string, string>
  /** Names of headers that appear more than once. */
  repeatedHeaders: string[]
  body: Buffer
}

export const BODY_LIMIT = 64 * 1024

/** The head of a request, available before its body. */
export function readHead(message: IncomingMessage): Received {
  const url = new URL(message.url ?? '/', 'http://simulator.invalid')
  const headers = new Map<string, string>()
  const repeatedHeaders: string[] = []
  for (let i = 0; i + 1 < message.rawHeaders.length; i += 2) {
    const name = (message.rawHeaders[i] ?? '').toLowerCase()
    if (headers.has(name)) repeatedHeaders.push(name)
    else headers.set(name, message.rawHeaders[i + 1] ?? '')
  }
  return {
    method: message.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers,
    repeatedHeaders,
    body: Buffer.alloc(0),
  }
}

/** The body; undefined if it is over the limit. */
export async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message) {
    size += chunk.length
    if (size <= BODY_LIMIT) chunks.push(chunk)
    // read on, so that the client gets the refusal, but not forever
    else if (size > 16 * BODY_LIMIT) break
  }
  return size <= BODY_LIMIT ? Buffer.concat(chunks) : undefined
}
