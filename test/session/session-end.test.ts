import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import { MemoryStore } from 'express-session'
import sinon from 'sinon'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import type { EndEvent } from '../../lib/tokens/events.js'
import { Browser } from '../support/browser.js'
import { FaultyStore } from '../support/faulty-store.js'
import { logIn, openShop, outcomeOf, type Shop, type ShopOptions } from '../support/shop.js'

const DAY = 86_400_000

describe('end of the session at OneAccess', () => {
  const shops: Shop[] = []
  let sessions: MemoryStore
  let shared: MemoryTokenStore
  let store: FaultyStore
  let ends: string[]
  let clock: sinon.SinonFakeTimers
  const listen = (event: unknown) => ends.push((event as EndEvent).reason)
  const open = async (options: ShopOptions = {}) => {
    store = new FaultyStore(shared)
    const strategy = { tokenStore: store, ...options.strategy }
    const simulator = { idTokenLife: 300, sessionLife: 3_600, ...options.simulator }
    const shop = await openShop({ store: sessions, ...options, simulator, strategy })
    shops.push(shop)
    return shop
  }
  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    sessions = new MemoryStore()
    shared = new MemoryTokenStore()
    ends = []
    subscribe('passport-oneaccess-alipay:end', listen)
  })
  afterEach(async () => {
    unsubscribe('passport-oneaccess-alipay:end', listen)
    sinon.restore()
    for (const shop of shops.splice(0)) await shop.close()
  })

  const me = async (shop: Shop, browser: Browser) => (await browser.get(`${shop.url}/me`)).status

  it('logs the user out, publishes the reason, and makes no call', async () => {
    const shop = await open()
    const { browser } = await logIn(shop)
    clock.tick(3_599_000)
    expect(await me(shop, browser)).to.equal(200)
    await shop.strategy.drain()
    const calls = shop.simulator.calls.length
    clock.tick(1_000)
    expect(await me(shop, browser)).to.equal(401)
    expect(ends).to.deep.equal(['expired'])
    expect(shop.simulator.calls).to.have.length(calls)
  })

  it('is published once, even if two processes notice it at the same time', async () => {
    const shop = await open()
    const { browser } = await logIn(shop)
    const other = await open()
    const cookie = `connect.sid=${browser.cookie(shop.url, 'connect.sid')}`
    clock.tick(3_600_000)
    const pages = await Promise.all(
      [shop, other].map(({ url }) => new Browser().get(`${url}/me`, { cookie })),
    )
    expect(pages.map(({ status }) => status)).to.deep.equal([401, 401])
    expect(ends).to.deep.equal(['expired'])
  })

  it('applies even if the id_token is valid for longer', async () => {
    const shop = await open({
      strategy: { whenEnded: 'keep' },
      simulator: { idTokenLife: 7_200 },
    })
    const { browser } = await logIn(shop)
    shop.simulator.fault('refresh-id-token', { drop: 'before', times: 'always' })
    clock.tick(3_599_000)
    expect((await browser.get(`${shop.url}/token`)).status).to.equal(200)
    await shop.strategy.drain()
    clock.tick(1_000)
    const page = await browser.get(`${shop.url}/token`)
    expect(page.status).to.equal(401)
    expect(outcomeOf(page).error).to.include({ code: 'session_ended' })
    expect(outcomeOf(page).error?.message).to.include('expired')
    expect(await me(shop, browser), 'whenEnded: keep').to.equal(200)
  })

  it('is that of the newest session token, even if another process has it', async () => {
    const shop = await open({ simulator: { rotation: 'always' } })
    const { browser } = await logIn(shop)
    const other = await open({ strategy: { domain: shop.simulator.domain } })
    const cookie = `connect.sid=${browser.cookie(shop.url, 'connect.sid')}`
    clock.tick(3_000_000)
    expect((await new Browser().postJson(`${other.url}/refresh`, {}, { cookie })).status).to.equal(
      200,
    )
    clock.tick(700_000) // after the end that the first process knows
    expect(await me(shop, browser)).to.equal(200)
    expect(ends).to.deep.equal([])
  })

  it('logs the user out even if the store cannot save it', async () => {
    const shop = await open()
    const { browser } = await logIn(shop)
    clock.tick(3_600_000)
    store.fault('compareAndSet', 'fail')
    expect(await me(shop, browser)).to.equal(401)
  })

  it('logs no one out while the store cannot confirm it, and token requests get 503', async () => {
    const shop = await open()
    const { browser } = await logIn(shop)
    clock.tick(3_600_000)
    store.down()
    expect(await me(shop, browser)).to.equal(200)
    expect((await browser.get(`${shop.url}/token`)).status).to.equal(503)
  })

  it('is unknown when OneAccess returns expire: 0, because no session ends immediately', async () => {
    const shop = await open({ simulator: { sessionLife: 7 * 86_400 } })
    shop.simulator.fault('login', { change: (answer) => ({ ...(answer as object), expire: 0 }) })
    const { browser } = await logIn(shop)
    expect(await me(shop, browser)).to.equal(200)
  })

  describe('after a login without an id_token', () => {
    const bare = { simulator: { idTokenAtLogin: false, sessionLife: 30 * 86_400 } }

    it('fetches an id_token in the background at the first request', async () => {
      const shop = await open(bare)
      const { browser } = await logIn(shop)
      expect(await me(shop, browser)).to.equal(200)
      await shop.strategy.drain()
      expect(shop.simulator.count('refresh-id-token')).to.equal(1)
      expect((await browser.get(`${shop.url}/token`)).status).to.equal(200)
      expect(shop.simulator.count('refresh-id-token')).to.equal(1)
    })

    it('logs a disabled user out at the second request', async () => {
      const shop = await open(bare)
      const { browser } = await logIn(shop)
      shop.simulator.endSessions()
      await me(shop, browser)
      await shop.strategy.drain()
      expect(await me(shop, browser)).to.equal(401)
      expect(ends).to.deep.equal(['refused'])
    })

    it('logs the user out after 30 days, even if no refresh succeeds', async () => {
      const shop = await open(bare)
      const { browser } = await logIn(shop)
      shop.simulator.fault('refresh-id-token', { status: 503, times: 'always' })
      clock.tick(30 * DAY - 1_000)
      expect(await me(shop, browser)).to.equal(200)
      await shop.strategy.drain()
      clock.tick(1_000)
      expect(await me(shop, browser)).to.equal(401)
      expect(ends).to.deep.equal(['expired'])
    })
  })
})
