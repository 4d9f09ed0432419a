import type { Clock } from '../clock.js'

/** Why a voucher is refused. */
export type Refused = 'unknown' | 'spent' | 'expired'

interface Voucher<T> {
  value: T
  expiresAt: number
  spent: boolean
}

/**
 * Random strings that stand for a value for a limited time and mostly once: codes, tickets, state
 * tokens.
 */
export class Vouchers<T> {
  private readonly issued = new Map<string, Voucher<T>>()
  private readonly clock: Clock
  private readonly make: () => string
  private readonly life: () => number

  /** `life` in milliseconds. */
  constructor(clock: Clock, make: () => string, life: () => number) {
    this.clock = clock
    this.make = make
    this.life = life
  }

  issue(value: T, name = this.make()): string {
    this.forgetExpired()
    this.issued.set(name, { value, expiresAt: this.clock.now() + this.life(), spent: false })
    return name
  }

  /** The value, without using the voucher up. */
  look(name: string): { value: T } | { refused: Refused } {
    const voucher = this.issued.get(name)
    if (!voucher) return { refused: 'unknown' }
    if (voucher.spent) return { refused: 'spent' }
    if (this.clock.now() >= voucher.expiresAt) return { refused: 'expired' }
    return { value: voucher.value }
  }

  /** The value; the voucher is used up. */
  spend(name: string): { value: T } | { refused: Refused } {
    const found = this.look(name)
    const voucher = this.issued.get(name)
    if (voucher) voucher.spent = true
    return found
  }

  /** Uses up all of them, or those that `which` picks. */
  spendAll(which: (value: T) => boolean = () => true): void {
    for (const voucher of this.issued.values()) if (which(voucher.value)) voucher.spent = true
  }

  private forgetExpired(): void {
    if (this.issued.size < 10_000) return
    const now = this.clock.now()
    for (const [name, voucher] of this.issued) {
      if (voucher.expiresAt <= now || voucher.spent) this.issued.delete(name)
    }
  }
}
