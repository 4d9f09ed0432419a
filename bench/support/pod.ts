// One of the processes of an app, as the bench asks for one: it shares a Redis with the others.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import express, { type Request, type RequestHandler } from 'express'
import { createClient } from 'redis'
import type { RefreshEvent } from '../../lib/index.js'
import { RedisTokenStore } from '../../lib/redis.js'
import { keptLogin, SESSION_KEY, strategyAt } from '../peers/ours.js'
import { serve } from './child.js'
import { get } from './get.js'

/** How a pod is started. */
export interface PodOptions {
  upstream: string
  redis?: string
  maxConnections?: number
  /** Takes the user from the id_token, which it checks. */
  userFromIDToken?: boolean
}

/** What a piece of work took. */
export interface Cost {
  /** Microseconds of processor time. */
  cpu: number
  /** Milliseconds. */
  wall: number
}

let strategy: ReturnType<typeof strategyAt>
let refresh: RequestHandler
let port = 0
let userFrom: Parameters<typeof strategyAt>[1] = {}

const sessionStore = {}

function requestOf(record: string): Request {
  const session = { regenerate: () => {}, save: () => {}, [SESSION_KEY]: { record } }
  return { session, sessionID: record, sessionStore, user: {} } as unknown as Request
}

/** A request as far as the handler. */
function arrive(record: string): Promise<Request> {
  const req = requestOf(record)
  return new Promise((resolve, reject) => {
    refresh(req, {} as never, (error?: unknown) => (error ? reject(error) : resolve(req)))
  })
}

async function costOf(times: number, work: (index: number) => Promise<unknown>): Promise<Cost> {
  let next = 0
  const worker = async () => {
    while (next < times) await work(next++)
  }
  const began = performance.now()
  const before = process.cpuUsage()
  await Promise.all(Array.from({ length: 16 }, worker))
  const { user, system } = process.cpuUsage(before)
  return { cpu: (user + system) / times, wall: performance.now() - began }
}

const any = (records: number) => `r${Math.floor(Math.random() * records) + 1}`

async function arriveForToken(record: string): Promise<string> {
  return (await arrive(record)).oneaccess.idToken()
}

/** What a process has seen while records came due. */
export interface Due {
  /** When a refresh was done, in milliseconds since the epoch. */
  refreshedAt: number[]
  /** Milliseconds that each request waited for its token. */
  waits: number[]
}

async function countDue(
  seconds: number,
  ask: (index: number) => Promise<unknown>,
  count: number,
): Promise<Due> {
  const seen: Due = { refreshedAt: [], waits: [] }
  const note = (event: unknown) => {
    if ((event as RefreshEvent).outcome === 'renewed') seen.refreshedAt.push(Date.now())
  }
  subscribe('passport-oneaccess-alipay:refresh', note)
  const requests = Array.from({ length: count }, async (_, index) => {
    await sleep(Math.random() * seconds * 1000)
    const began = performance.now()
    await ask(index)
    seen.waits.push(performance.now() - began)
  })
  await Promise.all(requests)
  await strategy.drain()
  unsubscribe('passport-oneaccess-alipay:refresh', note)
  return seen
}

async function listen(): Promise<void> {
  const app = express()
  app.get('/:record', (req, _res, next) => {
    Object.assign(req, requestOf(req.params.record))
    next()
  })
  app.use(refresh)
  app.get('/:record', async (req, res) => {
    res.send(await req.oneaccess.idToken())
  })
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  port = (server.address() as AddressInfo).port
}

serve({
  start: async ({ upstream, redis, maxConnections, userFromIDToken }: PodOptions) => {
    const client = redis === undefined ? undefined : await createClient({ url: redis }).connect()
    userFrom = userFromIDToken ? { idToken: true, userFrom: 'id-token' } : {}
    strategy = strategyAt(upstream, {
      ...userFrom,
      ...(client ? { tokenStore: new RedisTokenStore(client) } : {}),
      ...(maxConnections === undefined ? {} : { maxConnections }),
    })
    refresh = strategy.backgroundRefresh()
    await listen()
  },
  /** So many HTTP requests at once for the id_token of one record; how many got it. */
  ask: async ({ record, times }: { record: string; times: number }) => {
    const pages = Array.from({ length: times }, () => get(port, `/${record}`))
    return (await Promise.all(pages)).filter((page) => page.split('.').length === 3).length
  },
  /** Refreshes of any of so many records, by requests that have arrived already. */
  refreshes: async ({ times, records }: { times: number; records: number }) => {
    const requests: Request[] = []
    for (let i = 0; i < times; i++) requests.push(await arrive(any(records)))
    return costOf(times, async (index) => requests[index]?.oneaccess.refresh())
  },
  /** Requests of the people of any of so many records. */
  requests: ({ times, records }: { times: number; records: number }) =>
    costOf(times, () => arrive(any(records))),
  /** One request of each of so many people, at some time within so many seconds. */
  due: ({ from, count, seconds }: { from: number; count: number; seconds: number }) =>
    countDue(seconds, (index) => arriveForToken(`r${from + index}`), count),
  /** Bytes of live objects. */
  heap: () => {
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  },
  /** So many logins begun at once: how many were completed, in what time, and the most memory it took. */
  logins: async (times: number) => {
    globalThis.gc?.()
    const before = process.memoryUsage().rss
    let most = before
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss)
    }, 20)
    const began = performance.now()
    const logins = Array.from({ length: times }, () => keptLogin(strategy))
    const done = (await Promise.allSettled(logins)).filter(({ status }) => status === 'fulfilled')
    clearInterval(watch)
    return { done: done.length, wall: performance.now() - began, growth: most - before }
  },
  /** Milliseconds for one login; with a strategy of its own when `cold`. */
  login: async (upstream: string) => {
    const one = upstream === '' ? strategy : strategyAt(upstream, userFrom)
    const began = performance.now()
    await keptLogin(one)
    return performance.now() - began
  },
})
