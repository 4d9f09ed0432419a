import { expect } from 'chai'
import { MemoryStore } from 'express-session'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import type { Browser } from '../support/browser.js'
import { deferred } from '../support/deferred.js'
import { logIn, openShop, outcomeOf, type Shop, type ShopOptions } from '../support/shop.js'

const OLD = 'an old secret of at least 32 characters'
const NEW = 'a new secret, also of 32 characters or more'

describe('TokenManagers', () => {
  const shops: Shop[] = []
  let sessions: MemoryStore
  beforeEach(() => {
    sessions = new MemoryStore()
  })
  afterEach(async () => {
    for (const shop of shops.splice(0)) await shop.close()
  })

  const open = async (strategy: ShopOptions['strategy'] = {}) => {
    const shop = await openShop({ store: sessions, strategy })
    shops.push(shop)
    return shop
  }
  const stored = () => Object.values((sessions as unknown as { sessions: object }).sessions).join()

  /** The app's response to a user who logged in to another process, with other settings. */
  async function tokenAt(shop: Shop, browser: Browser, home: Shop) {
    const answer = await browser.get(`${shop.url}/token`, browser.cookieHeader(home.url))
    return [answer.status, outcomeOf(answer).error?.code]
  }

  for (const [which, secret] of [
    ['the secret', OLD],
    ['the first of several secrets', [OLD, NEW]],
  ] as const) {
    it(`seals the records in the session store with ${which}`, async () => {
      const shop = await open({ tokenStore: { secret } })
      const { browser } = await logIn(shop)
      const [session] = shop.simulator.sessions()
      expect(session?.sessionToken).to.be.a('string').that.is.not.empty
      expect(stored()).not.to.include(session?.sessionToken)
      const same = await open({ tokenStore: { secret: OLD }, whenEnded: 'keep' })
      expect(await tokenAt(same, browser, shop)).to.deep.equal([200, undefined])
      const other = await open({ tokenStore: { secret: NEW }, whenEnded: 'keep' })
      expect(await tokenAt(other, browser, shop)).to.deep.equal([503, 'misconfigured'])
      const rotated = await open({ tokenStore: { secret: [NEW, OLD] }, whenEnded: 'keep' })
      expect(await tokenAt(rotated, browser, shop)).to.deep.equal([200, undefined])
    })
  }

  it('stores records in plain text if no secret is set', async () => {
    const shop = await open()
    await logIn(shop)
    expect(stored()).to.include(shop.simulator.sessions()[0]?.sessionToken)
  })

  it('seals the records in a token store of its own and keeps none in the session store', async () => {
    const store = new MemoryTokenStore()
    const shop = await open({ tokenStore: { store, secret: OLD } })
    const { browser } = await logIn(shop)
    expect(stored()).not.to.include('"oneaccess":{"version"')
    const same = await open({ tokenStore: { store, secret: OLD } })
    expect(await tokenAt(same, browser, shop)).to.deep.equal([200, undefined])
  })

  for (const [where, options] of [
    ['the session store', () => ({})],
    ['a store of its own', () => ({ tokenStore: new MemoryTokenStore() })],
  ] as const) {
    it(`refreshes once for two requests, and drain() waits for it, with tokens in ${where}`, async () => {
      const shop = await open(options())
      const { browser } = await logIn(shop)
      const held = deferred()
      shop.simulator.fault('refresh-id-token', { holdAnswer: held.promise })
      const called = shop.simulator.nextCall('refresh-id-token')
      const refreshing = [1, 2].map(() => browser.post(`${shop.url}/refresh`))
      await called
      let drained = false
      const draining = shop.strategy.drain().then(() => {
        drained = true
      })
      await browser.get(`${shop.url}/me`)
      expect(drained).to.equal(false)
      held.resolve()
      const pages = await Promise.all(refreshing)
      expect(pages.map((page) => page.status)).to.deep.equal([200, 200])
      await draining
      expect(shop.simulator.count('refresh-id-token')).to.equal(1)
    })
  }

  it('times out a waiting request after timeouts.wait', async () => {
    const shop = await open({ timeouts: { wait: 20 } })
    const { browser } = await logIn(shop)
    const held = deferred()
    shop.simulator.fault('refresh-id-token', { holdAnswer: held.promise })
    const page = await browser.post(`${shop.url}/refresh`)
    expect(page.status).to.equal(503)
    expect(outcomeOf(page).error?.hint).to.include('within 20 ms')
    held.resolve()
  })
})
