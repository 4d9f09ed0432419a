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
import { terminalLanguage } from './language.js'
import { memoryStores, redisStores, type Stores } from './stores.js'

/** How long a proxy needs to notice that this process takes no more requests, in milliseconds. */
const NOTICE_TIME = 10_000
/** How long without a connection means that it has noticed, in milliseconds. */
const QUIET_TIME = 500
/** How long the remaining requests may take, in milliseconds. */
const LAST_REQUESTS_TIME = 10_000

async function start(env: NodeJS.ProcessEnv): Promise<void> {
  checkEnvironment(env)
  const stores = await openStores(env)
  const simulator = isSimulated(env) ? await startSimulator(simulatorOptionsOf(env)) : undefined
  const server = createServer()
  const port = await listen(server, env, simulator)
  const config = readConfig(env, simulator, port)
  const shop = createApp(config, stores)
  server.on('request', shop.app)
  const says = SAYS[terminalLanguage(env)]
  console.log(says.started(port, new URL(config.oneaccess.callbackURL).origin))
  if (simulator) console.log(says.simulated(simulator.url))

  const shutDown = async () => {
    shop.leave()
    await stopServing(server)
    console.log(says.finishing)
    const { unsaved } = await shop.drain()
    if (unsaved > 0) console.error(says.unsaved(unsaved))
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

async function openStores(env: NodeJS.ProcessEnv): Promise<Stores> {
  const { REDIS_URL: redisURL } = env
  if (!redisURL) return memoryStores()
  try {
    return await redisStores(redisURL)
  } catch (error) {
    const reason = (error as Error).message
    const says = {
      zh: `无法连接 REDIS_URL：${reason}`,
      en: `REDIS_URL cannot be reached: ${reason}`,
    }
    throw new ConfigurationError([says], env)
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
    const says = {
      zh: `端口 ${port} 已被其他程序占用，请用 PORT 指定一个空闲端口`,
      en: `PORT ${port} is in use by another program: set PORT to a free one`,
    }
    throw new ConfigurationError([says], env)
  }
  return (server.address() as AddressInfo).port
}

/** What the terminal shows. */
const SAYS = {
  zh: {
    started: (port: number, origin: string) => `已启动，监听端口 ${port}\n请打开 ${origin}/`,
    simulated: (url: string) =>
      `没有设置 ONEACCESS_DOMAIN，由模拟器代替 OneAccess 和支付宝：${url}/\n模拟器不是身份提供商：谁都可以用任何身份登录`,
    finishing: '请求已全部处理完，正在完成令牌刷新',
    unsaved: (count: number) => `有 ${count} 次刷新未能保存`,
  },
  en: {
    started: (port: number, origin: string) => `listening on port ${port}\nopen ${origin}/`,
    simulated: (url: string) =>
      `no ONEACCESS_DOMAIN: OneAccess and Alipay are simulated at ${url}/\nthe simulator is not an identity provider: anyone can log in as anyone`,
    finishing: 'no requests left, finishing refreshes',
    unsaved: (count: number) => `${count} refreshes could not be saved`,
  },
}

start(process.env).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
