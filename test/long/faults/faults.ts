import type { ServerResponse } from 'node:http'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Absence, Fault } from './tenant.js'

/** How the package interprets a fault, unless the subject has its own reading. */
export type Reading =
  | 'fine'
  | 'unreachable'
  | 'tls_untrusted'
  | 'timeout'
  | 'connection_lost'
  | 'unexpected_answer'
  | 'upstream_failed'
  | 'rate_limited'
  | 'busy'
  | 'misconfigured'
  /** Refused without a documented code; the meaning depends on the call. */
  | 'refusal'
  /** The same with 401: the access token may have expired. */
  | 'unauthorized'
  /** The same with 403: a permission may be missing. */
  | 'forbidden'
  /** Refused with an HTML page, by a firewall in front of OneAccess. */
  | 'blocked'
  /** JSON that is not an object. Not a fault for calls whose response is not read. */
  | 'wrong_type'
  /** 200 without a body. Not a fault for calls without a response body. */
  | 'empty'

export interface NamedFault {
  name: string
  reading: Reading
  /** `Retry-After` in seconds. */
  retryAfter?: number
  /** What the hint must contain. */
  hint?: RegExp
  does: Fault | Absence
}

/** Reads the whole request first. */
const after =
  (fault: Fault): Fault =>
  (res, good, req) => {
    req.resume().once('end', () => fault(res, good, req))
  }

const answers = (status: number, body?: unknown, headers: Record<string, string> = {}): Fault =>
  after((res) => {
    const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body)
    res.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(text)
  })

const raw = (text: string): Fault =>
  after((res) => {
    res.socket?.end(text)
  })

/** 10 MiB of JSON: an object and spaces. */
const HUGE = Buffer.from('{}'.padEnd(10 * 2 ** 20))

const packed = (bytes: Buffer, encoding: string): Fault =>
  after((res) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Encoding': encoding }
    res.writeHead(200, headers).end(bytes)
  })

function drip(res: ServerResponse, good: unknown): void {
  const text = JSON.stringify(good ?? {}).padEnd(100_000)
  res.writeHead(200, { 'Content-Type': 'application/json' })
  let sent = 0
  const timer = setInterval(() => {
    if (res.destroyed) clearInterval(timer)
    else res.write(text[sent++])
  }, 5)
}

function half(res: ServerResponse, good: unknown): void {
  const text = JSON.stringify(good ?? { padding: 'x'.repeat(100) })
  res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': text.length })
  res.write(text.slice(0, text.length / 2), () => res.socket?.destroySoon())
}

const CODED = { error_code: 'UNKNOWN.9999', error_msg: 'no' }
const OAUTH = { error: 'unknown_error', error_description: 'no' }
const BUSY = { error_code: 'IDAAS.SDK.COM.0002', error_msg: 'busy' }
const ENDED = { error_code: 'IDAAS.SDK.PARAM.0023', error_msg: 'session token invalid' }
const HTML = '<!doctype html><title>Gateway</title><h1>It works!</h1>'
const FLOOD = `HTTP/1.1 200 OK\r\n${'X-Flood: 1\r\n'.repeat(20_000)}\r\n{}`
const ELSEWHERE = { location: 'http://127.0.0.1:9/elsewhere' }
const AFTER_7 = { 'retry-after': '7' }

const QUICKLY = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }
const BROTLI = brotliCompressSync(HUGE, QUICKLY)

/** The response of a proxy that refuses a tunnel. */
const noTunnel = (status: string) => ({
  tunnel: `HTTP/1.1 ${status}\r\nContent-Type: text/html\r\nContent-Length: ${HTML.length}\r\nConnection: close\r\n\r\n${HTML}`,
})

