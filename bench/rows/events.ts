import { channel } from 'node:diagnostics_channel'
import { startCallEvent } from '../../lib/oneaccess/call-events.js'
import { publish } from '../../lib/tokens/events.js'
import type { LimitedTransport } from '../../lib/transport/limit.js'
import type { HttpCall } from '../../lib/transport/message.js'
import { below, type Section, seen } from '../support/report.js'
import type { Scale } from '../support/scale.js'
import { estimateOf } from '../support/statistics.js'

const TIMES = 200_000
const DONE = Promise.resolve()
const CALL = { step: 'login' } as HttpCall
const TRANSPORT = { inUse: 0, waiting: 0 } as LimitedTransport
/** Microseconds: a two-hundredth of what a call to OneAccess costs. */
const NOTHING = 0.2

/** What the events cost in the path of a call and of a login, by nobody's and by somebody's listening. */
export async function events({ rounds }: Scale): Promise<Section> {
  const work = () => DONE
  const plain = () => work()
  const told = () => {
    const ended = startCallEvent(CALL, TRANSPORT)
    const done = work()
    ended?.()
    return done
  }
  const login = () => {
    publish.login({ flow: 'web', outcome: 'success', duration: 1 })
    return DONE
  }
  const unheard = await costsOf(rounds, plain, told, login)
  const calls = channel('passport-oneaccess-alipay:call')
  const listen = () => {}
  calls.subscribe(listen)
  const heard = await costsOf(rounds, plain, told)
  calls.unsubscribe(listen)
  return {
    title: 'Events',
    how: 'Publishing the event of a call or a login around work that completes at once, minus that work alone; in a loop, in alternation.',
    rows: [
      below('no subscriber: a call to OneAccess', estimateOf(unheard[0] ?? []), NOTHING, ' µs'),
      below('no subscriber: a login', estimateOf(unheard[1] ?? []), NOTHING, ' µs'),
      seen('one subscriber: a call to OneAccess', estimateOf(heard[0] ?? []), ' µs'),
    ],
  }
}

type Work = () => Promise<void>

/** What each costs more than the first, in microseconds, by rounds; the first round warms up. */
async function costsOf(rounds: number, plain: Work, ...others: Work[]): Promise<number[][]> {
  const costs: number[][] = others.map(() => [])
  for (let round = -1; round < rounds; round++) {
    const base = await costOf(plain)
    for (const [n, other] of others.entries()) {
      const cost = (await costOf(other)) - base
      if (round >= 0) costs[n]?.push(cost)
    }
  }
  return costs
}

async function costOf(work: Work): Promise<number> {
  const before = process.cpuUsage()
  for (let n = 0; n < TIMES; n++) await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / TIMES
}
