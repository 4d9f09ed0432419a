/** Where a code is sent. */
export type Contact = { mobile: string } | { email: string }

/** What completes a challenge: binding the account, registering it, or a second factor. */
export type ChallengeAction = 'bind' | 'register' | 'second-factor'

/** A solved slider puzzle. */
export interface CaptchaSolution {
  token: string
  /** Where the piece was placed, in pixels of the picture. */
  x: number
  y: number
  /** The mobile number or the email address that the code will be sent to. */
  sender: string
}

/** A request to send a code. */
export interface CodeOrder {
  contact: Contact
  /** The code type (docs/wire.md#first-logins-and-second-factors), such as `BIND_MOBILE_SMS`. */
  type: string
  captchaToken: string
}

/** What completes a login that OneAccess has challenged. */
export interface Completion {
  action: ChallengeAction
  contact: Contact
  verifyCode: string
  stateToken: string
}

/** The step and the path of each action. */
export const COMPLETIONS = {
  bind: ['bind', '/api/v2/sdk/social/bind'],
  register: ['register', '/api/v2/sdk/social/register-bind'],
  'second-factor': ['second-factor', '/api/v2/sdk/mfa/sms'],
} as const
