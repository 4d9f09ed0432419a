import type { Request, Response } from 'express'
import { type Challenge, OneAccessError } from 'passport-oneaccess-alipay'
import { report } from '../errors.js'
import { codePage } from '../pages/challenge/code.js'
import { orderPage } from '../pages/challenge/order.js'
import type { Markup } from '../pages/html.js'
import type { View } from '../pages/layout.js'
import { masked } from '../users.js'
import { codeSentFor, secondsToWait, secondsToWaitFor } from './code.js'
import { type Typed, typedIn, waysOf } from './form.js'
import type { Problem } from './problem.js'
import { measured, type Puzzle } from './puzzle.js'

/** What the page shows in addition to the challenge itself. */
export interface Shown {
  /** What the user typed; by default the contact that the last code was sent to. */
  typed?: Typed
  problem?: Problem
  /** The user wants another code, though one was sent. */
  again?: boolean
}

export type Show = (
  req: Request,
  res: Response,
  challenge: Challenge,
  shown: Shown,
) => Promise<void>

/** The page for the current step of a challenge: request a code, or enter the one that was sent. */
export function showing(viewOf: (req: Request) => View): Show {
  return async (req, res, challenge, shown) => {
    const { problem } = shown
    if (problem) res.status(problem.status).set(problem.headers ?? {})
    if (problem?.cause) report(problem.cause, req)
    const page = await pageOf(req, res, challenge, shown, viewOf(req))
    res.send(page.text)
  }
}

async function pageOf(
  req: Request,
  res: Response,
  challenge: Challenge,
  { typed, problem, again }: Shown,
  view: View,
): Promise<Markup> {
  const { status, expiresAt } = challenge
  const common = { status, id: expiresAt, left: expiresAt - Date.now(), problem }
  const sent = codeSentFor(req, challenge)
  const known = status === 'MFA_AUTH'
  if (sent && !again) {
    const to = known ? masked(sent.to) : sent.to
    return codePage(view, { ...common, to, action: sent.action, wait: secondsToWait(sent) })
  }
  const mobile = known ? await challenge.mobile() : undefined
  const to = mobile === undefined ? undefined : masked(mobile)
  const wait = mobile === undefined ? 0 : secondsToWaitFor(req, mobile)
  const puzzle = wait > 0 ? undefined : await puzzleFor(req, res, challenge)
  const isSecond = req.session.isLinked === true
  const before =
    sent && !known ? { action: sent.action, consent: 'yes', ...contactOf(sent.to) } : {}
  const order = { ways: waysOf(challenge), typed: typed ?? typedIn(before, challenge) }
  return orderPage(view, { ...common, ...order, to, puzzle, isSecond, wait })
}

function contactOf(to: string): object {
  return to.includes('@') ? { way: 'email', email: to } : { way: 'mobile', mobile: to }
}

/** If no puzzle can be loaded, the page says so, and keeps what the user typed. */
async function puzzleFor(
  req: Request,
  res: Response,
  challenge: Challenge,
): Promise<Puzzle | undefined> {
  try {
    return measured(await challenge.captcha())
  } catch (error) {
    if (!(error instanceof OneAccessError) || error.status < 500) throw error
    report(error, req)
    res.status(error.status).set(error.headers ?? {})
    return undefined
  }
}
