import type { Contact } from '../state/accounts.js'
import { strict } from '../transport/answer.js'

export const MOBILE = /^(\+\d{1,4}-?)?\d{5,15}$/
export const EMAIL = /^[^\s@]+@[^\s@]+$/

/** Exactly one of `mobile` and `email` in a body. */
export function readContact({ mobile, email }: { mobile?: string; email?: string }): Contact {
  if ((mobile === undefined) === (email === undefined))
    throw strict('exactly one of mobile and email is required')
  if (mobile !== undefined) {
    if (!MOBILE.test(mobile)) throw strict('mobile must be a mobile number')
    return { mobile }
  }
  if (!EMAIL.test(email ?? '')) throw strict('email must be an email address')
  return { email: email ?? '' }
}
