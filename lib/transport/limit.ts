import type { Step } from '../errors.js'
import { startDeadline } from '../util/deadline.js'
import { timers } from '../util/timers.js'
import {
  type Exchange,
  type HttpCall,
  type RawResponse,
  type Transport,
  tooLate,
} from './message.js'

/** The calls that keep users logged in; all others are part of a login. */
const STAYING: ReadonlySet<Step> = new Set<Step>([
  'refresh',
  'signature',
  'credential',
  'keys',
  'logout',
])

/** The calls of one kind: how many are in progress, and the queue. */
class Lane {
  readonly most: number
  readonly waiting = new Set<() => void>()
  under = 0

  constructor(most: number) {
    this.most = most
  }
}

/**
 * Limits a transport: at most so many calls at a time, each with a deadline that includes queueing and
 * lasts to the last byte of the response.
 *
 * A quarter of the places is reserved for the calls of logged-in users, and a quarter for logins, so that
 * neither a flood of logins nor a storm of refreshes can take them all.
 */
export class LimitedTransport {
  readonly #transport: Transport
  readonly #staying: Lane
  readonly #logins: Lane
  readonly #most: number
  #free: number

  constructor(transport: Transport, most: number) {
    this.#transport = transport
    this.#most = most
    this.#free = most
    const lane = most - (most > 1 ? Math.max(Math.floor(most / 4), 1) : 0)
    this.#staying = new Lane(lane)
    this.#logins = new Lane(lane)
  }

  /** Calls in progress. */
  get inUse(): number {
    return this.#most - this.#free
  }

  /** Calls in the queue. */
  get waiting(): number {
    return this.#staying.waiting.size + this.#logins.waiting.size
  }

  /** Rejects with an `ExchangeError` at the deadline, or with whatever the transport rejects with. */
  send(call: HttpCall): Promise<RawResponse> {
    const lane = STAYING.has(call.step) ? this.#staying : this.#logins
    const end = performance.now() + call.deadline
    return new Promise((resolve, reject) => {
      let exchange: Exchange | undefined
      const timer = startDeadline(call.deadline, () => {
        lane.waiting.delete(start)
        reject(tooLate())
        exchange?.cancel()
      })
      const leave = () => {
        timers.clearTimeout(timer)
        this.#leave(lane)
      }
      const start = () => {
        call.sentAt = performance.now()
        exchange = this.#transport(call, end)
        exchange.response.then(
          (response) => {
            resolve(response)
            leave()
          },
          (error: unknown) => {
            reject(error)
            leave()
          },
        )
      }
      if (this.#enter(lane)) start()
      else lane.waiting.add(start)
    })
  }

  #enter(lane: Lane): boolean {
    if (this.#free === 0 || lane.under === lane.most) return false
    this.#free--
    lane.under++
    return true
  }

  /**
   * A place becomes free when the transport is done with a call, not when the call times out: otherwise
   * abandoned calls would pile up during an outage.
   */
  #leave(lane: Lane): void {
    this.#free++
    lane.under--
    for (const next of [this.#staying, this.#logins]) {
      const [start] = next.waiting
      if (start === undefined || !this.#enter(next)) continue
      next.waiting.delete(start)
      start()
    }
  }
}