/** Every fault: the rows of the table in docs/faults.md. */
export const FAULTS: NamedFault[] = [
  { name: 'connection refused', reading: 'unreachable', does: 'gone' },
  {
    name: 'two addresses, the first unreachable',
    reading: 'fine',
    does: { addresses: ['127.0.0.2', '127.0.0.1'] },
  },
  {
    name: 'two addresses, both unreachable',
    reading: 'unreachable',
    does: { addresses: ['127.0.0.2', '127.0.0.3'] },
  },
  { name: 'TLS, an untrusted certificate', reading: 'tls_untrusted', does: 'impostor' },
  {
    name: 'TLS, an expired certificate',
    reading: 'tls_untrusted',
    hint: /has expired/,
    does: 'expired',
  },
  { name: 'TLS 1.1 at most', reading: 'tls_untrusted', hint: /TLS version/, does: 'outdated' },
  { name: 'no TLS at this port', reading: 'tls_untrusted', hint: /TLS version/, does: 'plain' },
  {
    name: 'TLS, a client certificate required',
    reading: 'tls_untrusted',
    hint: /client certificate/,
    does: 'reserved',
  },
  {
    name: 'proxy responds 403 to CONNECT',
    reading: 'unreachable',
    hint: /allow the domain/,
    does: noTunnel('403 Forbidden'),
  },
  {
    name: 'proxy responds 407 to CONNECT',
    reading: 'unreachable',
    hint: /user and password/,
    does: noTunnel('407 Proxy Authentication Required'),
  },
  { name: 'no response', reading: 'timeout', does: after(() => {}) },
  { name: 'response sent byte by byte', reading: 'timeout', does: after(drip) },
  {
    name: 'reset before processing',
    reading: 'connection_lost',
    does: (res) => void res.socket?.resetAndDestroy(),
  },
  {
    name: 'reset after processing',
    reading: 'connection_lost',
    does: after((res) => void res.socket?.resetAndDestroy()),
  },
  { name: 'connection closed within the response', reading: 'connection_lost', does: after(half) },
  { name: '302', reading: 'unexpected_answer', does: answers(302, '', ELSEWHERE) },
  { name: '307', reading: 'unexpected_answer', does: answers(307, '', ELSEWHERE) },
  { name: '400 error_code', reading: 'refusal', does: answers(400, CODED) },
  { name: '400 error', reading: 'refusal', does: answers(400, OAUTH) },
  { name: '400, empty body', reading: 'refusal', does: answers(400) },
  { name: '400 busy', reading: 'busy', does: answers(400, BUSY) },
  { name: '200 with an error_code', reading: 'refusal', does: answers(200, CODED) },
  { name: '400 HTML', reading: 'blocked', does: answers(400, HTML) },
  { name: '401 HTML', reading: 'blocked', does: answers(401, HTML) },
  { name: '401', reading: 'unauthorized', does: answers(401, CODED) },
  { name: '403', reading: 'forbidden', does: answers(403, CODED) },
  { name: '403 HTML', reading: 'blocked', does: answers(403, HTML) },
  { name: '404', reading: 'misconfigured', does: answers(404, HTML) },
  { name: '407', reading: 'unreachable', hint: /HTTPS_PROXY/, does: answers(407, HTML) },
  { name: '429', reading: 'rate_limited', does: answers(429, CODED) },
  {
    name: '429, Retry-After',
    reading: 'rate_limited',
    retryAfter: 7,
    does: answers(429, CODED, AFTER_7),
  },
  {
    name: '429 with the code of an ended session',
    reading: 'rate_limited',
    does: answers(429, ENDED),
  },
  { name: '451 HTML', reading: 'blocked', does: answers(451, HTML) },
  { name: '500', reading: 'upstream_failed', does: answers(500, CODED) },
  {
    name: '503, Retry-After',
    reading: 'upstream_failed',
    retryAfter: 7,
    does: answers(503, HTML, AFTER_7),
  },
  {
    name: '502 with the code of an ended session',
    reading: 'upstream_failed',
    does: answers(502, ENDED),
  },
  { name: 'HTML', reading: 'unexpected_answer', does: answers(200, HTML) },
  { name: 'empty body', reading: 'empty', does: answers(200) },
  { name: '204', reading: 'empty', does: answers(204) },
  { name: 'truncated JSON', reading: 'unexpected_answer', does: answers(200, '{"status":"SUCC') },
  ...['null', '7', 'true', '"text"', '[]', '[{}]'].map((json) => ({
    name: `JSON ${json}`,
    reading: 'wrong_type' as const,
    does: answers(200, json),
  })),
  {
    name: '10 MiB',
    reading: 'unexpected_answer',
    does: after((res) => void res.writeHead(200).end(HUGE)),
  },
  { name: 'gzip bomb', reading: 'unexpected_answer', does: packed(gzipSync(HUGE), 'gzip') },
  { name: 'brotli bomb', reading: 'unexpected_answer', does: packed(BROTLI, 'br') },
  {
    name: 'wrong Content-Encoding',
    reading: 'unexpected_answer',
    does: answers(200, '{}', { 'content-encoding': 'gzip' }),
  },
  {
    name: 'wrong Content-Type',
    reading: 'fine',
    does: after((res, good) => {
      const text = good === undefined ? '' : JSON.stringify(good)
      res.writeHead(200, { 'Content-Type': 'text/html' }).end(text)
    }),
  },
  { name: 'header flood', reading: 'unexpected_answer', does: raw(FLOOD) },
  { name: 'not HTTP', reading: 'unexpected_answer', does: raw('\0\x01\x02 hello\r\n\r\n') },
]
