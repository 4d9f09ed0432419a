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
 * One call to nobody, over a socket in memory. undici compiles its parser, which is WebAssembly, at the
 * first connection of a process, and Node compiles each function at its first call: the first person
 * who logs in would wait for all of that.
 */
export function warmUp(transportOver: (connections: UndiciConnections) => Transport): void {
  if (isWarm) return
  isWarm = true
  const origin = 'http://warm-up.invalid' // what traces calls shows this name
  // undici does not hear of a connection that is there before it has done asking
  const pool = new Client(origin, {
    connect: (_to, connected) => queueMicrotask(() => connected(null, answering() as never)),
  })
  transportOver({ origin, pool })(CALL, Number.POSITIVE_INFINITY)
    .response.catch(() => {}) // then the first login is slower, and nothing else
    .finally(() => pool.destroy())
}

/** A connection on which every request gets the same answer. */
function answering(): Duplex {
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
