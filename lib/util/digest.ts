import { hash, randomFillSync, timingSafeEqual } from 'node:crypto'

/** The SHA-256 of a string, in hex. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex')
}

/** Bytes per random id. */
const NAME = 20

/** Buffers random bytes for many ids, as Node does for UUIDs: `randomBytes` makes a system call each time. */
const ahead = Buffer.allocUnsafeSlow(128 * NAME)
let used = ahead.length

/** 40 random hex digits: 160 random bits. */
export function randomHex(): string {
  if (used === ahead.length) {
    randomFillSync(ahead)
    used = 0
  }
  const from = used
  used += NAME
  const name = ahead.toString('hex', from, used)
  ahead.fill(0, from, used) // keep no copy of a secret
  return name
}

/** Compares two hashes in constant time. Different lengths, from a damaged record, are not equal. */
export function isSameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
