import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import type { NextFunction, Request, Response } from 'express'
import sinon from 'sinon'
import { OneAccessAlipayStrategy } from '../../lib/index.js'
import type { StrategyOptions } from '../../lib/options.js'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import {
  type EndReason,
  publicNameOf,
  type TokenRecord,
  tombstone,
} from '../../lib/tokens/record.js'
import { encodeRecord } from '../../lib/tokens/record-format.js'
import { noSeal } from '../../lib/tokens/seal.js'

const ID = 'a'.repeat(40)
const KEY = 'oneaccess:shop'

const LIVE: TokenRecord = {
  sessionToken: 'session-1',
  idToken: 'token-1',
  expiresAt: Date.now() + 3_600_000,
  refreshAt: Date.now() + 3_000_000,
  refreshedAt: Date.now(),
  device: { osVersion: 'Android 10', fingerprint: 'f', ip: '127.0.0.1', agent: 'a' },
}

/** The request of a host that has these methods, with a session that names the record. */
function requestOf(more: object = {}, session: object = {}): Request {
  const own = { [KEY]: { record: ID }, regenerate: sinon.fake((done: () => void) => done()) }
  return {
    method: 'GET',
    url: '/',
    headers: {},
    sessionID: 's1',
    sessionStore: {},
    session: { ...own, ...session },
    ...more,
  } as unknown as Request
}

const LOGGED_IN = { isAuthenticated: () => true }
const PASSPORT_07 = {
  _sessionManager: { logOut: (_req: object, _options: object, _done: object) => {} },
}
const PASSPORT_05 = { _sessionManager: { logOut: (_req: object, _done: object) => {} } }

