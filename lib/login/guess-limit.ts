import { createHmac } from 'node:crypto'
import { domainToASCII } from 'node:url'
import type { Contact } from '../oneaccess/challenge-calls.js'
import { updateText } from '../tokens/compare-and-set.js'
import type { TokenRepository } from '../tokens/repository.js'
import { parseJson } from '../util/json.js'

/** How many codes may be tried for one number or email address in a `PERIOD`, across all sessions and processes. */
export const MOST_GUESSES = 10
/** In milliseconds. */
const PERIOD = 3_600_000

/** A counted guess. */
export interface Guess {
  contact: Contact
  at: number
}

/**
 * Limits how many codes may be tried for one number or email address: a challenge allows 5 tries, but an
 * attacker can open many. The store holds a keyed hash instead of the contact.
 */
export class GuessLimit {
  readonly #records: TokenRepository
  readonly #secret: string

  constructor(records: TokenRepository, secret: string) {
    this.#records = records
    this.#secret = secret
  }

  /** Counts a guess before it is made; `wait` is the number of seconds to wait if there were too many. */
  async count(contact: Contact): Promise<Guess | { wait: number }> {
    const at = Date.now()
    let oldest = at
    const counted = await this.#change(contact, (guesses) => {
      oldest = guesses[0] ?? at
      return guesses.length < MOST_GUESSES ? [...guesses, at] : undefined
    })
    return counted ? { contact, at } : { wait: Math.ceil((oldest + PERIOD - at) / 1000) }
  }

  /** Takes back a guess: the code was right, or OneAccess did not judge it. */
  async giveBack({ contact, at }: Guess): Promise<void> {
    await this.#change(contact, (guesses) => {
      const index = guesses.indexOf(at)
      return index < 0 ? undefined : guesses.toSpliced(index, 1)
    })
  }

  async #change(
    contact: Contact,
    change: (guesses: number[]) => number[] | undefined,
  ): Promise<boolean> {
    const place = { key: `guesses:${this.#nameOf(contact)}`, life: PERIOD }
    const written = await updateText(this.#records, place, (text) => {
      const since = Date.now() - PERIOD
      const next = change(guessesIn(text).filter((at) => at > since))
      return next && JSON.stringify(next)
    })
    return written !== undefined
  }

  #nameOf(contact: Contact): string {
    const hmac = createHmac('sha256', this.#secret).update(`guesses ${normalized(contact)}`)
    return hmac.digest('hex').slice(0, 32)
  }
}

/**
 * Normalizes a contact, because each other spelling would allow more tries: `+86-152 0000 0001` is
 * `15200000001`, and `00852 9123 4567` is `+85291234567`, with or without its `+`.
 */
function normalized(contact: Contact): string {
  if ('email' in contact) return normalizedEmail(contact.email)
  const written = contact.mobile.replace(/[^\d+]/g, '').replace(/^00/, '+')
  const digits = written.replace(/^\+?0*/, '')
  if (/^861\d{10}$/.test(digits)) return digits.slice(2)
  return !written.startsWith('+') && /^1\d{10}$/.test(digits) ? digits : `+${digits}`
}

/** Letters of any width and case; a domain in Unicode is its Punycode. */
function normalizedEmail(email: string): string {
  const written = email.normalize('NFKC').toLowerCase()
  const at = written.lastIndexOf('@') + 1
  const domain = written.slice(at)
  return written.slice(0, at) + (domainToASCII(domain) || domain)
}

function guessesIn(text: string | undefined): number[] {
  if (text === undefined) return []
  try {
    const found = parseJson(text)
    return Array.isArray(found) ? found : []
  } catch {
    return []
  }
}
