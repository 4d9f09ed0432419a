/** Where a code goes. */
export type Contact = { mobile: string } | { email: string }

/** What finishes a challenge: the account is bound, registered, or a second factor shown. */
export type Action = 'bind' | 'register' | 'second-factor'

/** A solved slider puzzle. */
export interface CaptchaSolution {
  token: string
  /** Where the piece was put, in pixels of the picture. */
  x: number
  y: number
  /** The mobile number or the email to which the code shall go. */
  sender: string
}

/** What is needed to have a code sent. */
export interface CodeOrder {
  contact: Contact
  /** The code type (docs/wire.md#first-logins-and-second-factors), such as `BIND_MOBILE_SMS`. */
  type: string
  captchaToken: string
}

/** What finishes a login that OneAccess wants more for. */
export interface Completion {
  action: Action
  contact: Contact
  verifyCode: string
  stateToken: string
}

/** The step and the path of each. */
export const COMPLETIONS = {
  bind: ['bind', '/api/v2/sdk/social/bind'],
  register: ['register', '/api/v2/sdk/social/register-bind'],
  'second-factor': ['second-factor', '/api/v2/sdk/mfa/sms'],
} as const
