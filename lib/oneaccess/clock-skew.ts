import { channel } from 'node:diagnostics_channel'

/** Published on `passport-oneaccess-alipay:clock` when this machine's clock and OneAccess's differ. */
export interface ClockEvent {
  /** Milliseconds by which this machine's clock is ahead; negative when it is behind. */
  ahead: number
}

const CLOCK = channel('passport-oneaccess-alipay:clock')

/** Milliseconds; a slow network or the whole seconds of a `Date` header do not explain a greater difference. */
const WORTH_TELLING = 10_000

/** Milliseconds between two events about the same clock. */
const QUIET = 600_000

/** Compares the `Date` of OneAccess's responses with this machine's clock, and publishes an event if they differ. */
export class ClockSkew {
  #toldAt: number | undefined

  /** `header` has whole seconds and was written at some time between `askedAt` and now; that uncertainty is not skew. */
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
