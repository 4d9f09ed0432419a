import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import type passport from 'passport'
import type { Challenge, OneAccessAlipayStrategy } from 'passport-oneaccess-alipay'
import { only } from '../errors.js'
import { reasonOf, tryCode } from '../login.js'
import { sameOriginOnly } from '../security.js'
import { masked, type User } from '../users.js'
import { sendCode } from './code.js'
import { lacksConsent, orderIn, typedIn } from './form.js'

type Step = (req: Request, res: Response, challenge: Challenge) => Promise<unknown>

export const APP_CHALLENGE = '/auth/alipay/challenge'

/**
 * The challenge for a native app, which shows its own screens: it accepts only JSON and answers
 * with JSON. The error handler for programs answers a `OneAccessError`.
 */
export function appChallenge(
  auth: passport.Authenticator,
  oneaccess: OneAccessAlipayStrategy<User>,
): Router {
  const router = Router()
  const json = [sameOriginOnly, express.json({ limit: '16kb' }), jsonOnly]
  const open = (step: Step): RequestHandler => {
    return async (req, res) => {
      const challenge = await oneaccess.challenge(req)
      if (challenge) await step(req, res, challenge)
      else res.status(403).json({ error: 'challenge_missing' })
    }
  }
  router.get('/', open(describe))
  router.get(
    '/captcha',
    open(async (_req, res, challenge) => res.json(await challenge.captcha())),
  )
  router.post('/code', json, open(requestCode))
  router.post('/', json, async (req: Request, res: Response) => {
    const { user, info, status } = await tryCode(auth, req, res)
    if (user) res.json(user)
    else res.status(status).json(reasonOf(info))
  })
  router.all('/', only('GET', 'POST'))
  router.all('/captcha', only('GET'))
  router.all('/code', only('POST'))
  return router
}

/**
 * What the challenge needs and when it expires; for a second factor, also the number that the code
 * goes to.
 */
async function describe(_req: Request, res: Response, challenge: Challenge): Promise<void> {
  const { status, flows, expiresAt } = challenge
  const mobile = status === 'MFA_AUTH' ? { mobile: masked(await challenge.mobile()) } : {}
  res.json({ status, flows, expiresAt, ...mobile })
}

/**
 * Takes `{ token, x }` of the puzzle, with `mobile` or `email`, and `action` if there are two; to
 * register, also `consent: true` once the user has agreed.
 */
async function requestCode(req: Request, res: Response, challenge: Challenge): Promise<void> {
  const body: { action?: unknown; email?: unknown; x?: unknown; consent?: unknown } = Object(
    req.body,
  )
  if (!ACTIONS.includes(body.action)) {
    res.status(400).json({ error: 'parameters_malformed' })
    return
  }
  const way = typeof body.email === 'string' ? 'email' : 'mobile'
  const x = typeof body.x === 'number' ? String(body.x) : ''
  const consent = body.consent === true ? 'yes' : ''
  const typed = typedIn({ ...body, way, consent }, challenge)
  if (lacksConsent(typed)) {
    res.status(400).json({ error: 'consent_missing' })
    return
  }
  const wait = await sendCode(req, challenge, orderIn({ ...body, x }, typed))
  if (wait === 0) {
    res.json({ sent: true })
    return
  }
  res.status(429).set('Retry-After', String(wait))
  res.json({ error: 'code_not_sent', retryAfter: wait })
}

const ACTIONS: readonly unknown[] = [undefined, 'bind', 'register']

/** A form on another site cannot send JSON. */
const jsonOnly: RequestHandler = (req, res, next) => {
  if (req.is('application/json')) next()
  else res.status(400).json({ error: 'parameters_malformed' })
}
