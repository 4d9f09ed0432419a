// A process that counts what a login does, which no machine changes: calls to the token store, timers,
// promises, hashes and their bytes, allocated memory.
import { createHook } from 'node:async_hooks'
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import type { MemoryTokenStore } from '../../lib/index.js'
import { serve } from './child.js'

/** What was counted, for each login. */
export interface Counts {
  storeReads: number
  storeWrites: number
  timers: number
  promises: number
  hashes: number
  hashedBytes: number
  /** Bytes of the heap. */
  allocated: number
}

const counted = { storeReads: 0, storeWrites: 0, timers: 0, promises: 0, hashes: 0, hashedBytes: 0 }

// before anything else takes its own hold of it
const { hash } = crypto
crypto.hash = ((algorithm: string, data: string | Buffer, encoding: 'hex') => {
  counted.hashes++
  counted.hashedBytes += Buffer.byteLength(data)
  return hash(algorithm, data, encoding)
}) as typeof crypto.hash
syncBuiltinESMExports()

const hook = createHook({
  init: (_id, type) => {
    if (type === 'PROMISE') counted.promises++
    else if (type === 'Timeout' || type === 'Immediate') counted.timers++
  },
})

async function countingStore(): Promise<MemoryTokenStore> {
  const { MemoryTokenStore } = await import('../../lib/index.js')
  return new (class extends MemoryTokenStore {
    override get(key: string) {
      counted.storeReads++
      return super.get(key)
    }
    override compareAndSet(...written: Parameters<MemoryTokenStore['compareAndSet']>) {
      counted.storeWrites++
      return super.compareAndSet(...written)
    }
  })()
}

const LOGINS = 200

serve({
  count: async (origin: string): Promise<Counts> => {
    const { loginBy, strategyAt } = await import('../peers/ours.js')
    const login = loginBy(strategyAt(origin, { tokenStore: await countingStore() }))
    for (let i = 0; i < LOGINS; i++) await login()
    const allocated = await allocatedBy(login)
    for (const name of Object.keys(counted)) Reflect.set(counted, name, 0)
    hook.enable()
    for (let i = 0; i < LOGINS; i++) await login()
    hook.disable()
    const each = Object.entries(counted).map(([name, count]) => [name, count / LOGINS])
    return { ...Object.fromEntries(each), allocated } as Counts
  },
})

/** Bytes for a login. The young generation of this process is so large that none of it is collected meanwhile. */
async function allocatedBy(login: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < LOGINS; i++) await login()
  return (process.memoryUsage().heapUsed - before) / LOGINS
}
