import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp } from '../../example/shop/app.js'
import { readConfig, simulatorOptionsOf } from '../../example/shop/config.js'
import { memoryStores, type Stores } from '../../example/shop/stores.js'
import type { StrategyOptions } from '../../lib/index.js'
import {
  type Person,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../simulator/index.js'
import { Browser, type Page } from './browser.js'

/** What a test changes about the example. */
export interface ExampleOptions {
  env?: NodeJS.ProcessEnv
  simulator?: SimulatorOptions
  strategy?: Partial<StrategyOptions>
  /** Starts one app for each, which take turns like processes behind a load balancer. */
  stores?: [Stores, ...Stores[]]
}

/** The example app as its server runs it, with its own simulator. */
export interface Example {
  url: string
  simulator: Simulator
  close(): Promise<void>
}

export async function openExample(options: ExampleOptions = {}): Promise<Example> {
  const { env = {}, stores = [memoryStores()] } = options
  const simulator = await startSimulator({ ...simulatorOptionsOf(env), ...options.simulator })
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const config = readConfig(env, simulator, port)
  Object.assign(config.oneaccess, options.strategy)
  const shops = stores.map((one) => createApp(config, one))
  let turn = 0
  server.on('request', (req, res) => shops[turn++ % shops.length]?.app(req, res))
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await simulator.close()
    await Promise.all(shops.map((shop) => shop.drain()))
    await Promise.all(stores.map((one) => one.close()))
  }
  return { url: `http://127.0.0.1:${port}`, simulator, close }
}

/** The nth simulated user with this outcome. */
export function personWith(simulator: Simulator, outcome: string, nth = 0): Person {
  const person = simulator.people.filter((one) => one.outcome === outcome)[nth]
  if (person === undefined) throw new Error(`nobody with the outcome ${outcome}`)
  return person
}

/** Starts a login and decides at Alipay; resolves to the callback URL, which is not opened. */
export async function decideAtAlipay(
  { url, simulator }: Example,
  browser: Browser,
  { person = personWith(simulator, 'SUCCESS'), decision = 'agree', from = '/auth/alipay' } = {},
): Promise<string> {
  const begun = await browser.get(url + from)
  const decided = await browser.post(begun.location, { person: person.id, decision })
  if (decided.status !== 302) throw new Error(`${decided.status}: ${decided.text}`)
  return decided.location
}

/** Logs in; resolves to the browser. */
export async function logIn(
  example: Example,
  { browser = new Browser(), person = personWith(example.simulator, 'SUCCESS') } = {},
): Promise<Browser> {
  const callback = await decideAtAlipay(example, browser, { person })
  const { status, location } = await browser.get(callback)
  if (status !== 302 || location !== `${example.url}/`) throw new Error(`${status} ${location}`)
  return browser
}

/** The response of `/me`. */
export interface Me {
  user: { id: string; name: string; mobile?: string }
  expiresAt: number | null
  sessionExpiresAt: number | null
  now: number
}

/** The response of `/me`, or undefined if nobody is logged in. */
export async function whoIs({ url }: Example, browser: Browser): Promise<Me | undefined> {
  const page = await browser.get(`${url}/me`)
  return page.status === 401 ? undefined : meOf(page)
}

export function meOf(page: Page): Me {
  if (page.status !== 200) throw new Error(`${page.status}: ${page.text}`)
  return page.json() as Me
}

/** Asks again until the condition holds; rejects after `patience` ms of real time. */
export async function until<T>(
  ask: () => Promise<T>,
  holds: (answer: T) => boolean,
  patience = 5_000,
): Promise<T> {
  const began = performance.now()
  for (;;) {
    const answer = await ask()
    if (holds(answer)) return answer
    if (performance.now() - began > patience)
      throw new Error(`not in time: ${JSON.stringify(answer)}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
