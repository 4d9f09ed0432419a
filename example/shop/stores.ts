import { RedisStore } from 'connect-redis'
import session from 'express-session'
import type { TokenStore } from 'passport-oneaccess-alipay'
import { RedisTokenStore } from 'passport-oneaccess-alipay/redis'
import { createClient } from 'redis'
import { createReports } from './reports.js'
import { Users } from './users.js'

/** Everything that the shop keeps. */
export interface Stores {
  sessions: session.Store
  /**
   * Where tokens are kept. Undefined: in the session store, which is right for a single process.
   */
  tokens?: TokenStore
  users: Users
  /** Whether the stores can be read at the moment. */
  isReady(): boolean
  close(): Promise<void>
}

/** In memory: lost when the process ends. */
export function memoryStores(): Stores {
  const table = new Map<string, string>()
  return {
    sessions: new session.MemoryStore(),
    users: new Users({
      get: async (id) => table.get(id),
      set: async (id, user) => table.set(id, user),
    }),
    isReady: () => true,
    close: async () => {},
  }
}

/** In Redis, so that any number of processes behave as one. Rejects if Redis cannot be reached. */
export async function redisStores(url: string): Promise<Stores> {
  let connected = false
  const client = createClient({
    url,
    disableOfflineQueue: true, // while Redis is down, requests fail at once instead of waiting for it
    pingInterval: 1_000, // with socketTimeout: if packets are lost, calls fail after 3 seconds
    socket: {
      connectTimeout: 3_000,
      socketTimeout: 3_000,
      reconnectStrategy: (retries) => (connected ? Math.min(50 * 2 ** retries, 2_000) : false),
    },
  })
  const { report } = createReports((line) => console.error(`redis: ${line}`))
  client.on('error', (error: Error) => {
    if (connected) report(error)
  })
  await client.connect()
  connected = true
  return {
    sessions: new RedisStore({ client, prefix: 'shop:session:' }),
    tokens: new RedisTokenStore(client),
    users: new Users({
      get: (id) => client.get(`shop:user:${id}`),
      set: (id, user) => client.set(`shop:user:${id}`, user),
    }),
    isReady: () => client.isReady,
    close: () => client.close(),
  }
}
