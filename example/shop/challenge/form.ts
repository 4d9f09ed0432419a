import type { Challenge } from 'passport-oneaccess-alipay'
import type { Action, CodeOrder } from './code.js'

/** How a code can reach the user. */
export type Way = 'mobile' | 'email'

/** What the user typed, to show it again if something is wrong. */
export interface Typed {
  action: Action
  way: Way
  mobile: string
  email: string
  /** Whether the user agrees that we open an account. */
  consent: boolean
}

/** The ways that OneAccess offers; both if it names none that we know. */
export function waysOf({ flows }: Challenge): Way[] {
  const mobile = flows.includes('VERIFY_PHONE')
  const email = flows.includes('VERIFY_EMAIL')
  if (mobile === email) return ['mobile', 'email']
  return mobile ? ['mobile'] : ['email']
}

/** A field of a form or of JSON; empty unless it is a single string. */
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

/**
 * Consent comes before the account is opened and before the puzzle, which already sends the contact
 * to OneAccess.
 */
export function lacksConsent({ action, consent }: Typed): boolean {
  return action === 'register' && !consent
}

/** What the form asks for. The package checks whether the number or email is valid. */
export function orderIn(body: unknown, { way, mobile, email, action }: Typed): CodeOrder {
  const contact = way === 'mobile' ? { mobile } : { email }
  return {
    token: textIn(body, 'token'),
    x: Number(textIn(body, 'x') || Number.NaN),
    contact,
    action,
  }
}
