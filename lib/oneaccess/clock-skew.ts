import { channel } from 'node:diagnostics_channel'

/** Published on `passport-oneaccess-alipay:clock` when this machine's clock and OneAccess's differ. */
export interface ClockEvent {
  /** Milliseconds by which this machine's clock is ahead; negative when it is behind. */
  ahead: number
}

const CLOCK = channel('passport-oneaccess-alipay:clock')

/**
 * In milliseconds: more than a slow network or the whole seconds of a `Date` header could explain.
 */
const MIN_SKEW = 10_000

/** Milliseconds between two events. */
const EVENT_INTERVAL = 600_000

/** Compares the `Date` of OneAccess's responses with this machine's clock, and publishes an event if they differ. */
export class ClockSkew {
  #publishedAt: number | undefined

  /**
   * `header` is in whole seconds and was written at some time between `askedAt` and now; that
   * uncertainty is not skew.
   */
  note(header: unknown, askedAt: number): void {
    const now = Date.now()
    const isTooSoon =
      this.#publishedAt !== undefined &&
      now - this.#publishedAt < EVENT_INTERVAL &&
      now >= this.#publishedAt
    if (isTooSoon || !CLOCK.hasSubscribers || typeof header !== 'string' || header.length > 40)
      return
    const there = Date.parse(header)
    if (Number.isNaN(there)) return
    const ahead = askedAt > there + 1_000 ? askedAt - there : Math.min(now - there, 0)
    if (Math.abs(ahead) < MIN_SKEW) return
    this.#publishedAt = now
    const event: ClockEvent = { ahead }
    CLOCK.publish(event)
  }
}
