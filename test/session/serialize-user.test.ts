import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import type { Request, RequestHandler } from 'express'
import { MemoryStore } from 'express-session'
import sinon from 'sinon'
import type { Serializer } from '../../lib/session/serialize.js'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import type { EndEvent } from '../../lib/tokens/events.js'
import { Browser } from '../support/browser.js'
import { deferred } from '../support/deferred.js'
import {
  goToAlipay,
  logIn,
  openShop,
  outcomeOf,
  type Shop,
  type ShopOptions,
} from '../support/shop.js'

const TOKENS = sinon.match(/^tokens:/)

describe('serializeUser()', () => {
  let shop: Shop
  let sessions: MemoryStore
  let store: MemoryTokenStore
  let ends: string[]
  const listen = (event: unknown) => ends.push((event as EndEvent).reason)
  const open = async ({ strategy, ...options }: ShopOptions = {}) => {
    shop = await openShop({
      store: sessions,
      ...options,
      strategy: { tokenStore: store, ...strategy },
    })
  }
  beforeEach(() => {
    sessions = new MemoryStore()
    store = new MemoryTokenStore()
    ends = []
    subscribe('passport-oneaccess-alipay:end', listen)
  })
  afterEach(async () => {
    unsubscribe('passport-oneaccess-alipay:end', listen)
    sinon.restore()
    await shop.close()
  })

  const token = (browser: Browser) => browser.get(`${shop.url}/token`)

  /** Logs in a user of the app, without a strategy. */
  const local: RequestHandler = (req, res, next) => {
    if (req.path !== '/local') return next()
    req.logIn({ id: 'somebody else' }, { session: true }, (error) =>
      error ? next(error) : res.json({}),
    )
  }
  /** An app whose login routes come before `backgroundRefresh()`. */
  const withoutTokens: RequestHandler = (req, res, next) => {
    if (/^.(callback|local)$/.test(req.path)) delete (req as Partial<Request>).oneaccess
    local(req, res, next)
  }

  it('throws a TypeError for an argument that is not a function', async () => {
    await open()
    for (const wrong of [undefined, 'id', { id: 1 }] as never[]) {
      expect(() => shop.strategy.serializeUser(wrong)).to.throw(TypeError, 'serializeUser: pass')
    }
  })

  it('writes one record for a first login, and publishes no end event', async () => {
    await open()
    const written = sinon.spy(store, 'compareAndSet').withArgs(TOKENS)
    expect((await logIn(shop)).outcome.verb).to.equal('success')
    expect(written.callCount).to.equal(1)
    expect(ends).to.deep.equal([])
  })

  it('passes the login to the next serializer if the app keeps nothing, as Passport does', async () => {
    const next: Serializer = (req, user, done) =>
      shop.strategy.serializeUser(({ id }) => id)(req, user, done)
    await open({
      keep: () => undefined,
      routes: (_app, authenticator) => authenticator.serializeUser(next),
    })
    const { browser, outcome } = await logIn(shop)
    expect(outcome.verb).to.equal('success')
    expect((await token(browser)).status).to.equal(200)
    expect(ends).to.deep.equal([])
  })

  it('stores no tokens if Passport refuses the login because the app keeps nothing', async () => {
    await open({ keep: () => undefined })
    const written = sinon.spy(store, 'compareAndSet').withArgs(TOKENS)
    expect((await logIn(shop)).outcome.verb).to.equal('error')
    expect(written.callCount).to.equal(0)
  })

  it('writes the record at the second delivery of the callback when the store failed at the first', async () => {
    const arrived = deferred()
    const answered = deferred()
    let deliveries = 0
    const slow: RequestHandler = (req, _res, next) => {
      if (req.path !== '/callback' || deliveries++ > 0) return next()
      arrived.resolve()
      answered.promise.then(() => next())
    }
    await open({ behind: slow })
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    const writing = sinon.stub(store, 'compareAndSet').callThrough().withArgs(TOKENS)
    writing.callThrough().onFirstCall().rejects(new Error('no connection'))
    const slower = browser.get(callback)
    await arrived.promise
    const failed = await browser.clone().get(callback)
    expect([failed.status, outcomeOf(failed).error?.code]).to.deep.equal([503, 'store_failed'])
    answered.resolve()
    expect(outcomeOf(await slower).verb).to.equal('success')
    expect((await token(browser)).status).to.equal(200)
    expect(shop.simulator.count('login')).to.equal(1)
  })

  it('does not log in with a reloaded callback after OneAccess has ended the session', async () => {
    await open({ strategy: { whenEnded: 'keep' } })
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    await browser.get(callback)
    shop.simulator.endSessions()
    expect((await browser.post(`${shop.url}/refresh`)).status).to.equal(401)
    const { verb, info } = outcomeOf(await browser.get(callback))
    expect([verb, info?.code]).to.deep.equal(['fail', 'state_spent'])
  })

  it('ends the record of the previous login, even if backgroundRefresh() comes after the login routes', async () => {
    await open({ behind: withoutTokens })
    const { browser, outcome } = await logIn(shop)
    expect(outcome.verb).to.equal('success')
    expect((await logIn(shop, browser)).outcome.verb).to.equal('success')
    expect(ends).to.deep.equal(['login'])
    expect((await token(browser)).status).to.equal(200)
  })

  it('keeps the login of a reloaded callback, even if backgroundRefresh() comes after the login routes', async () => {
    await open({ behind: withoutTokens })
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    for (let n = 0; n < 2; n++) {
      expect(outcomeOf(await browser.get(callback)).verb).to.equal('success')
    }
    expect(ends).to.deep.equal([])
    expect((await token(browser)).status).to.equal(200)
  })

  for (const [position, behind] of [
    ['after backgroundRefresh()', local],
    ['before backgroundRefresh()', withoutTokens],
  ] as const) {
    it(`ends nothing at a first login by another strategy, ${position}`, async () => {
      await open({ behind })
      const browser = new Browser()
      expect((await browser.get(`${shop.url}/local`)).status).to.equal(200)
      expect((await browser.get(`${shop.url}/me`)).status).to.equal(200)
      expect(ends).to.deep.equal([])
    })
  }

  it('reads the record of the previous login once to end it', async () => {
    await open()
    const { browser } = await logIn(shop)
    const read = sinon.spy(store, 'get').withArgs(TOKENS)
    await logIn(shop, browser)
    expect(read.callCount).to.equal(1)
    expect(ends).to.deep.equal(['login'])
  })

  it('succeeds even if the previous login cannot be ended', async () => {
    await open({ behind: local })
    const { browser } = await logIn(shop)
    const other = (await logIn(shop)).browser
    const reading = sinon.stub(store, 'get').callThrough().withArgs(TOKENS)
    reading.rejects(new Error('no connection'))
    const [, second] = shop.simulator.people
    expect((await logIn(shop, browser, second)).outcome.verb).to.equal('success')
    expect((await other.get(`${shop.url}/local`)).status).to.equal(200)
    expect(ends).to.deep.equal([])
    reading.callThrough()
    expect((await token(browser)).status).to.equal(200)
    expect(outcomeOf(await token(other)).error?.code).to.equal('other_strategy')
  })

  it('passes an error that the session store throws to the error handler', async () => {
    const errors: unknown[] = []
    await open({ onError: (error) => errors.push(error) })
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    const closed = new Error('the session store is closed')
    sinon.stub(sessions, 'set').callThrough().onFirstCall().throws(closed)
    expect((await browser.get(callback)).status).to.equal(500)
    expect(errors).to.deep.equal([closed])
  })
})
