import { OneAccessError } from '../errors.js'
import type { Action, Contact, OneAccessClient } from '../oneaccess/client.js'
import type { ChallengeStore, OpenChallenge } from './challenge-store.js'
import { readContact } from './contact.js'

/** A slider puzzle to show: the person moves the piece to where it belongs. */
export interface Captcha {
  /** Names this puzzle in `solveCaptcha`. */
  token: string
  /** The picture with the hole, as a `data:` URL. */
  picture: string
  /** The piece, as a `data:` URL, of the picture's height. */
  piece: string
}

/** To whom a code is sent: a mobile number or an email. */
export interface ContactInput {
  mobile?: string
  email?: string
}

/**
 * What OneAccess wants more before somebody is logged in: their account linked or registered, or a
 * second factor. Each method is one call of contract section 3; each rejects with a `OneAccessError`
 * whose `publicMessage` may be shown to the person.
 */
export class Challenge {
  /** OneAccess's status: `SOCIAL_BIND`, `USER_REGISTER` or `MFA_AUTH`. */
  readonly status: string
  /** What OneAccess offers, such as `VERIFY_PHONE` and `VERIFY_EMAIL`. */
  readonly flows: readonly string[]
  /** When the challenge ends, in milliseconds since the epoch. */
  readonly expiresAt: number
  readonly #client: OneAccessClient
  readonly #open: OpenChallenge
  readonly #note: (sent: OpenChallenge['sent'] & object) => Promise<void>

  constructor(
    client: OneAccessClient,
    challenges: ChallengeStore,
    session: string,
    open: OpenChallenge,
    expiresAt: number,
  ) {
    this.status = open.status
    this.flows = open.flows
    this.expiresAt = expiresAt
    this.#client = client
    this.#open = open
    this.#note = (sent) => challenges.noteSent(session, open, sent)
  }

  /** A puzzle to solve before a code is sent. */
  async captcha(): Promise<Captcha> {
    const { token, picture, piece } = await this.#client.captcha(this.#open.context)
    const url = (base64: string) => `data:image/png;base64,${base64}`
    return { token, picture: url(picture), piece: url(piece) }
  }

  /**
   * Checks a solution: `x` is where the piece was put, in pixels of the picture; the sender is the
   * mobile number or email to which the code shall go, for a second factor the known number.
   * Rejects with `puzzle_refused` when it is wrong.
   */
  async solveCaptcha(solution: {
    token: string
    x: number
    y?: number
    sender?: string
  }): Promise<{ captchaToken: string }> {
    const { token, x, y = 5 } = solution
    if (typeof token !== 'string' || !/^[\x21-\x7e]{1,512}$/.test(token)) throw malformed('token')
    if (!Number.isFinite(x) || !Number.isFinite(y)) throw malformed('x')
    const to = solution.sender === undefined ? await this.#known() : senderOf(solution.sender)
    const sender = 'mobile' in to ? to.mobile : to.email
    const captchaToken = await this.#client.verifyCaptcha(
      { token, x, y, sender },
      this.#open.context,
    )
    return { captchaToken }
  }

  /**
   * Has a code sent. For a second factor the number is known, and may be left out. Where OneAccess
   * allows both (`USER_REGISTER`), `action` says whether the account is registered (default) or
   * bound to a user who is there already.
   */
  async sendCode(
    order: ContactInput & { captchaToken: string; action?: 'bind' | 'register' },
  ): Promise<void> {
    const action = this.#actionFor(order.action)
    const contact =
      order.mobile === undefined && order.email === undefined
        ? await this.#known()
        : (readContact(order) ?? raise(malformed('mobile or email')))
    const { captchaToken } = order
    if (typeof captchaToken !== 'string' || captchaToken === '') throw malformed('captchaToken')
    const type = codeTypeOf(action, contact)
    await this.#client.sendCode({ contact, type, captchaToken }, this.#open.context)
    await this.#note({ contact, action })
  }

  /** The number to which the code for a second factor goes, as OneAccess gives it. */
  mobile(): Promise<string> {
    return this.#client.mobileByToken(this.#open.stateToken, this.#open.context)
  }

  async #known(): Promise<Contact> {
    if (this.status !== 'MFA_AUTH') throw malformed('mobile or email')
    return { mobile: await this.mobile() }
  }

  #actionFor(wanted: 'bind' | 'register' | undefined): Action {
    if (wanted !== undefined && wanted !== 'bind' && wanted !== 'register')
      throw malformed('action')
    if (this.status === 'USER_REGISTER') return wanted ?? 'register'
    if (wanted === 'register') throw malformed('action')
    return defaultActionFor(this.status)
  }
}

/** What finishes a challenge, unless the person has chosen between two. */
export function defaultActionFor(status: string): Action {
  if (status === 'MFA_AUTH') return 'second-factor'
  return status === 'USER_REGISTER' ? 'register' : 'bind'
}

/** Contract 3's code types. */
function codeTypeOf(action: Action, contact: Contact): string {
  const mobile = 'mobile' in contact
  if (action === 'second-factor') return 'MFA_AUTH_SMS'
  if (action === 'register') return mobile ? 'REGISTER_SMS' : 'REGISTER_EMS'
  return mobile ? 'BIND_MOBILE_SMS' : 'BIND_EMAIL_EMS'
}

function senderOf(sender: unknown): Contact {
  const input =
    typeof sender === 'string' && /[@＠]/.test(sender) ? { email: sender } : { mobile: sender }
  return readContact(input as ContactInput) ?? raise(malformed('sender'))
}

function malformed(what: string): OneAccessError {
  return new OneAccessError('input_malformed', {
    step: 'app',
    status: 400,
    detail: what,
    hint: 'show publicMessage, and let the person correct it',
    publicMessage: `Please check the ${what === 'x' || what === 'token' ? 'puzzle' : what}.`,
  })
}

function raise(error: Error): never {
  throw error
}
