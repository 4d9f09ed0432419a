import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import type passport from 'passport'
import {
  type Challenge,
  type FailureInfo,
  type OneAccessAlipayStrategy,
  OneAccessError,
} from 'passport-oneaccess-alipay'
import { productIn, tryCode } from '../login.js'
import type { View } from '../pages/layout.js'
import { sameOriginOnly } from '../security.js'
import type { User } from '../users.js'
import { sendCode } from './code.js'
import { lacksConsent, orderIn, textIn, typedIn } from './form.js'
import { codeProblemOf, NO_CONSENT, OTHER_TAB, problemOf, tooEarly } from './problem.js'
import { type Show, showing } from './show.js'

type Step = (req: Request, res: Response, challenge: Challenge) => Promise<void>

/**
 * `/challenge`: where a first login, or one with a second factor, is finished. Each step is a form
 * and each answer a page, so no script is needed; with a script, the puzzle piece follows the
 * slider.
 */
export function challengePages(
  auth: passport.Authenticator,
  oneaccess: OneAccessAlipayStrategy<User>,
  viewOf: (req: Request) => View,
): Router {
  const router = Router()
  const show = showing(viewOf)
  const open = (step: Step) => withOpenChallenge(oneaccess, step)
  const form = [sameOriginOnly, express.urlencoded({ extended: false, limit: '8kb' })]
  router.get(
    '/challenge',
    open((req, res, challenge) => show(req, res, challenge, { again: 'again' in req.query })),
  )
  // the language link on a page that answers a form
  router.get('/challenge/code', (req, res) => {
    const { search } = new URL(req.originalUrl, 'http://localhost')
    res.redirect(`/challenge${search}`)
  })
  router.post(
    '/challenge/code',
    form,
    open((req, res, challenge) => requestCode(req, res, challenge, show)),
  )
  router.post(
    '/challenge',
    form,
    open((req, res, challenge) => finish(req, res, challenge, { auth, show })),
  )
  return router
}

/** Without an open challenge there is nothing to do here: it has expired or is finished. */
function withOpenChallenge(oneaccess: OneAccessAlipayStrategy<User>, step: Step): RequestHandler {
  return async (req, res) => {
    const challenge = await oneaccess.challenge(req)
    if (challenge === undefined) return leave(req, res, 'challenge_missing')
    try {
      await step(req, res, challenge)
    } catch (error) {
      const code = error instanceof OneAccessError ? error.code : undefined
      if (code === 'state_token_refused') return leave(req, res, 'challenge_missing')
      // a second factor for a user whose number OneAccess does not have
      if (code === 'refused') return leave(req, res, 'mfa_auth')
      throw error
    }
  }
}

/** A user who is logged in came here with the back button. */
function leave(req: Request, res: Response, code: FailureInfo['code']): void {
  const finished = code === 'challenge_missing' && req.user
  res.redirect(303, finished ? '/' : `/login?failed=${encodeURIComponent(code)}`)
}

/** The first form: requests a code, or shows another puzzle. */
async function requestCode(
  req: Request,
  res: Response,
  challenge: Challenge,
  show: Show,
): Promise<void> {
  if (isOfAnother(req, challenge)) return show(req, res, challenge, { problem: OTHER_TAB })
  const typed = typedIn(req.body, challenge)
  if (textIn(req.body, 'refresh')) return show(req, res, challenge, { typed, again: true })
  if (lacksConsent(typed)) {
    return show(req, res, challenge, { typed, again: true, problem: NO_CONSENT })
  }
  try {
    const wait = await sendCode(req, challenge, orderIn(req.body, typed))
    if (wait === 0) return res.redirect(303, '/challenge')
    await show(req, res, challenge, { typed, again: true, problem: tooEarly(wait) })
  } catch (error) {
    const problem = problemOf(error, typed.way)
    await show(req, res, challenge, { typed, again: true, problem })
  }
}

/** The second form: the code that was sent. */
async function finish(
  req: Request,
  res: Response,
  challenge: Challenge,
  { auth, show }: { auth: passport.Authenticator; show: Show },
): Promise<void> {
  if (isOfAnother(req, challenge)) return show(req, res, challenge, { problem: OTHER_TAB })
  try {
    const { user, info, status } = await tryCode(auth, req, res)
    const problem = codeProblemOf(info, status)
    if (user) res.redirect(303, `/${productIn(info.state)}`)
    else if (problem) await show(req, res, challenge, { problem })
    // no code was requested yet
    else if (info.code === 'contact_malformed') res.redirect(303, '/challenge')
    else if (info.challenge) {
      req.session.isLinked = true
      res.redirect(303, '/challenge')
    } else leave(req, res, info.code)
  } catch (error) {
    await show(req, res, challenge, { problem: problemOf(error) })
  }
}

/** Whether the form belongs to a challenge that another tab has replaced. */
function isOfAnother(req: Request, challenge: Challenge): boolean {
  return textIn(req.body, 'challenge') !== String(challenge.expiresAt)
}
