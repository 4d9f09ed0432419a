/** The simulator's time. It runs with the real one and can be moved ahead of it. */
export class Clock {
  private ahead = 0

  /** Milliseconds since 1970. */
  now(): number {
    return Date.now() + this.ahead
  }

  /** Moves the expiry of everything that was issued; ms, not negative. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new TypeError('clock.advance() takes milliseconds, not negative')
    this.ahead += ms
  }

  reset(): void {
    this.ahead = 0
  }
}
