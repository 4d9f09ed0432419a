import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import type passport from 'passport'
import {
  type Challenge,
  type ContactInput,
  type OneAccessAlipayStrategy,
  OneAccessError,
} from 'passport-oneaccess-alipay'
import { finishLogin } from './login.js'
import type { View } from './pages/layout.js'
import { codePage, puzzlePage } from './pages/verify.js'
import { sameOriginOnly } from './security.js'
import { masked, type User } from './users.js'

/** What a person can put right on the page; whatever else goes wrong is an error like any other. */
const CORRECTABLE = new Set(['input_malformed', 'puzzle_refused', 'code_not_sent'])

/**
 * What OneAccess wants more at a first login or for a second factor: a puzzle is solved, a code is
 * sent, and the code finishes the login. The state token never leaves the server.
 */
export function verifyRoutes(
  oneaccess: OneAccessAlipayStrategy<User>,
  auth: passport.Authenticator,
  viewOf: (req: Request) => View,
): Router {
  const router = Router()
  const form = express.urlencoded({ extended: false, limit: '16kb' })
  const withChallenge =
    (
      handle: (challenge: Challenge, req: Request, res: Response) => Promise<void>,
    ): RequestHandler =>
    async (req, res) => {
      const challenge = await oneaccess.challenge(req)
      if (challenge) await handle(challenge, req, res)
      else res.redirect(303, '/login?failed=challenge_missing')
    }

  router.get(
    '/login/verify',
    withChallenge(async (challenge, req, res) => {
      const { failed, step } = req.query
      const view = viewOf(req)
      if (step === 'code') res.send(codePage(view, failed).text)
      else res.send(puzzlePage(view, await askedOf(challenge), failed).text)
    }),
  )
  router.post('/login/verify/code', sameOriginOnly, form, withChallenge(sendCode))
  router.post('/login/verify', sameOriginOnly, form, finishLogin(auth))
  return router
}

/** What the page asks: a second factor's number is known, and shown as little as is needed. */
async function askedOf(challenge: Challenge) {
  const { status, flows } = challenge
  const puzzle = await challenge.captcha()
  return status === 'MFA_AUTH'
    ? { status, flows, puzzle, mobile: masked(await challenge.mobile()) }
    : { status, flows, puzzle }
}

async function sendCode(challenge: Challenge, req: Request, res: Response): Promise<void> {
  const { token = '', x, contact, action } = (req.body ?? {}) as Partial<Record<string, string>>
  const sender = contact === undefined ? {} : { sender: contact }
  try {
    const { captchaToken } = await challenge.solveCaptcha({ token, x: Number(x), ...sender })
    const order = { ...contactOf(contact), captchaToken }
    await challenge.sendCode(action === 'bind' ? { ...order, action } : order)
  } catch (error) {
    res.redirect(303, wayBack(error))
    return
  }
  res.redirect(303, '/login/verify?step=code')
}

/** A second factor's number is known, and left out. */
function contactOf(contact: string | undefined): ContactInput {
  if (contact === undefined) return {}
  return /[@＠]/.test(contact) ? { email: contact } : { mobile: contact }
}

/** For what the person can put right; throws whatever else it is. */
function wayBack(error: unknown): string {
  if (!(error instanceof OneAccessError)) throw error
  if (error.code === 'state_token_refused') return '/login?failed=challenge_missing'
  if (!CORRECTABLE.has(error.code)) throw error
  return `/login/verify?failed=${error.code}`
}
