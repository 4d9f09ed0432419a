import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Simulator, startSimulator } from 'passport-oneaccess-alipay/simulator'
import { createApp } from './app.js'
import {
  ConfigurationError,
  checkEnvironment,
  isSimulated,
  portOf,
  readConfig,
  simulatorOptionsOf,
} from './config.js'
import { memoryStores, redisStores, type Stores } from './stores.js'

/** How long requests that are under way may take at a shutdown, in milliseconds. */
const LAST_REQUESTS = 10_000

async function start(env: NodeJS.ProcessEnv): Promise<void> {
  checkEnvironment(env)
  const stores = await openStores(env.REDIS_URL)
  const simulator = isSimulated(env) ? await startSimulator(simulatorOptionsOf(env)) : undefined
  const server = createServer()
  const port = await listen(server, env, simulator)
  const config = readConfig(env, simulator, port)
  const shop = createApp(config, stores)
  server.on('request', shop.app)
  announce(config.oneaccess.callbackURL, port, simulator)

  const shutDown = async () => {
    const hurry = setTimeout(() => server.closeAllConnections(), LAST_REQUESTS)
    server.keepAliveTimeout = 1 // connections that are in use now end with their answer
    await new Promise((resolve) => server.close(resolve))
    clearTimeout(hurry)
    console.log('no request is left, finishing renewals')
    await shop.drain()
    await stores.close()
    await simulator?.close()
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, shutDown)
}

async function openStores(redisURL: string | undefined): Promise<Stores> {
  if (!redisURL) return memoryStores()
  try {
    return await redisStores(redisURL)
  } catch (error) {
    throw new ConfigurationError([`REDIS_URL cannot be reached: ${(error as Error).message}`])
  }
}

/** With the simulator on loopback only: anybody could log in as anybody. */
async function listen(server: Server, env: NodeJS.ProcessEnv, simulator?: Simulator) {
  const port = portOf(env)
  server.listen({ port, ...(simulator ? { host: '127.0.0.1' } : {}) })
  try {
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new ConfigurationError([
      `PORT ${port} is taken by another program: set PORT to a free one`,
    ])
  }
  return (server.address() as AddressInfo).port
}

function announce(callbackURL: string, port: number, simulator: Simulator | undefined): void {
  console.log(`listening on port ${port}`)
  console.log(`open ${new URL(callbackURL).origin}/`)
  if (!simulator) return
  console.log(`no ONEACCESS_DOMAIN: OneAccess and Alipay are simulated at ${simulator.url}/`)
  console.log('the simulator is no identity provider: anybody can be anybody')
}

start(process.env).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
