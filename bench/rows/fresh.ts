import { Agent, request } from 'node:http'
import type { Request, Response } from 'express'
import { MemoryTokenStore } from '../../lib/index.js'
import { CODE } from '../peers/clients.js'
import { keptLogin, strategyAt } from '../peers/ours.js'
import { startChild } from '../support/child.js'
import type { Comparison, Face } from '../support/fresh-app.js'
import { atMost, below, exactly, type Section, seen } from '../support/report.js'
import { roundsOf } from '../support/rounds.js'
import type { Scale } from '../support/scale.js'
import { estimateOf, medianOf, ratioOf } from '../support/statistics.js'

/** What every request of every app pays for `backgroundRefresh()`. */
export async function fresh(origin: string, scale: Scale): Promise<Section> {
  const alone = await byItself(origin, scale)
  const app = await inAnApp(origin, scale)
  const minus = (values: readonly number[], base: readonly number[]) =>
    values.map((value, round) => value - (base[round] ?? Number.NaN))
  const added = estimateOf(minus(app.with, app.without))
  const request = medianOf(app.requests)
  const share = (value: number) => (100 * value) / request
  const addedShare = {
    median: share(added.median),
    low: share(added.low),
    high: share(added.high),
  }
  return {
    title: '`backgroundRefresh()` on a fresh record',
    how:
      'In isolation: the middleware called in a loop, minus one that only calls next(). In an app: Express with ' +
      'express-session and Passport in a separate process. The overhead is the CPU time of requests with the middleware ' +
      'minus that of requests without it, passed to the app without a connection and alternating every few requests; ' +
      'it is compared with a request over HTTP.',
    control: ratioOf(app.again, app.without),
    rows: [
      exactly('calls to the token store', '0', String(alone.storeCalls)),
      atMost('the middleware in isolation', estimateOf(alone.costs), 0.5, ' µs per request'),
      atMost('overhead on a request to an app', addedShare, 1, ' %'),
      below(
        "overhead, against express-openid-connect's session handling",
        ratioOf(alone.costs, minus(app.peer, app.plain).slice(0, alone.costs.length)),
        1,
        ' ×',
      ),
      seen('overhead in the app', added, ' µs'),
      seen(
        'overhead of a middleware that only sets a property of `req`',
        estimateOf(minus(app.property, app.without)),
        ' µs',
      ),
      seen(
        "express-openid-connect's session handling",
        estimateOf(minus(app.peer, app.plain)),
        ' µs',
      ),
      seen('a request to the app, over HTTP', estimateOf(app.requests), ' µs'),
    ],
  }
}

async function byItself(origin: string, { rounds }: Scale) {
  let storeCalls = 0
  class Counting extends MemoryTokenStore {
    override get(key: string) {
      storeCalls++
      return super.get(key)
    }
  }
  const strategy = strategyAt(origin, { tokenStore: new Counting() })
  const session = await keptLogin(strategy)
  const middleware = strategy.backgroundRefresh()
  const goOn = (_req: Request, _res: Response, next: () => void) => next()
  const next = () => {}
  const time = (handler: (req: Request, res: Response, next: () => void) => void) => {
    const began = process.hrtime.bigint()
    for (let i = 0; i < REQUESTS; i++) handler({ session } as never, {} as Response, next)
    return Number(process.hrtime.bigint() - began) / 1000 / REQUESTS
  }
  const costs: number[] = []
  time(middleware)
  storeCalls = 0
  for (let round = 0; round < rounds; round++) costs.push(time(middleware) - time(goOn))
  return { costs, storeCalls }
}

const REQUESTS = 100_000

const REQUESTS_A_ROUND = 500

/** Requests before it is the next face's turn: so few that a change of the machine's mood meets all faces. */
const BLOCK = 40
/** Blocks for each round of the other rows. */
const BLOCKS = 40

async function inAnApp(origin: string, { rounds }: Scale) {
  const child = await startChild(import.meta.resolve('../support/fresh-app.js'))
  const ports = await child.ask<Record<string, number>>('listen', origin)
  const login = JSON.stringify({ auth_code: CODE, id_token: 'i'.repeat(700), access_token: 'a' })
  const cookieOf = async (name: string) =>
    (await call(ports[name], 'POST', '/login', '', login)).replace(/;.*$/s, '')
  const ours = await cookieOf('with')
  const theirs = await cookieOf('express-openid-connect')
  const faces: Face[] = [
    { name: 'without', cookie: ours },
    { name: 'without', cookie: ours },
    { name: 'with', cookie: ours },
    { name: 'property', cookie: ours },
    { name: 'plain', cookie: '' },
    { name: 'express-openid-connect', cookie: theirs },
  ]
  const comparison: Comparison = { faces, blocks: BLOCKS * rounds, times: BLOCK, seed: rounds }
  const costs = await child.ask<number[][]>('compare', comparison)
  const requests: number[] = []
  for (const round of roundsOf({ rounds, warmUp: 2, seconds: 10 })) {
    const before = await child.ask<number>('cpu')
    await load(REQUESTS_A_ROUND, () => call(ports.without, 'GET', '/page', ours))
    const cost = ((await child.ask<number>('cpu')) - before) / REQUESTS_A_ROUND
    if (round >= 0) requests.push(cost)
  }
  await child.close()
  const [without = [], again = [], withIt = [], property = [], plain = [], peer = []] = costs
  return { without, again, with: withIt, property, plain, peer, requests }
}

async function load(times: number, work: () => Promise<unknown>): Promise<void> {
  let left = times
  const worker = async () => {
    while (left-- > 0) await work()
  }
  await Promise.all(Array.from({ length: 16 }, worker))
}

const agent = new Agent({ keepAlive: true })

/** Answers the cookie that was set; fails when the answer is no 200. */
function call(port = 0, method: string, path: string, cookie: string, body?: string) {
  return new Promise<string>((resolve, reject) => {
    const headers = { cookie, 'content-type': 'application/json' }
    const options = { agent, host: '127.0.0.1', port, method, path, headers }
    const req = request(options, (res) => {
      res.resume()
      res.once('end', () => {
        if (res.statusCode === 200) resolve(String(res.headers['set-cookie'] ?? ''))
        else reject(new Error(`${path} answered ${res.statusCode}`))
      })
    })
    req.once('error', reject)
    req.end(body)
  })
}
