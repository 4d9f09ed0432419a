import { Agent, request } from 'node:http'
import type { Request, Response } from 'express'
import { MemoryTokenStore } from '../../lib/index.js'
import { CODE } from '../peers/clients.js'
import { keptLogin, strategyAt } from '../peers/ours.js'
import { startChild } from '../support/child.js'
import { atLeast, atMost, below, exactly, type Section, seen } from '../support/report.js'
import type { Scale } from '../support/scale.js'
import { quotientOf, ratioOf, spreadOf } from '../support/statistics.js'

/** What every request of every app pays for `backgroundRefresh()`. */
export async function fresh(origin: string, scale: Scale): Promise<Section> {
  const alone = await byItself(origin, scale)
  const app = await inAnApp(origin, scale)
  const middle = (values: number[]) => spreadOf(values)
  const throughput = quotientOf(middle(app.without), middle(app.with))
  const added = app.with.map((cost, round) => cost - (app.without[round] ?? 0))
  const peer = app.peer.map((cost, round) => cost - (app.plain[round] ?? 0))
  return {
    title: '`backgroundRefresh()` on a fresh record',
    how:
      'By itself: the middleware called in a loop, less a middleware that only goes on. In an app: Express with ' +
      'express-session and Passport in a process of its own, its processor time, with the middleware and without in turns.',
    rows: [
      exactly('calls of the token store', '0', String(alone.storeCalls)),
      atMost('the middleware by itself', middle(alone.costs), 1, ' µs a request'),
      atLeast('throughput of an app with it', throughput, 0.98, ' ×'),
      seen(
        'throughput of an app with a middleware that only goes on',
        quotientOf(middle(app.without), middle(app.goingOn)),
        ' ×',
      ),
      below(
        "what it adds, against express-openid-connect's session handling",
        ratioOf(alone.costs, peer.slice(0, alone.costs.length)),
        1,
        ' ×',
      ),
      seen('what it adds in the app', middle(added), ' µs'),
      seen("express-openid-connect's session handling", middle(peer), ' µs'),
      seen('a request of the app', middle(app.with), ' µs'),
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

/** So many that each round has its share of garbage to collect: else that alone makes rounds differ. */
const REQUESTS_A_ROUND = 1_000
/** So many times the rounds of the other rows: the difference looked for is far below that of rounds. */
const ROUNDS = 4

type Face = [name: string, port: number | undefined, cookie: string]

async function inAnApp(origin: string, { rounds }: Scale) {
  const child = await startChild(import.meta.resolve('../support/fresh-app.js'))
  const ports = await child.ask<Record<string, number>>('listen', origin)
  const login = JSON.stringify({ auth_code: CODE, id_token: 'i'.repeat(700), access_token: 'a' })
  const cookieOf = async (name: string) =>
    (await call(ports[name], 'POST', '/login', '', login)).replace(/;.*$/s, '')
  const ours = await cookieOf('with')
  const theirs = await cookieOf('express-openid-connect')
  const pair: Face[] = [
    ['without', ports.without, ours],
    ['with', ports.with, ours],
  ]
  const others: Face[] = [
    ['goingOn', ports['going-on'], ours],
    ['plain', ports.plain, ''],
    ['peer', ports['express-openid-connect'], theirs],
  ]
  const costs: Record<string, number[]> = {}
  for (let round = -10; round < ROUNDS * rounds; round++) {
    // each follows the other as often, and its garbage
    const turn = round % 2 ? pair : pair.toReversed()
    for (const [face, port, cookie] of round % 5 ? turn : [...turn, ...others]) {
      const before = await child.ask<number>('cpu')
      await load(REQUESTS_A_ROUND, () => call(port, 'GET', '/page', cookie))
      const cost = ((await child.ask<number>('cpu')) - before) / REQUESTS_A_ROUND
      if (round >= 0) costs[face] = [...(costs[face] ?? []), cost]
    }
  }
  await child.close()
  const { without = [], with: withIt = [], goingOn = [], plain = [], peer = [] } = costs
  return { without, with: withIt, goingOn, plain, peer }
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
