import { expect } from 'chai'
import type { Request, RequestHandler } from 'express'
import { MemoryStore } from 'express-session'
import { OneAccessError } from '../../lib/errors.js'
import { prepareSession, readEntry, requireSession } from '../../lib/session/session-entry.js'
import { Browser } from '../support/browser.js'
import { goToAlipay, logIn, openShop, outcomeOf, type Shop } from '../support/shop.js'

describe('session entry', () => {
  let shop: Shop
  let sessions: MemoryStore
  beforeEach(() => {
    sessions = new MemoryStore()
  })
  afterEach(() => shop.close())

  /** The only session with a logged-in user. */
  const kept = () => {
    const all = Object.values(
      (sessions as unknown as { sessions: Record<string, string> }).sessions,
    )
    const texts = all.filter((text) => text.includes('"passport":{"user"'))
    expect(texts).to.have.length(1)
    return JSON.parse(texts[0] ?? '') as Record<string, { formerly: string[] }>
  }

  for (const [parts, tenant] of [
    ['the client id', {}],
    ['the client id and tenantID', { tenantID: 'tenant-1' }],
  ] as const) {
    it(`is stored under a key with ${parts}`, async () => {
      shop = await openShop({ store: sessions, simulator: tenant, strategy: tenant })
      await logIn(shop)
      const end = 'tenantID' in tenant ? '/tenant-1' : ''
      const key = `oneaccess:${shop.simulator.clientID}${end}`
      expect(Object.keys(kept()).sort()).to.deep.equal(['cookie', key, 'passport'].sort())
    })
  }

  it('lists the 8 previous sessions by hashes instead of ids, the latest first', async () => {
    shop = await openShop({ store: sessions })
    const browser = new Browser()
    const key = `oneaccess:${shop.simulator.clientID}`
    let before: string[] = []
    for (let n = 1; n <= 10; n++) {
      await logIn(shop, browser)
      const { formerly } = kept()[key] ?? { formerly: [] }
      expect(formerly).to.have.length(Math.min(n, 8))
      expect(formerly.slice(1)).to.deep.equal(before.slice(0, 7))
      for (const name of formerly) expect(name).to.match(/^[0-9a-f]{32}$/)
      before = formerly
    }
  })

  it('accepts a login that was started 8 sessions ago, and none from before', async () => {
    shop = await openShop({ store: sessions })
    const browser = new Browser()
    const tooOld = await goToAlipay(shop, browser)
    await logIn(shop, browser)
    const old = await goToAlipay(shop, browser)
    for (let n = 0; n < 8; n++) await logIn(shop, browser)
    expect(outcomeOf(await browser.get(tooOld)).info?.code).to.equal('state_unknown')
    expect(outcomeOf(await browser.get(old)).verb).to.equal('success')
  })
})

describe('readEntry', () => {
  const read = (entry: unknown) => readEntry({ session: { key: entry } } as never, 'key')
  const names = Array.from({ length: 9 }, (_, n) => `session ${n}`)

  it('returns an empty entry for anything that is not an entry', () => {
    for (const other of [undefined, null, 7, 'record', [], {}, { cart: 'full' }]) {
      expect(read(other)).to.deep.equal({})
    }
    expect(readEntry({} as Request, 'key')).to.deep.equal({})
  })

  it('keeps only the valid fields of an entry', () => {
    expect(read({ record: 'r', formerly: ['a'] })).to.deep.equal({ record: 'r', formerly: ['a'] })
    expect(read({ record: '', formerly: ['a'] })).to.deep.equal({ formerly: ['a'] })
    expect(read({ record: { $gt: '' }, formerly: 'a' })).to.deep.equal({})
    expect(read({ record: 'r', formerly: [] })).to.deep.equal({ record: 'r' })
    expect(read({ record: 'r', formerly: [7, 'a', null] })).to.deep.equal({
      record: 'r',
      formerly: ['a'],
    })
    expect(read({ formerly: names })).to.deep.equal({ formerly: names.slice(0, 8) })
  })
})

describe('requireSession', () => {
  const regenerate = () => {}
  const save = regenerate
  const whole = { session: { regenerate, save }, sessionID: 'id', sessionStore: {} }
  const incomplete: [problem: string, parts: object, hint: string][] = [
    ['no session', { session: undefined }, 'no session: add app.use(session('],
    ['the session null of cookie-session', { session: null }, 'no session: add app.use(session('],
    ['a session without regenerate()', { session: { save } }, 'instead of cookie-session'],
    ['a session without save()', { session: { regenerate } }, 'instead of cookie-session'],
    ['a session without an id', { sessionID: undefined }, 'no id or no store'],
    ['a session without a store', { sessionStore: undefined }, 'no id or no store'],
  ]
  for (const [problem, parts, hint] of incomplete) {
    it(`errors with a hint on ${problem}, before the redirect to Alipay`, async () => {
      const errors: { hint?: string; step?: string }[] = []
      const session: RequestHandler = (req, _res, next) => {
        Object.assign(req, whole, parts)
        next()
      }
      const onError = (error: unknown) => errors.push(error as object)
      const shop = await openShop({ session, onError })
      for (const path of ['/login', '/challenge']) {
        const page = await new Browser().get(shop.url + path)
        const { code } = outcomeOf(page).error ?? {}
        expect([page.status, code]).to.deep.equal([500, 'session_missing'])
        const error = errors.pop()
        expect(error?.step).to.equal('session')
        expect(error?.hint).to.include(hint).and.include('express-session')
      }
      await shop.close()
    })
  }

  it('accepts a request with a complete session', () => {
    expect(() => requireSession(whole as never)).not.to.throw()
  })
})

describe('prepareSession', () => {
  const cookieOf = (cookie: object | undefined) =>
    ({ session: { cookie }, headers: {}, sessionID: 'id' }) as unknown as Request
  const prepare = (req: Request) => () => prepareSession(req, 'oneaccess:shop', {})

  it('accepts a secure cookie over https, whether Express or only the socket says so', () => {
    const secure = { secure: true }
    expect(prepare(Object.assign(cookieOf(secure), { secure: true }))).not.to.throw()
    expect(prepare(Object.assign(cookieOf(secure), { socket: { encrypted: true } }))).not.to.throw()
  })

  it('rejects a secure cookie over plain http, because the browser would not get it', () => {
    const hint = 'behind a proxy, make it send X-Forwarded-Proto: https'
    for (const more of [{}, { secure: false }, { socket: {} }, { socket: { encrypted: false } }]) {
      expect(prepare(Object.assign(cookieOf({ secure: true }), more)))
        .to.throw(OneAccessError)
        .that.deep.includes({ code: 'session_missing', step: 'session', status: 500 })
        .and.has.property('hint')
        .that.includes(hint)
    }
  })

  it('accepts a session without a cookie of its own, and a cookie that is not secure', () => {
    for (const cookie of [undefined, {}, { secure: false }, { secure: 'auto' }]) {
      expect(prepare(cookieOf(cookie))).not.to.throw()
    }
  })
})
