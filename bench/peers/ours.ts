import type { Request } from 'express'
import { Strategy } from 'passport-strategy'
import {
  MemoryTokenStore,
  OneAccessAlipayStrategy,
  OneAccessClient,
  type StrategyOptions,
} from '../../lib/index.js'
import { must, newSession, requestOf, runStrategy, stateIn } from '../support/run-strategy.js'
import { CLIENT_ID, CODE } from './clients.js'

/** Under which the app's session names the token record. */
export const SESSION_KEY = `oneaccess:${CLIENT_ID}`

/** For sessions and cookies of the bench. */
export const ACCESS_SECRET = 'a secret of the bench, for nothing else'

export function strategyAt(origin: string, more: Partial<StrategyOptions> = {}) {
  return new OneAccessAlipayStrategy<{ id: string }>(
    {
      domain: origin,
      clientID: CLIENT_ID,
      clientSecret: 'secret',
      alipayAppID: '2021000000000000',
      callbackURL: 'https://shop.example.com/callback',
      tokenStore: new MemoryTokenStore(),
      ...more,
      passReqToCallback: false,
    },
    async (_tokens, profile) => ({ id: profile.id }),
  )
}

type Ours = ReturnType<typeof strategyAt>

/** The three calls of a login by themselves. */
export function callsBy(origin: string): () => Promise<unknown> {
  const client = new OneAccessClient({
    origin,
    clientID: CLIENT_ID,
    credential: { clientID: CLIENT_ID, clientSecret: 'secret', auth: 'body' },
  })
  const device = {
    osVersion: 'Windows NT 10.0',
    fingerprint: 'f'.repeat(32),
    ip: '127.0.0.1',
    agent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)',
  }
  return async () => {
    const { session } = await client.loginWithAlipay(CODE, { device })
    const ticket = await client.ssoTicket(session?.sessionToken ?? '', { device })
    return client.verifyTicket(ticket, { device })
  }
}

/**
 * A strategy that does nothing but the three calls: no state is kept, nothing is checked or stored.
 * Below this is no strategy that speaks to OneAccess.
 */
export function nothingButCalls(origin: string): () => Promise<unknown> {
  const calls = callsBy(origin)
  class Nothing extends Strategy {
    override authenticate(req: Request): void {
      if (req.url === '/login') this.redirect('https://alipay.example/?state=none')
      else calls().then(this.success.bind(this), this.error.bind(this))
    }
  }
  const strategy = new Nothing()
  return async () => {
    const browser = newSession()
    must(await runStrategy(strategy, requestOf('/login', {}, browser)), 'redirect')
    must(await runStrategy(strategy, requestOf('/callback', {}, browser)), 'success')
  }
}

/** A whole login: off to Alipay, back, three calls, the tokens kept. */
export function loginBy(strategy: Ours): () => Promise<void> {
  return async () => {
    await keptLogin(strategy)
  }
}

/** The session after a login. */
export async function keptLogin(strategy: Ours): Promise<Record<string, unknown>> {
  const browser = newSession()
  const begun = must(await runStrategy(strategy, requestOf('/login', {}, browser)), 'redirect')
  const state = stateIn(begun)
  const req = requestOf('/callback', { auth_code: CODE, state }, browser)
  const { value } = must(await runStrategy(strategy, req), 'success')
  Object.assign(req, { sessionID: `${req.sessionID}-after` }) // Passport has regenerated the session
  await new Promise<void>((resolve, reject) => {
    const done = (error: unknown) => (error ? reject(error) : resolve())
    serializerOf(strategy)(req, value as object, done)
  })
  return browser.session
}

const serializers = new WeakMap<Ours, ReturnType<Ours['serializeUser']>>()

function serializerOf(strategy: Ours) {
  const made = serializers.get(strategy) ?? strategy.serializeUser((user) => user.id)
  serializers.set(strategy, made)
  return made
}
