import type { Request } from 'express'
import { isFromAnotherSite } from '../incoming-request.js'
import type { Contact } from '../oneaccess/challenge-calls.js'
import { isObject } from '../util/json.js'
import { type Failure, fail, malformed } from './outcome.js'

/** Reads exactly one mobile number or email address; undefined if it is malformed. */
export function readContact(input: { mobile?: unknown; email?: unknown }): Contact | undefined {
  const { mobile, email } = input
  if (isGiven(mobile) === isGiven(email)) return undefined
  if (isGiven(email)) {
    const plain = toHalfWidth(email).trim()
    return isEmail(plain) ? { email: plain } : undefined
  }
  const [, country = '', number = ''] =
    MOBILE.exec(toHalfWidth(mobile).replace(/[\s()]/g, '')) ?? []
  const digits = number.replaceAll('-', '')
  return digits.length >= 6 && digits.length <= 15 ? { mobile: country + digits } : undefined
}

/** A country code with `+`, and the number, with `-` anywhere. */
const MOBILE = /^(\+\d{1,4}-|\+)?(\d[\d-]{5,24})$/

/** Chinese keyboards can type full-width digits and `＠`: `１５２` is `152`. */
function toHalfWidth(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 320).normalize('NFKC') : ''
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

function isEmail(text: string): boolean {
  return (
    text.length <= 254 && /^[^\s@<>"',;:\\]+@[^\s@<>"',;:\\.]+(\.[^\s@<>"',;:\\.]+)+$/.test(text)
  )
}

/** The form that completes a challenge. */
export interface CompletionForm {
  /** Undefined: the contact that the code was sent to. */
  contact: Contact | undefined
  verifyCode: string
}

const FOREIGN =
  'the form was sent from an origin other than that of callbackURL, or its page sends no referrer'

/** Reads `mobile` or `email`, and `verify_code`, from a form or a JSON body. */
export function readCompletion(req: Request, site: URL | undefined): CompletionForm | Failure {
  if (isFromAnotherSite(req, site)) return fail('challenge_missing', { detail: FOREIGN })
  const body: unknown = req.body
  if (!isObject(body)) {
    return malformed('Send a form or JSON; the route needs express.urlencoded() or express.json().')
  }
  const { mobile, email, verify_code: underscored, verifyCode = underscored } = body
  const contact = readContact({ mobile, email })
  if (contact === undefined && (isGiven(mobile) || isGiven(email))) return fail('contact_malformed')
  const code = toHalfWidth(verifyCode).replace(/\s/g, '')
  if (!/^[0-9A-Za-z]{4,10}$/.test(code)) return fail('verify_code_malformed')
  return { contact, verifyCode: code }
}
