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

/** The calls that keep people logged in; all others are those of a login. */
const STAYING: ReadonlySet<Step> = new Set<Step>([
  'refresh',
  'signature',
  'credential',
  'keys',
  'logout',
])

/** The calls of one kind: how many are under way, and those that wait, in the order in which they came. */
class Lane {
  readonly most: number
  readonly waiting = new Set<() => void>()
  under = 0

  constructor(most: number) {
    this.most = most
  }
}

/**
 * Bounds a transport: so many calls at a time, and for each a deadline that counts from its start,
 * queueing included, to the last byte of its answer.
 *
 * A quarter of the places is kept for the calls of people who are logged in, and a quarter for those
 * of logins: neither a flood of strangers' logins nor a storm of refreshes can take them all.
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

  /** Calls that are under way. */
  get inUse(): number {
    return this.#most - this.#free
  }

  /** Calls that wait for a place. */
  get waiting(): number {
    return this.#staying.waiting.size + this.#logins.waiting.size
  }

  /** Rejects with an `ExchangeError` at the deadline, and whatever the transport rejects with. */
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
   * A place is free when the transport has done with a call, and not when the call is given up: else
   * calls that nobody waits for would pile up in an outage.
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
