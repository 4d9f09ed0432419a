import { expect } from 'chai'
import type { RequestHandler } from 'express'
import { MemoryStore } from 'express-session'
import sinon from 'sinon'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import { Browser } from '../support/browser.js'
import { deferred } from '../support/deferred.js'
import { FaultyStore } from '../support/faulty-store.js'
import { logIn, openShop, outcomeOf, type Shop, type ShopOptions } from '../support/shop.js'

describe('backgroundRefresh()', () => {
  let shop: Shop
  let store: FaultyStore
  const open = async ({ strategy, ...options }: ShopOptions = {}) => {
    store = new FaultyStore(new MemoryTokenStore())
    const simulator = { rotation: 'always' as const, idTokenLife: 3_600, ...options.simulator }
    shop = await openShop({
      ...options,
      simulator,
      strategy: { tokenStore: store, ...strategy },
    })
  }
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    // only the date, because the sockets need real timers
    clock = sinon.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
  })
  afterEach(async () => {
    sinon.restore()
    await shop.close()
  })

  const me = (browser: Browser) => browser.get(`${shop.url}/me`)
  const token = (browser: Browser) => browser.get(`${shop.url}/token`)
  const refresh = (browser: Browser) => browser.post(`${shop.url}/refresh`)
  const idTokenIn = (page: { json(): unknown }) => (page.json() as { idToken: string }).idToken
  const sessionAtOneAccess = () => shop.simulator.sessions().at(-1)

  it('does no I/O for a fresh record', async () => {
    await open()
    const { browser } = await logIn(shop)
    store.calls.length = 0
    const calls = shop.simulator.calls.length
    for (let n = 0; n < 20; n++) expect((await me(browser)).status).to.equal(200)
    expect((await token(browser)).status).to.equal(200)
    expect(store.calls).to.deep.equal([])
    expect(shop.simulator.calls).to.have.length(calls)
  })

  it('refreshes in the background while the id_token is valid, without delaying the request', async () => {
    await open()
    const { browser } = await logIn(shop)
    const before = idTokenIn(await token(browser))
    clock.tick(3_500_000)
    const held = deferred()
    shop.simulator.fault('refresh-id-token', { holdAnswer: held.promise })
    const called = shop.simulator.nextCall('refresh-id-token')
    expect((await me(browser)).status).to.equal(200)
    await called
    expect(idTokenIn(await token(browser))).to.equal(before)
    held.resolve()
    await shop.strategy.drain()
    expect(idTokenIn(await token(browser))).not.to.equal(before)
    expect(shop.simulator.count('refresh-id-token')).to.equal(1)
  })

  it('does not delay a request when the background refresh fails', async () => {
    await open()
    const { browser } = await logIn(shop)
    const before = idTokenIn(await token(browser))
    clock.tick(3_500_000)
    shop.simulator.fault('refresh-id-token', { drop: 'before', times: 'always' })
    for (let n = 0; n < 3; n++) expect(idTokenIn(await token(browser))).to.equal(before)
    await shop.strategy.drain()
    expect(shop.simulator.count('refresh-id-token')).to.equal(1)
  })

  it('responds with 503 and Retry-After when a token is needed and cannot be obtained', async () => {
    await open({ simulator: { idTokenAtLogin: false } })
    const { browser } = await logIn(shop)
    shop.simulator.fault('refresh-id-token', {
      status: 400,
      body: { error_code: 'IDAAS.SDK.COM.0002', error_msg: 'system busy' },
    })
    const page = await token(browser)
    expect(page.status).to.equal(503)
    expect(outcomeOf(page).error?.code).to.equal('busy')
    expect(Number(page.headers.get('retry-after'))).to.be.at.least(1)
    expect((await me(browser)).status).to.equal(200)
  })

  it('finishes a refresh whose browser has disconnected', async () => {
    const closed = deferred()
    const first: RequestHandler = (req, res, next) => {
      if (req.path === '/token') res.once('close', closed.resolve)
      next()
    }
    await open({ simulator: { idTokenAtLogin: false }, first })
    const { browser } = await logIn(shop)
    const held = deferred()
    const called = shop.simulator.nextCall('refresh-id-token')
    shop.simulator.fault('refresh-id-token', { holdAnswer: held.promise })
    const gone = new AbortController()
    const cookie = `connect.sid=${browser.cookie(shop.url, 'connect.sid')}`
    const request = fetch(`${shop.url}/token`, { headers: { cookie }, signal: gone.signal })
    await called
    gone.abort()
    await request.catch(() => {})
    await closed.promise
    held.resolve()
    await shop.strategy.drain()
    expect((await token(browser)).status).to.equal(200)
    expect(shop.simulator.count('refresh-id-token')).to.equal(1)
  })

  it('keeps the new token when a slower request overwrites the session with older data', async () => {
    const slow = deferred()
    const arrived = deferred()
    const late: RequestHandler = (req, res, next) => {
      if (req.path !== '/slow') return next()
      const { session } = req as { session: object }
      arrived.resolve()
      slow.promise.then(() => {
        Object.assign(session, { cart: 'full' })
        res.json({})
      })
    }
    await open({ behind: late })
    const { browser } = await logIn(shop)
    await refresh(browser)
    const saving = browser.get(`${shop.url}/slow`) // has read its session before the next refresh
    await arrived.promise
    await refresh(browser)
    slow.resolve()
    await saving
    expect((await refresh(browser)).status).to.equal(200)
    expect(sessionAtOneAccess()?.refreshes).to.equal(3)
    expect((await token(browser)).status).to.equal(200)
  })

  it('keeps the result of a refresh that ends after the response', async () => {
    const detached: RequestHandler = (req, res, next) => {
      if (req.path !== '/detached') return next()
      req.oneaccess.refresh().catch(() => {})
      res.json({})
    }
    await open({ behind: detached })
    const { browser } = await logIn(shop)
    await refresh(browser)
    const held = deferred()
    shop.simulator.fault('refresh-id-token', { holdAnswer: held.promise })
    const called = shop.simulator.nextCall('refresh-id-token')
    await browser.get(`${shop.url}/detached`)
    await called
    held.resolve()
    await shop.strategy.drain()
    expect((await refresh(browser)).status).to.equal(200)
    expect(sessionAtOneAccess()?.refreshes).to.equal(3)
  })

  it('logs out a user whose session ended upstream, on the next request', async () => {
    await open()
    const { browser } = await logIn(shop)
    shop.simulator.disable(shop.simulator.people[0]?.id ?? '')
    expect((await refresh(browser)).status).to.equal(401)
    const cookie = browser.cookie(shop.url, 'connect.sid')
    expect((await me(browser)).status).to.equal(401)
    expect(browser.cookie(shop.url, 'connect.sid')).not.to.equal(cookie)
  })

  it("keeps a user whose session ended upstream logged in with whenEnded: 'keep'", async () => {
    await open({ strategy: { whenEnded: 'keep' } })
    const { browser } = await logIn(shop)
    shop.simulator.endSessions()
    expect((await refresh(browser)).status).to.equal(401)
    expect((await me(browser)).status).to.equal(200)
    const page = await token(browser)
    expect(page.status).to.equal(401)
    expect(outcomeOf(page).error?.code).to.equal('session_ended')
  })

  it('reads the store again before it logs a user out', async () => {
    await open()
    const { browser } = await logIn(shop)
    shop.simulator.endSessions()
    expect((await refresh(browser)).status).to.equal(401)
    store.down()
    expect((await me(browser)).status).to.equal(200)
    store.up()
    expect((await me(browser)).status).to.equal(401)
  })

  for (const fault of ['fail', 'hang'] as const) {
    it(`logs no one out while the token store is down (${fault}), and responds to token requests with 503`, async () => {
      const sessions = new MemoryStore()
      await open({ store: sessions })
      const { browser } = await logIn(shop)
      store.down(fault)
      const cookie = `connect.sid=${browser.cookie(shop.url, 'connect.sid')}`
      // another process, which has no copy of the record
      const strategy = { tokenStore: store, timeouts: { store: 50 } }
      const other = await openShop({ store: sessions, strategy })
      expect((await new Browser().get(`${other.url}/me`, { cookie })).status).to.equal(200)
      const page = await new Browser().get(`${other.url}/token`, { cookie })
      expect(page.status).to.equal(503)
      expect(outcomeOf(page).error?.code).to.equal('store_failed')
      expect(page.headers.get('retry-after')).to.equal('1')
      await other.close()
    })
  }

  describe('logout()', () => {
    it('takes precedence over a refresh in progress', async () => {
      await open()
      const { browser } = await logIn(shop)
      const otherBrowser = browser.clone()
      const held = deferred()
      shop.simulator.fault('refresh-id-token', { holdAnswer: held.promise })
      const called = shop.simulator.nextCall('refresh-id-token')
      const refreshing = refresh(browser)
      await called
      expect((await browser.clone().post(`${shop.url}/logout`)).status).to.equal(200)
      held.resolve()
      expect((await refreshing).status).to.equal(401)
      await shop.strategy.drain()
      expect((await me(otherBrowser)).status).to.equal(401)
      expect((await token(otherBrowser)).status).to.equal(401)
    })

    it('stays in effect when a slow request saves the old session again', async () => {
      const slow = deferred()
      const arrived = deferred()
      const late: RequestHandler = (req, res, next) => {
        if (req.path !== '/slow') return next()
        Object.assign(req.session, { cart: 'full' })
        arrived.resolve()
        slow.promise.then(() => res.json({}))
      }
      await open({ behind: late })
      const { browser } = await logIn(shop)
      const before = browser.clone()
      const saving = before.clone().get(`${shop.url}/slow`)
      await arrived.promise
      await browser.post(`${shop.url}/logout`)
      slow.resolve()
      await saving // express-session has just saved the old session again, with its user
      expect((await me(before)).status).to.equal(401)
    })

    it('passes an error that the session store throws to the error handler', async () => {
      const sessions = new MemoryStore()
      await open({ store: sessions })
      const { browser } = await logIn(shop)
      const closed = sinon.stub(sessions, 'set').onFirstCall().throws(new Error('closed'))
      closed.callThrough()
      expect((await browser.post(`${shop.url}/logout`)).status).to.equal(500)
      expect(shop.outcomes.at(-1)).to.equal('error')
    })

    it('responds with 503 and keeps the user logged in when the record cannot be ended', async () => {
      await open()
      const { browser } = await logIn(shop)
      store.down()
      expect((await browser.post(`${shop.url}/logout`)).status).to.equal(503)
      store.up()
      expect((await me(browser)).status).to.equal(200)
      expect((await browser.post(`${shop.url}/logout`)).status).to.equal(200)
      expect((await me(browser)).status).to.equal(401)
    })
  })
})
