import { hash, randomUUID, timingSafeEqual } from 'node:crypto'

/** The SHA-256 of a text, in hex. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex')
}

/**
 * 40 random hex digits, that is 154 random bits or more: a UUID has 6 that are fixed. Node reads
 * ahead for UUIDs; for `randomBytes` it makes a system call each time.
 */
export function randomHex(): string {
  return `${randomUUID()}${randomUUID()}`.replaceAll('-', '').slice(0, 40)
}

/** In constant time. Texts that are of another length, from a damaged record, are not the same. */
export function isSameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
