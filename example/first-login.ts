// A first login with its pages: a slider puzzle, a mobile number, and the code that is texted to it.
import express, { type Request, type RequestHandler, type Response } from 'express'
import session from 'express-session'
import passport from 'passport'
import {
  type Challenge,
  type FailureInfo,
  OneAccessAlipayStrategy,
  OneAccessError,
} from 'passport-oneaccess-alipay'

const { env } = process
const oneaccess = new OneAccessAlipayStrategy(
  {
    domain: env.ONEACCESS_DOMAIN,
    clientID: env.ONEACCESS_CLIENT_ID,
    clientSecret: env.ONEACCESS_CLIENT_SECRET,
    alipayAppID: env.ALIPAY_APP_ID,
    callbackURL: env.CALLBACK_URL,
    authorizationURL: env.ALIPAY_AUTHORIZATION_URL,
  },
  async (_tokens, { id, displayName }) => ({ id, name: displayName }),
)
passport.use(oneaccess)
passport.serializeUser(oneaccess.serializeUser((user) => user))
passport.deserializeUser((user: Express.User, done) => done(null, user))

const app = express()
app.use(session({ secret: env.SESSION_SECRET ?? '', resave: false, saveUninitialized: false }))
app.use(passport.session(), oneaccess.backgroundRefresh())

/** Accepts forms only from this app's own pages. */
const ownPages: RequestHandler = (req, res, next) => {
  const from = req.get('sec-fetch-site') ?? req.get('origin') ?? 'none'
  const own = new URL(env.CALLBACK_URL ?? '').origin
  if (['same-origin', 'none', own].includes(from)) next()
  else res.sendStatus(403)
}

/** A login that finishes at once, or continues with a challenge. */
function login(flow: 'web' | 'challenge'): RequestHandler {
  return (req, res, next) => {
    passport.authenticate('oneaccess-alipay', { flow }, (error, user, info) => {
      if (error) return next(error)
      const { challenge, code, message, triesLeft } = (info ?? {}) as FailureInfo
      if (user) req.logIn(user, (failure) => (failure ? next(failure) : res.redirect(303, '/')))
      else if (triesLeft) sendPage(res, codeForm(`${message} (${triesLeft})`))
      else if (challenge) res.redirect(303, '/challenge')
      else sendPage(res, `<p>${message} [${code}]</p><a href="/auth/alipay">Log in again</a>`)
    })(req, res, next)
  }
}

app.get(['/auth/alipay', '/auth/alipay/callback'], login('web'))
app.get('/challenge', withChallenge(sendPuzzle))
app.post('/challenge/code', ownPages, express.urlencoded(), withChallenge(sendCode))
app.post('/challenge', ownPages, express.urlencoded(), login('challenge'))
app.get('/', (req, res) => void res.json(req.user ?? 'nobody'))
app.listen(Number(env.PORT ?? 3000), () => console.log('listening'))

function withChallenge(
  step: (challenge: Challenge, req: Request, res: Response) => Promise<void>,
): RequestHandler {
  return async (req, res) => {
    const challenge = await oneaccess.challenge(req)
    if (challenge) await step(challenge, req, res)
    else res.redirect(303, '/auth/alipay') // the challenge has expired or is finished
  }
}

async function sendPuzzle(challenge: Challenge, _req: Request, res: Response, problem = '') {
  const { token, picture, piece } = await challenge.captcha()
  // for a second factor OneAccess knows the number, so the form does not ask for it
  const contact =
    challenge.status === 'MFA_AUTH'
      ? ''
      : '<p><label>Mobile <input name="mobile" type="tel" autocomplete="tel" required></label>'
  sendPage(
    res,
    `<p role="alert">${problem}</p>
<form method="post" action="/challenge/code">${contact}
<input type="hidden" name="token" value="${token}">
<div style="position:relative"><img alt="" src="${picture}"><img alt="" id="piece" src="${piece}"
style="position:absolute;left:0;top:0"></div>
<p><label>Slide the piece into the gap<br><input name="x" type="range" min="0" max="260" value="0"
oninput="piece.style.left = value + 'px'" style="width:310px"></label>
<p><button>Send the code</button></form>`,
  )
}

/** What the user typed is never put on a page. */
async function sendCode(challenge: Challenge, req: Request, res: Response): Promise<void> {
  const { token, x, mobile } = req.body ?? {}
  const contact = mobile || undefined // empty for a second factor, whose number OneAccess knows
  try {
    const { captchaToken } = await challenge.solveCaptcha({ token, x: Number(x), contact })
    const registers = challenge.status === 'USER_REGISTER'
    await challenge.sendCode({ captchaToken, ...(registers ? { action: 'register' } : {}) })
    sendPage(res, codeForm(''))
  } catch (error) {
    if (!(error instanceof OneAccessError) || error.status >= 500) throw error
    res.status(error.status)
    await sendPuzzle(challenge, req, res, error.publicMessage)
  }
}

function codeForm(problem: string): string {
  return `<p role="alert">${problem}</p><form method="post" action="/challenge">
<label>Code <input name="verify_code" inputmode="numeric" autocomplete="one-time-code" required></label>
<button>Log in</button></form>`
}

function sendPage(res: Response, body: string): void {
  res.set('Cache-Control', 'no-store')
  res.send(
    `<!doctype html><meta name="viewport" content="width=device-width"><title>Log in</title>${body}`,
  )
}
