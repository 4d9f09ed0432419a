import { hash, randomFillSync, timingSafeEqual } from 'node:crypto'

/** The SHA-256 of a text, in hex. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex')
}

/** Bytes of a random name. */
const NAME = 20

/** Read ahead for so many names, as Node does it for UUIDs: `randomBytes` makes a system call for each. */
const ahead = Buffer.allocUnsafeSlow(128 * NAME)
let used = ahead.length

/** 40 random hex digits, which are 160 random bits. */
export function randomHex(): string {
  if (used === ahead.length) {
    randomFillSync(ahead)
    used = 0
  }
  const from = used
  used += NAME
  const name = ahead.toString('hex', from, used)
  ahead.fill(0, from, used) // what is given out is kept nowhere else
  return name
}

/** In constant time. Texts that are of another length, from a damaged record, are not the same. */
export function isSameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
