import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
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

/** How long a proxy needs to notice that this process takes no more requests, in milliseconds. */
const NOTICE_TIME = 10_000
/** How long without a connection means that it has noticed, in milliseconds. */
const QUIET_TIME = 500
/** How long the remaining requests may take, in milliseconds. */
const LAST_REQUESTS_TIME = 10_000

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
    shop.leave()
    await stopServing(server)
    console.log('no requests left, finishing refreshes')
    const { unsaved } = await shop.drain()
    if (unsaved > 0) console.error(`${unsaved} refreshes could not be saved`)
    await stores.close()
    await simulator?.close()
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, shutDown)
}

/**
 * First `/readyz` tells the proxy in front. Requests that still arrive are answered, and each
 * connection is closed with its response: if an idle connection were closed, a request that the
 * proxy is sending on it would be lost. The server stops listening once no more requests arrive.
 */
async function stopServing(server: Server): Promise<void> {
  server.prependListener('request', (_req, res) => void res.setHeader('Connection', 'close'))
  const end = Date.now() + NOTICE_TIME
  let quietSince = Date.now()
  while (Date.now() < end && Date.now() - quietSince < QUIET_TIME) {
    if ((await connectionsOf(server)) > 0) quietSince = Date.now()
    await sleep(20)
  }
  const hurry = setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_TIME)
  await new Promise((resolve) => server.close(resolve))
  clearTimeout(hurry)
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
  })
}

async function openStores(redisURL: string | undefined): Promise<Stores> {
  if (!redisURL) return memoryStores()
  try {
    return await redisStores(redisURL)
  } catch (error) {
    throw new ConfigurationError([`REDIS_URL cannot be reached: ${(error as Error).message}`])
  }
}

/** With the simulator, listens on loopback only, because anyone can log in as anyone. */
async function listen(server: Server, env: NodeJS.ProcessEnv, simulator?: Simulator) {
  const port = portOf(env)
  server.listen({ port, ...(simulator ? { host: '127.0.0.1' } : {}) })
  try {
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new ConfigurationError([
      `PORT ${port} is in use by another program: set PORT to a free one`,
    ])
  }
  return (server.address() as AddressInfo).port
}

function announce(callbackURL: string, port: number, simulator: Simulator | undefined): void {
  console.log(`listening on port ${port}`)
  console.log(`open ${new URL(callbackURL).origin}/`)
  if (!simulator) return
  console.log(`no ONEACCESS_DOMAIN: OneAccess and Alipay are simulated at ${simulator.url}/`)
  console.log('the simulator is not an identity provider: anyone can log in as anyone')
}

start(process.env).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
