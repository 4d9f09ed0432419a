import type { Challenge } from 'passport-oneaccess-alipay'
import type { Action, CodeOrder } from './code.js'

/** The ways in which a code can reach somebody. */
export type Way = 'mobile' | 'email'

/** What a person typed, to be shown again when something about it is wrong. */
export interface Typed {
  action: Action
  way: Way
  mobile: string
  email: string
  /** What the person agrees to who opens an account. */
  consent: boolean
}

/** What OneAccess offers; both where it says nothing that we know. */
export function waysOf({ flows }: Challenge): Way[] {
  const mobile = flows.includes('VERIFY_PHONE')
  const email = flows.includes('VERIFY_EMAIL')
  if (mobile === email) return ['mobile', 'email']
  return mobile ? ['mobile'] : ['email']
}

/** A field of a form or of JSON; empty for anything but one string. */
export function textIn(body: unknown, name: string): string {
  const value: unknown = Object(body)[name]
  return typeof value === 'string' ? value.trim() : ''
}

export function typedIn(body: unknown, challenge: Challenge): Typed {
  const [first = 'mobile', second] = waysOf(challenge)
  const way = second !== undefined && textIn(body, 'way') === second ? second : first
  const action = challenge.status === 'USER_REGISTER' && textIn(body, 'action') !== 'bind'
  return {
    action: action ? 'register' : 'bind',
    way,
    mobile: textIn(body, 'mobile'),
    email: textIn(body, 'email'),
    consent: textIn(body, 'consent') === 'yes',
  }
}

/** Nobody's account is opened before they agree: the puzzle already takes the contact to OneAccess. */
export function lacksConsent({ action, consent }: Typed): boolean {
  return action === 'register' && !consent
}

/** What the form orders. Whether the number or the email is one is for the package to say. */
export function orderIn(body: unknown, { way, mobile, email, action }: Typed): CodeOrder {
  const contact = way === 'mobile' ? { mobile } : { email }
  return {
    token: textIn(body, 'token'),
    x: Number(textIn(body, 'x') || Number.NaN),
    contact,
    action,
  }
}
