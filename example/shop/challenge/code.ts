import type { Request } from 'express'
import type { Challenge, ContactInput } from 'passport-oneaccess-alipay'

/** How long to wait before another code goes to the same contact, in milliseconds. */
const PAUSE = 60_000

export type Action = 'bind' | 'register'

/** The last code that this browser asked for. */
interface CodeSent {
  /** The challenge that it was for. */
  challenge: number
  to: string
  at: number
  action: Action
}

declare module 'express-session' {
  interface SessionData {
    codeSent?: CodeSent
    /** This login has linked its account and now needs a second factor. */
    isLinked?: true
  }
}

/** A solved puzzle, and where to send the code. */
export interface CodeOrder {
  token: string
  x: number
  /** Ignored for a second factor, whose number is known. */
  contact: ContactInput
  action: Action
}

/** The code sent for this challenge, if any. */
export function codeSentFor(req: Request, challenge: Challenge): CodeSent | undefined {
  const { codeSent } = req.session
  return codeSent?.challenge === challenge.expiresAt ? codeSent : undefined
}

/** Seconds until another code may be requested. */
export function secondsToWait(sent: CodeSent | undefined): number {
  return sent ? Math.max(0, Math.ceil((sent.at + PAUSE - Date.now()) / 1000)) : 0
}

/** The same for one mobile number or email, whichever challenge the last code was for. */
export function secondsToWaitFor(req: Request, contact: string): number {
  const { codeSent } = req.session
  return codeSent && plain(codeSent.to) === plain(contact) ? secondsToWait(codeSent) : 0
}

/**
 * Requests a code; rejects with a `OneAccessError` that says why it could not be sent. If called
 * too early, sends nothing and returns the seconds to wait; returns 0 if a code is on its way, even
 * one from just before.
 */
export async function sendCode(
  req: Request,
  challenge: Challenge,
  order: CodeOrder,
): Promise<number> {
  const { token, x, contact, action } = order
  const known = challenge.status === 'MFA_AUTH'
  const to = known ? await challenge.mobile() : (contact.mobile ?? contact.email ?? '')
  const { codeSent } = req.session
  const wait = secondsToWaitFor(req, to)
  if (codeSent && wait > 0) {
    const twice = codeSent.challenge === challenge.expiresAt && codeSent.action === action
    return twice ? 0 : wait
  }
  const { captchaToken } = await challenge.solveCaptcha({ token, x, contact: to })
  await challenge.sendCode(known ? { captchaToken } : { captchaToken, action })
  req.session.codeSent = { challenge: challenge.expiresAt, to, at: Date.now(), action }
  return 0
}

/** `+86-152 0000 0001` as `15200000001`. */
function plain(contact: string): string {
  const narrow = contact.normalize('NFKC').toLowerCase()
  return narrow.replace(/[\s()-]/g, '').replace(/^\+86/, '')
}
