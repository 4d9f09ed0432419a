import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import type { RequestHandler } from 'express'
import session, { MemoryStore } from 'express-session'
import sinon from 'sinon'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import type { EndEvent } from '../../lib/tokens/events.js'
import { Browser } from '../support/browser.js'
import { FaultyStore } from '../support/faulty-store.js'
import { logIn, openShop, outcomeOf, type Shop, type ShopOptions } from '../support/shop.js'

describe('the end of a login, in Express', () => {
  const shops: Shop[] = []
  let sessions: MemoryStore
  let store: FaultyStore
  let ends: string[]
  const listen = (event: unknown) => ends.push((event as EndEvent).reason)
  const open = async (options: ShopOptions = {}) => {
    const strategy = { tokenStore: store, ...options.strategy }
    const shop = await openShop({ store: sessions, ...options, strategy })
    shops.push(shop)
    return shop
  }
  beforeEach(() => {
    sessions = new MemoryStore()
    store = new FaultyStore(new MemoryTokenStore())
    ends = []
    subscribe('passport-oneaccess-alipay:end', listen)
  })
  afterEach(async () => {
    unsubscribe('passport-oneaccess-alipay:end', listen)
    sinon.restore()
    for (const shop of shops.splice(0)) await shop.close()
  })

  const cookieOf = (shop: Shop, browser: Browser) => ({
    cookie: `connect.sid=${browser.cookie(shop.url, 'connect.sid')}`,
  })
  const names = () => Object.keys((sessions as unknown as { sessions: object }).sessions)
  const entries = () =>
    Object.values((sessions as unknown as { sessions: Record<string, string> }).sessions).filter(
      (text) => text.includes('"oneaccess:'),
    )

  it('is published by the process that logs the user out: missing', async () => {
    const shop = await open()
    const { browser } = await logIn(shop)
    const other = await open() // another process, which does not know the record
    sinon.stub(store, 'get').resolves(undefined)
    const page = await new Browser().get(`${other.url}/token`, cookieOf(shop, browser))
    expect(page.status).to.equal(401)
    expect(outcomeOf(page).error?.code).to.equal('not_logged_in')
    expect(ends).to.deep.equal(['missing'])
  })

  it('is none where a record cannot be read: 503 for a token, and a logout that works', async () => {
    const shop = await open()
    const { browser } = await logIn(shop)
    const other = await open()
    const unreadable: unknown[] = []
    const hear = (event: unknown) => unreadable.push(event)
    subscribe('passport-oneaccess-alipay:unreadable', hear)
    const corrupt = sinon.stub(store, 'get').resolves({ version: 7, value: 'corrupt' })
    const cookie = cookieOf(shop, browser)
    const page = await new Browser().get(`${other.url}/token`, cookie)
    expect([page.status, outcomeOf(page).error?.code]).to.deep.equal([503, 'store_failed'])
    expect((await new Browser().get(`${other.url}/me`, cookie)).status).to.equal(200)
    unsubscribe('passport-oneaccess-alipay:unreadable', hear)
    expect(unreadable[0]).to.include({ reason: 'damaged' })
    expect(ends).to.deep.equal([])
    corrupt.restore()
    expect((await new Browser().get(`${other.url}/token`, cookie)).status).to.equal(200)
  })

  it('is published once, even if another process has found it', async () => {
    const shop = await open()
    const { browser } = await logIn(shop)
    shop.simulator.endSessions()
    await browser.post(`${shop.url}/refresh`)
    const other = await open()
    const page = await new Browser().get(`${other.url}/me`, cookieOf(shop, browser))
    expect(page.status).to.equal(401)
    expect(ends).to.deep.equal(['refused'])
  })

  it('costs no I/O once it is known, where the app keeps users logged in', async () => {
    const shop = await open({ strategy: { whenEnded: 'keep' } })
    const { browser } = await logIn(shop)
    shop.simulator.endSessions()
    await browser.post(`${shop.url}/refresh`)
    store.calls.length = 0
    expect((await browser.get(`${shop.url}/me`)).status).to.equal(200)
    expect(store.calls).to.deep.equal([])
  })

  it('leaves the session to an app that has logged the user out by itself', async () => {
    const own: RequestHandler = (req, res, next) => {
      if (req.path !== '/own-logout') return next()
      req.logout({ keepSessionInfo: true }, () => res.json({}))
    }
    const shop = await open({ behind: own })
    const { browser } = await logIn(shop)
    await browser.get(`${shop.url}/own-logout`)
    const { cookie } = cookieOf(shop, browser)
    const before = names()
    const other = await open()
    sinon.stub(store, 'get').resolves(undefined)
    await new Browser().get(`${other.url}/me`, { cookie })
    expect(names()).to.deep.equal(before)
    expect(entries()).to.deep.equal([])
  })

  describe('logout()', () => {
    it('asks no store for someone who is not logged in', async () => {
      const shop = await open()
      expect((await new Browser().post(`${shop.url}/logout`)).status).to.equal(200)
      expect(store.calls).to.deep.equal([])
    })

    it('is published as a logout, and leaves nothing in the session', async () => {
      const shop = await open()
      const { browser } = await logIn(shop)
      await browser.post(`${shop.url}/logout`)
      expect(ends).to.deep.equal(['logout'])
      expect(entries()).to.deep.equal([])
    })

    it('leaves no token in its own request, nor asks for a serializer', async () => {
      const told: string[] = []
      const asks: RequestHandler = (req, res, next) => {
        const json = res.json.bind(res)
        if (req.path !== '/logout') return next()
        res.json = (body) => {
          req.oneaccess
            .idToken()
            .catch(({ code }) => told.push(code))
            .then(() => json(body))
          return res
        }
        next()
      }
      const shop = await open({ behind: asks })
      const { browser } = await logIn(shop)
      expect((await browser.post(`${shop.url}/logout`)).status).to.equal(200)
      expect(told).to.deep.equal(['not_logged_in'])
    })

    it('does without a session', async () => {
      const shop = await open({ session: false })
      expect((await new Browser().post(`${shop.url}/logout`)).status).to.equal(200)
    })
  })

  describe('where Passport’s own session is not mounted', () => {
    const parse = session({ secret: 'tests', resave: false, saveUninitialized: false })
    /** An app that finds out by itself who it is. */
    const ownSession: RequestHandler = (req, res, next) =>
      parse(req, res, () => {
        const { passport } = req.session as unknown as { passport?: { user: string } }
        if (passport) Object.assign(req, { user: { id: passport.user } })
        next()
      })
    const codeAt = async (shop: Shop, browser: Browser) =>
      outcomeOf(await browser.get(`${shop.url}/token`)).error?.code

    it('logs out, and leaves the user to the app', async () => {
      const shop = await open({ session: ownSession })
      const { browser } = await logIn(shop)
      expect(await codeAt(shop, browser)).to.equal(undefined)
      expect((await browser.post(`${shop.url}/logout`)).status).to.equal(200)
      expect(ends).to.deep.equal(['logout'])
      expect(await codeAt(shop, browser)).to.equal('other_strategy')
      expect((await browser.get(`${shop.url}/me`)).status).to.equal(200)
    })

    it('forgets the tokens of a session that ended at OneAccess, and continues', async () => {
      const shop = await open({ session: ownSession })
      const { browser } = await logIn(shop)
      shop.simulator.endSessions()
      expect((await browser.post(`${shop.url}/refresh`)).status).to.equal(401)
      expect(await codeAt(shop, browser)).to.equal('not_logged_in')
      expect((await browser.get(`${shop.url}/me`)).status).to.equal(200)
      expect(await codeAt(shop, browser)).to.equal('other_strategy')
    })
  })
})
