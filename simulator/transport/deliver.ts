import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { type Answer, encodeBody } from './answer.js'
import type { Fault } from './faults.js'

/** Sends an answer, altered as the fault says. Resolves to what happened to it. */
export async function deliver(
  response: ServerResponse,
  answer: Answer,
  fault: Fault,
): Promise<number | 'dropped' | 'hanging'> {
  if (fault.hang) return 'hanging'
  if (fault.drop || response.destroyed) {
    response.socket?.destroy()
    return 'dropped'
  }
  const { headers, bytes } = wire(answer, fault)
  response.writeHead(answer.status, { ...headers, 'content-length': bytes.length })
  if (fault.truncate) cutShort(response, bytes)
  else if (fault.drip !== undefined) await drip(response, bytes, fault.drip)
  else response.end(bytes)
  return answer.status
}

function wire(
  answer: Answer,
  fault: Fault,
): { headers: Record<string, string | string[]>; bytes: Buffer } {
  const { bytes, type } = encodeBody(answer.body)
  const headers = {
    'cache-control': 'no-store',
    ...(type ? { 'content-type': type } : {}),
    ...answer.headers,
    ...fault.headers,
  }
  if (fault.gzipBomb !== undefined) {
    const packed = gzipSync(padded(bytes, fault.gzipBomb))
    return { headers: { ...headers, 'content-encoding': 'gzip' }, bytes: packed }
  }
  return { headers, bytes: fault.huge === undefined ? bytes : padded(bytes, fault.huge) }
}

/** Spaces after JSON keep it valid: only its size is wrong. */
function padded(bytes: Buffer, size: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(Math.max(0, size - bytes.length), ' ')])
}

function cutShort(response: ServerResponse, bytes: Buffer): void {
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () =>
    response.socket?.destroySoon(),
  )
}

async function drip(response: ServerResponse, bytes: Buffer, every: number): Promise<void> {
  for (const byte of bytes) {
    if (response.destroyed) return
    response.write(Buffer.of(byte))
    await sleep(every, undefined, { ref: false })
  }
  response.end()
}
