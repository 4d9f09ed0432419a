import type { IncomingMessage } from 'node:http'

/** A request as it came: nothing is checked yet but its size. */
export interface Received {
  method: string
  path: string
  query: URLSearchParams
  /** Names in lower case; of a repeated header the first value. */
  headers: ReadonlyMap<string, string>
  /** Names of headers that came more than once. */
  repeatedHeaders: string[]
  body: Buffer
}

export const BODY_LIMIT = 64 * 1024

/** The head of a request, known before its body has come. */
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

/** The body, or undefined when it is over the limit. */
export async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message) {
    size += chunk.length
    if (size <= BODY_LIMIT) chunks.push(chunk)
    // The rest is read away so that the refusal can be answered, but not for ever.
    else if (size > 16 * BODY_LIMIT) break
  }
  return size <= BODY_LIMIT ? Buffer.concat(chunks) : undefined
}
