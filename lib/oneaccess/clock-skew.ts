import { channel } from 'node:diagnostics_channel'

/** What is told on `passport-oneaccess-alipay:clock`: this machine's clock and OneAccess's differ. */
export interface ClockEvent {
  /** Milliseconds by which this machine's clock is ahead; negative when it is behind. */
  ahead: number
}

const CLOCK = channel('passport-oneaccess-alipay:clock')

/** A difference in milliseconds that a slow network or the seconds of a header do not explain. */
const WORTH_TELLING = 10_000

/** Milliseconds between two events about the same clock. */
const QUIET = 600_000

/** Compares the `Date` of OneAccess's answers with this machine's clock, and tells when they differ. */
export class ClockSkew {
  #toldAt: number | undefined

  /** `header` has whole seconds, read somewhere between `askedAt` and now; what that leaves open is no skew. */
  note(header: unknown, askedAt: number): void {
    const now = Date.now()
    const isQuiet = this.#toldAt !== undefined && now - this.#toldAt < QUIET && now >= this.#toldAt
    if (isQuiet || !CLOCK.hasSubscribers || typeof header !== 'string' || header.length > 40) return
    const there = Date.parse(header)
    if (Number.isNaN(there)) return
    const ahead = askedAt > there + 1_000 ? askedAt - there : Math.min(now - there, 0)
    if (Math.abs(ahead) < WORTH_TELLING) return
    this.#toldAt = now
    const event: ClockEvent = { ahead }
    CLOCK.publish(event)
  }
}
