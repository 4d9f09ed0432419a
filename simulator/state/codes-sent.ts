import { randomInt } from 'node:crypto'
import type { Clock } from '../clock.js'

/** A verification code that was sent to somebody's phone or mailbox. */
interface SentCode {
  /** A mobile number or an email. */
  to: string
  type: string
  code: string
  /** Milliseconds since 1970. */
  sentAt: number
}

type CodeRefused = 'wrong' | 'expired' | 'too many wrong tries'

const LIFE = 5 * 60_000
const RESEND_AFTER = 60_000
const WRONG_ALLOWED = 5
const KEPT = 100

/** The codes that were sent, with the number of wrong tries for each. */
export class CodesSent {
  /** Newest last. */
  private sent: (SentCode & { wrong: number; spent: boolean })[] = []
  private readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Seconds until another code may be sent there; 0 if it may be sent now. */
  waitFor(to: string): number {
    const last = this.last(to)
    if (!last) return 0
    return Math.max(0, Math.ceil((last.sentAt + RESEND_AFTER - this.clock.now()) / 1000))
  }

  send(to: string, type: string): void {
    const code = String(randomInt(0, 1_000_000)).padStart(6, '0')
    const one = { to, type, code, sentAt: this.clock.now(), wrong: 0, spent: false }
    this.sent = [...this.sent, one].slice(-KEPT)
  }

  /**
   * Uses a code. Only the last code sent there is valid, once, for the type that it was sent for.
   */
  use(to: string, type: string, code: string): CodeRefused | undefined {
    const last = this.last(to)
    if (!last || last.type !== type || last.spent) return 'wrong'
    if (this.clock.now() >= last.sentAt + LIFE) return 'expired'
    if (last.wrong >= WRONG_ALLOWED) return 'too many wrong tries'
    if (last.code === code) {
      last.spent = true
      return undefined
    }
    last.wrong += 1
    return 'wrong'
  }

  last(to: string): (SentCode & { wrong: number; spent: boolean }) | undefined {
    return this.sent.findLast((one) => one.to === to)
  }

  /** Newest first. */
  list(): SentCode[] {
    return this.sent.toReversed()
  }
}
