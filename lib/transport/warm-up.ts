import { Duplex } from 'node:stream'
import { Client } from 'undici'
import type { HttpCall, Transport } from './message.js'
import type { UndiciConnections } from './undici.js'

const CALL: HttpCall = {
  step: 'login',
  method: 'POST',
  path: '/',
  headers: { 'Content-Type': 'application/json;charset=utf8' },
  body: '{}',
  deadline: 0,
  secrets: [],
}
const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}'

let isWarm = false

/**
 * Makes one call over a socket in memory. undici compiles its parser, which is WebAssembly, at the
 * first connection of a process, and Node compiles each function at its first call: without this,
 * the first user to log in would wait for that.
 */
export function warmUp(transportOver: (connections: UndiciConnections) => Transport): void {
  if (isWarm) return
  isWarm = true
  const origin = 'http://warm-up.invalid' // shown by tools that trace calls
  // undici misses a connection that is established before its connector has returned
  const pool = new Client(origin, {
    connect: (_to, connected) => queueMicrotask(() => connected(null, fakeConnection() as never)),
  })
  transportOver({ origin, pool })(CALL, Number.POSITIVE_INFINITY)
    .response.catch(() => {}) // if it fails, only the first login is slower
    .finally(() => pool.destroy())
}

/** A connection that gives every request the same answer. */
function fakeConnection(): Duplex {
  const socket = new Duplex({
    read() {},
    final(ended) {
      socket.push(null)
      ended()
    },
    write(chunk: Buffer, _encoding, written) {
      written()
      if (chunk.includes('{}')) socket.push(ANSWER)
    },
  })
  return socket
}
