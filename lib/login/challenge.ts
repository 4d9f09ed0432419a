import { OneAccessError } from '../errors.js'
import type { ChallengeAction, Contact } from '../oneaccess/challenge-calls.js'
import type { OneAccessClient } from '../oneaccess/client.js'
import { isObject } from '../util/json.js'
import type { ChallengeStore, OpenChallenge } from './challenge-store.js'
import { readContact } from './contact.js'

/** A slider puzzle to show: the user moves the piece to where it belongs. */
export interface Captcha {
  /** Identifies this puzzle in `solveCaptcha`. */
  token: string
  /** The picture with the hole, as a `data:` URL. */
  picture: string
  /** The piece, as a `data:` URL, of the picture's height. */
  piece: string
}

/** Where a code is sent: a mobile number or an email address, not both. */
export interface ContactInput {
  mobile?: string
  email?: string
}

/**
 * What OneAccess requires before it logs a user in: that they link or register an account, or a
 * second factor. Each method makes one call (docs/wire.md#first-logins-and-second-factors), and rejects with a `OneAccessError`
 * whose `publicMessage` is safe to show to the user.
 *
 * @example
 * const challenge = await oneaccess.challenge(req)
 * if (challenge?.status === 'MFA_AUTH') res.json({ codeGoesTo: await challenge.mobile() })
 */
export class Challenge {
  /** OneAccess's status: `SOCIAL_BIND`, `USER_REGISTER` or `MFA_AUTH`. */
  readonly status: string
  /** The methods that OneAccess offers, such as `VERIFY_PHONE` and `VERIFY_EMAIL`. */
  readonly flows: readonly string[]
  /** When the challenge ends, in milliseconds since the epoch. */
  readonly expiresAt: number
  readonly #client: OneAccessClient
  readonly #open: OpenChallenge
  readonly #note: (what: Pick<OpenChallenge, 'contact' | 'sent'>) => Promise<void>

  /** @internal `oneaccess.challenge(req)` returns challenges. */
  constructor(
    client: OneAccessClient,
    challenges: ChallengeStore,
    id: string,
    open: OpenChallenge,
    expiresAt: number,
  ) {
    this.status = open.status
    this.flows = open.flows
    this.expiresAt = expiresAt
    this.#client = client
    this.#open = open
    this.#note = async (what) => {
      await challenges.note(id, open, what)
      Object.assign(open, what)
    }
  }

  /**
   * Fetches a puzzle, which must be solved before a code is sent.
   *
   * @example
   * const { token, picture, piece } = await challenge.captcha()
   */
  async captcha(): Promise<Captcha> {
    const { token, picture, piece } = await this.#client.captcha(this.#open.context)
    const url = (base64: string) => `data:image/png;base64,${base64}`
    return { token, picture: url(picture), piece: url(piece) }
  }

  /**
   * Checks a solution: `x` is where the piece was placed, in pixels of the picture; `contact` is the
   * mobile number or email address for the code, which `sendCode` then uses by default. Omit it for a
   * second factor, whose number OneAccess chooses. Rejects with `puzzle_refused` if the solution is
   * wrong.
   *
   * @example
   * const { captchaToken } = await challenge.solveCaptcha({ token: 'puzzle', x: 237, contact: '15200000000' })
   */
  async solveCaptcha(solution: {
    token: string
    x: number
    y?: number
    contact?: string | undefined
  }): Promise<{ captchaToken: string }> {
    if (!isObject(solution)) throw malformed('token')
    const { token, x, y = 5 } = solution
    if (typeof token !== 'string' || !/^[\x21-\x7e]{1,512}$/.test(token)) throw malformed('token')
    if (!Number.isFinite(x) || !Number.isFinite(y)) throw malformed('x')
    const to = (await this.#known()) ?? contactIn(solution.contact)
    const sender = 'mobile' in to ? to.mobile : to.email
    const captchaToken = await this.#client.verifyCaptcha(
      { token, x, y, sender },
      this.#open.context,
    )
    await this.#note({ contact: to })
    return { captchaToken }
  }

  /**
   * Has OneAccess send a code to the contact that the puzzle was solved for, unless another one is given;
   * for a second factor, always to the number that OneAccess has. If OneAccess allows both
   * (`USER_REGISTER`), `action` decides whether to register a new user (default) or to bind the account to
   * an existing one.
   *
   * @example
   * await challenge.sendCode({ mobile: '15200000000', captchaToken: 'solved' })
   */
  async sendCode(
    order: ContactInput & { captchaToken: string; action?: 'bind' | 'register' },
  ): Promise<void> {
    if (!isObject(order)) throw malformed('captchaToken')
    const action = this.#actionFor(order.action)
    const isNamed = order.mobile !== undefined || order.email !== undefined
    const named = isNamed ? readContact(order) : this.#open.contact
    const contact = (await this.#known()) ?? named ?? raise(malformed('mobile or email'))
    const { captchaToken } = order
    if (typeof captchaToken !== 'string' || captchaToken === '') throw malformed('captchaToken')
    const type = codeTypeOf(action, contact)
    await this.#client.sendCode({ contact, type, captchaToken }, this.#open.context)
    await this.#note({ sent: { contact, action } })
  }

  /**
   * Returns the number that the code for a second factor goes to, in the form that OneAccess returns it.
   *
   * @example
   * res.json({ codeGoesTo: await challenge.mobile() })
   */
  mobile(): Promise<string> {
    return this.#client.mobileByToken(this.#open.stateToken, this.#open.context)
  }

  /** The contact that OneAccess has chosen, fetched once; undefined if the user chooses it. */
  async #known(): Promise<Contact | undefined> {
    if (this.status !== 'MFA_AUTH') return undefined
    return this.#open.contact ?? { mobile: await this.mobile() }
  }

  #actionFor(wanted: 'bind' | 'register' | undefined): ChallengeAction {
    if (wanted !== undefined && wanted !== 'bind' && wanted !== 'register')
      throw malformed('action')
    if (this.status === 'USER_REGISTER') return wanted ?? 'register'
    if (wanted === 'register') throw malformed('action')
    return defaultActionFor(this.status)
  }
}

/** The action that completes a challenge, unless the user has chosen one. */
export function defaultActionFor(status: string): ChallengeAction {
  if (status === 'MFA_AUTH') return 'second-factor'
  return status === 'USER_REGISTER' ? 'register' : 'bind'
}

/** The code types (docs/wire.md#first-logins-and-second-factors). */
function codeTypeOf(action: ChallengeAction, contact: Contact): string {
  const mobile = 'mobile' in contact
  if (action === 'second-factor') return 'MFA_AUTH_SMS'
  if (action === 'register') return mobile ? 'REGISTER_SMS' : 'REGISTER_EMS'
  return mobile ? 'BIND_MOBILE_SMS' : 'BIND_EMAIL_EMS'
}

function contactIn(contact: unknown): Contact {
  const isEmail = typeof contact === 'string' && /[@＠]/.test(contact)
  const input = isEmail ? { email: contact } : { mobile: contact }
  return readContact(input) ?? raise(malformed('contact'))
}

/** What to call a field when talking to a user. */
const NAMES: Record<string, string> = {
  x: 'puzzle',
  token: 'puzzle',
  contact: 'mobile number or the email address',
}

function malformed(what: string): OneAccessError {
  return new OneAccessError('input_malformed', {
    step: 'app',
    status: 400,
    detail: what,
    hint: 'show publicMessage and let the person correct the input',
    publicMessage: `Please check the ${NAMES[what] ?? what}.`,
  })
}

function raise(error: Error): never {
  throw error
}
