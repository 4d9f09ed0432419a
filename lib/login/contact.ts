import type { Request } from 'express'
import type { Contact } from '../oneaccess/client.js'
import { isObject } from '../oneaccess/read.js'
import { type Failure, fail, malformed } from './verdict.js'

/** A mobile number or an email of sane form, exactly one; undefined for anything else. */
export function readContact(input: { mobile?: unknown; email?: unknown }): Contact | undefined {
  const { mobile, email } = input
  if (isGiven(mobile) === isGiven(email)) return undefined
  if (isGiven(email))
    return typeof email === 'string' && isEmail(email.trim()) ? { email: email.trim() } : undefined
  if (typeof mobile !== 'string') return undefined
  const plain = mobile.replace(/[\s()]/g, '')
  return /^(\+\d{1,4}-?)?\d[\d-]{5,14}$/.test(plain) ? { mobile: plain } : undefined
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

function isEmail(text: string): boolean {
  return (
    text.length <= 254 && /^[^\s@<>"',;:\\]+@[^\s@<>"',;:\\.]+(\.[^\s@<>"',;:\\.]+)+$/.test(text)
  )
}

/** What a person sends to finish a challenge. */
export interface CompletionForm {
  /** Absent: the one to whom the code was sent. */
  contact: Contact | undefined
  verifyCode: string
}

/** Reads `mobile` or `email`, and `verify_code`, from a form or a JSON body. */
export function readCompletion(req: Request): CompletionForm | Failure {
  if (req.get('sec-fetch-site') === 'cross-site') return fail('challenge_missing')
  const body: unknown = req.body
  if (!isObject(body)) {
    return malformed('Send a form or JSON; the route needs express.urlencoded() or express.json().')
  }
  const { mobile, email, verify_code: underscored, verifyCode = underscored } = body
  const contact = readContact({ mobile, email })
  if (contact === undefined && (isGiven(mobile) || isGiven(email))) return fail('contact_malformed')
  const code = typeof verifyCode === 'string' ? verifyCode.trim() : ''
  if (!/^[0-9A-Za-z]{4,10}$/.test(code)) return fail('verify_code_malformed')
  return { contact, verifyCode: code }
}