describe('backgroundRefresh() and logout() in hosts that log out in different ways', () => {
  let store: MemoryTokenStore
  let ends: unknown[]
  const onEnd = (event: unknown) => ends.push(event)

  beforeEach(() => {
    store = new MemoryTokenStore()
    ends = []
    subscribe('passport-oneaccess-alipay:end', onEnd)
  })
  afterEach(() => {
    unsubscribe('passport-oneaccess-alipay:end', onEnd)
  })

  const strategyWith = (more: Partial<StrategyOptions> = {}) =>
    new OneAccessAlipayStrategy(
      {
        domain: 'acme.example',
        clientID: 'shop',
        clientSecret: 'secret',
        alipayAppID: '2021000000000000',
        callbackURL: 'https://shop.example/callback',
        tokenStore: store,
        ...more,
        passReqToCallback: false,
      },
      async (_tokens, profile) => ({ id: profile.id }),
    )
  const write = async (record: TokenRecord) => {
    const key = `tokens:${ID}`
    const value = noSeal.close(encodeRecord(record), key)
    await store.compareAndSet(key, 0, { version: 1, value }, 60_000)
  }
  const writeEnded = (reason: EndReason) => write(tombstone(reason))

  /** Resolves with what the middleware calls next with. */
  const pass = (
    req: Request,
    {
      strategy = strategyWith(),
      handler = 'backgroundRefresh' as 'backgroundRefresh' | 'logout',
    } = {},
  ) =>
    new Promise<unknown>((resolve) => {
      strategy[handler]()(req, {} as Response, resolve as NextFunction)
    })

  describe('when the record has ended', () => {
    const CASES: Record<string, { host: () => object; calls: unknown[][]; regenerates: boolean }> =
      {
        'Passport 0.6 and 0.7, which call back': {
          host: () => ({ ...PASSPORT_07, logout: sinon.spy((done: () => void) => done()) }),
          calls: [['callback']],
          regenerates: false,
        },
        'Passport 0.5 and older, which do not call back': {
          host: () => ({ ...PASSPORT_05, logout: sinon.spy((_done?: unknown) => {}) }),
          calls: [[]],
          regenerates: true,
        },
        'an authenticator of its own, whose logout takes a callback': {
          host: () => ({ logout: sinon.spy((done: () => void) => done()) }),
          calls: [['callback']],
          regenerates: false,
        },
        'an authenticator of its own, whose logout takes nothing': {
          host: () => ({ logout: sinon.spy(() => {}) }),
          calls: [[]],
          regenerates: true,
        },
      }
    for (const [name, { host, calls, regenerates }] of Object.entries(CASES)) {
      it(`logs out of ${name}`, async () => {
        await writeEnded('refused')
        const req = requestOf({ ...LOGGED_IN, ...host() })
        expect(await pass(req)).to.equal(undefined)
        const { args } = req.logout as unknown as sinon.SinonSpy
        const given = args.map((each) =>
          each.map((one) => (typeof one === 'function' ? 'callback' : one)),
        )
        expect(given).to.deep.equal(calls)
        expect((req.session.regenerate as sinon.SinonSpy).callCount).to.equal(regenerates ? 1 : 0)
        expect(req.session).not.to.have.property(KEY)
      })
    }

    it('passes on the error of a logout that fails', async () => {
      await writeEnded('refused')
      const failure = new Error('the session store is down')
      const logout = (done: (error: Error) => void) => done(failure)
      expect(await pass(requestOf({ ...LOGGED_IN, ...PASSPORT_07, logout }))).to.equal(failure)
    })

    it('only forgets the record if nobody is logged in', async () => {
      await writeEnded('refused')
      const logout = sinon.spy()
      const req = requestOf({ isAuthenticated: () => false, logout })
      expect(await pass(req)).to.equal(undefined)
      expect(logout.callCount).to.equal(0)
      expect(req.session).not.to.have.property(KEY)
      expect((req.session.regenerate as sinon.SinonSpy).callCount).to.equal(0)
    })

    it("removes Passport's login on a route where Passport has not read it", async () => {
      await writeEnded('refused')
      const req = requestOf({}, { passport: { user: 'user-1' } })
      expect(await pass(req)).to.equal(undefined)
      expect(req.session).not.to.have.property('passport')
      expect((req.session.regenerate as sinon.SinonSpy).callCount).to.equal(1)
    })

    it('goes on in a host that has no logout, and in one whose session cannot be regenerated', async () => {
      await writeEnded('refused')
      expect(await pass(requestOf(LOGGED_IN))).to.equal(undefined)
      const old = { ...LOGGED_IN, ...PASSPORT_05, logout: () => {} }
      expect(await pass(requestOf(old, { regenerate: undefined }))).to.equal(undefined)
    })

    it("with whenEnded: 'keep' asks the store once, and keeps the user logged in", async () => {
      await writeEnded('refused')
      const get = sinon.spy(store, 'get')
      const strategy = strategyWith({ whenEnded: 'keep' })
      const logout = sinon.spy()
      for (let n = 0; n < 3; n++) await pass(requestOf({ ...LOGGED_IN, logout }), { strategy })
      expect(get.callCount).to.equal(1)
      expect(logout.callCount).to.equal(0)
    })
  })

  it('publishes the end of a login whose record is missing, which nobody has written', async () => {
    const logout = (done: () => void) => done()
    await pass(requestOf({ ...LOGGED_IN, ...PASSPORT_07, logout }))
    expect(ends).to.deep.equal([{ login: publicNameOf(ID), reason: 'missing' }])
  })

  it('publishes no end twice: where it was written, it was published', async () => {
    await writeEnded('refused')
    const logout = (done: () => void) => done()
    await pass(requestOf({ ...LOGGED_IN, ...PASSPORT_07, logout }))
    expect(ends).to.deep.equal([])
  })

  it('ends the record of another user that was copied into the session, as replaced by a login', async () => {
    await write(LIVE)
    const session = { [KEY]: { record: ID, user: 'attacker' }, passport: { user: 'victim' } }
    const strategy = strategyWith()
    const req = requestOf(LOGGED_IN, session)
    await pass(req, { strategy })
    await new Promise(setImmediate)
    expect(ends).to.deep.equal([{ login: publicNameOf(ID), reason: 'login' }])
    expect(req.session).to.have.deep.property(KEY, { user: 'attacker' })
  })

  it('logout() forgets the record in a host that has no logout, and works without a session', async () => {
    await write(LIVE)
    const strategy = strategyWith()
    const req = requestOf(LOGGED_IN)
    expect(await pass(req, { strategy, handler: 'logout' })).to.equal(undefined)
    expect(req.session).not.to.have.property(KEY)
    expect(ends).to.deep.equal([{ login: publicNameOf(ID), reason: 'logout' }])
    const bare = { headers: {}, sessionStore: {} } as unknown as Request
    expect(await pass(bare, { strategy, handler: 'logout' })).to.equal(undefined)
  })
})
