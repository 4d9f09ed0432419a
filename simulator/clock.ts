import { UsageError } from './words.js'

/** The simulator's time: real time, which can be moved forward. */
export class Clock {
  private ahead = 0

  /** Milliseconds since 1970. */
  now(): number {
    return Date.now() + this.ahead
  }

  /** Moves time forward, so that whatever was issued is closer to its expiry; ms, not negative. */
  advance(ms: number): void {
    if (!(ms >= 0)) {
      const en = 'clock.advance() takes a non-negative number of milliseconds'
      throw new UsageError({ en, zh: '时钟只能向前拨，单位为毫秒' })
    }
    this.ahead += ms
  }

  reset(): void {
    this.ahead = 0
  }
}
