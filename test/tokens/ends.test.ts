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

describe('the end event, in an Express app', () => {
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

  it('is published with the reason missing when the store no longer has the record', async () => {
    const shop = await open()
    const { browser } = await logIn(shop)
    const other = await open() // another process, which does not know the record
    sinon.stub(store, 'get').resolves(undefined)
    const page = await new Browser().get(`${other.url}/token`, cookieOf(shop, browser))
    expect(page.status).to.equal(401)
    expect(outcomeOf(page).error?.code).to.equal('not_logged_in')
    expect(ends).to.deep.equal(['missing'])
  })

  it('is not published for an unreadable record: 503 store_failed, and the user stays logged in', async () => {
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

  it('is published once, although another process also finds the ended record', async () => {
    const shop = await open()
    const { browser } = await logIn(shop)
    shop.simulator.endSessions()
    await browser.post(`${shop.url}/refresh`)
    const other = await open()
    const page = await new Browser().get(`${other.url}/me`, cookieOf(shop, browser))
    expect(page.status).to.equal(401)
    expect(ends).to.deep.equal(['refused'])
  })

  it('causes no further store call if whenEnded is keep', async () => {
    const shop = await open({ strategy: { whenEnded: 'keep' } })
    const { browser } = await logIn(shop)
    shop.simulator.endSessions()
    await browser.post(`${shop.url}/refresh`)
    store.calls.length = 0
    expect((await browser.get(`${shop.url}/me`)).status).to.equal(200)
    expect(store.calls).to.deep.equal([])
  })

  it('does not replace the session of an app that logs out with keepSessionInfo', async () => {
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
    it('calls no store if nobody is logged in', async () => {
      const shop = await open()
      expect((await new Browser().post(`${shop.url}/logout`)).status).to.equal(200)
      expect(store.calls).to.deep.equal([])
    })

    it('publishes the reason logout and removes the login from the session', async () => {
      const shop = await open()
      const { browser } = await logIn(shop)
      await browser.post(`${shop.url}/logout`)
      expect(ends).to.deep.equal(['logout'])
      expect(entries()).to.deep.equal([])
    })

    it('makes idToken() reject with not_logged_in in the same request', async () => {
      const codes: string[] = []
      const asks: RequestHandler = (req, res, next) => {
        const json = res.json.bind(res)
        if (req.path !== '/logout') return next()
        res.json = (body) => {
          req.oneaccess
            .idToken()
            .catch(({ code }) => codes.push(code))
            .then(() => json(body))
          return res
        }
        next()
      }
      const shop = await open({ behind: asks })
      const { browser } = await logIn(shop)
      expect((await browser.post(`${shop.url}/logout`)).status).to.equal(200)
      expect(codes).to.deep.equal(['not_logged_in'])
    })

    it('succeeds in an app without sessions', async () => {
      const shop = await open({ session: false })
      expect((await new Browser().post(`${shop.url}/logout`)).status).to.equal(200)
    })
  })

  describe('in an app that does not mount passport.session()', () => {
    const parse = session({ secret: 'tests', resave: false, saveUninitialized: false })
    /** An app that sets `req.user` itself. */
    const ownSession: RequestHandler = (req, res, next) =>
      parse(req, res, () => {
        const { passport } = req.session as unknown as { passport?: { user: string } }
        if (passport) Object.assign(req, { user: { id: passport.user } })
        next()
      })
    const codeAt = async (shop: Shop, browser: Browser) =>
      outcomeOf(await browser.get(`${shop.url}/token`)).error?.code

    it('ends the login on logout and does not touch the app’s own user', async () => {
      const shop = await open({ session: ownSession })
      const { browser } = await logIn(shop)
      expect(await codeAt(shop, browser)).to.equal(undefined)
      expect((await browser.post(`${shop.url}/logout`)).status).to.equal(200)
      expect(ends).to.deep.equal(['logout'])
      expect(await codeAt(shop, browser)).to.equal('other_strategy')
      expect((await browser.get(`${shop.url}/me`)).status).to.equal(200)
    })

    it('drops the tokens after OneAccess has ended the session, and keeps the app’s own user', async () => {
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
