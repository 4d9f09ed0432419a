import express, { type Express, type Request, type Response } from 'express'
import session from 'express-session'
import { SignJWT } from 'jose'
import passport from 'passport'
import 'passport-oneaccess-alipay'

const secret = new TextEncoder().encode(process.env.JWT_SECRET)
if (secret.length < 32) throw new Error('JWT_SECRET must have 32 characters or more')

export function addPlainLogin(app: Express): void {
  const options = { session: false } as const
  const giveToken = async (req: Request, res: Response) => {
    const jwt = new SignJWT({ user: req.user }).setProtectedHeader({ alg: 'HS256' })
    res.json({ token: await jwt.setExpirationTime('1h').sign(secret) })
  }
  const web = session({
    secret: process.env.SESSION_SECRET ?? '',
    resave: false,
    saveUninitialized: false,
  })
  app.get('/auth/alipay', web, passport.authenticate('oneaccess-alipay', options))
  app.get(
    '/auth/alipay/callback',
    web,
    passport.authenticate('oneaccess-alipay', options),
    giveToken,
  )
  app.post(
    '/auth/alipay/app',
    express.json(),
    passport.authenticate('oneaccess-alipay', { ...options, flow: 'app' }),
    giveToken,
  )
}
