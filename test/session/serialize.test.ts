import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import type { RequestHandler } from 'express'
import type { EndEvent } from '../../lib/tokens/events.js'
import type { Browser } from '../support/browser.js'
import { deferred } from '../support/deferred.js'
import {
  goToAlipay,
  logIn,
  type Outcome,
  openShop,
  outcomeOf,
  type Shop,
  type ShopOptions,
} from '../support/shop.js'

describe('a second login in the same browser', () => {
  let shop: Shop
  const open = async (options: ShopOptions) => {
    shop = await openShop({ simulator: { rotation: 'always' }, ...options })
  }
  afterEach(() => shop.close())

  const me = async (browser: Browser) =>
    (await browser.get(`${shop.url}/me`)).json() as Partial<Outcome>
  const refresh = (browser: Browser) => browser.post(`${shop.url}/refresh`)

  /** Starts a refresh and holds its response; the returned function lets it arrive. */
  async function refreshInFlight(browser: Browser) {
    const held = deferred()
    shop.simulator.fault('refresh-id-token', { holdAnswer: held.promise })
    const called = shop.simulator.nextCall('refresh-id-token')
    const refreshing = refresh(browser.clone())
    await called
    return async () => {
      held.resolve()
      const page = await refreshing
      await shop.strategy.drain()
      return page
    }
  }

  for (const keepSessionInfo of [false, true]) {
    const how = keepSessionInfo ? 'with keepSessionInfo' : 'with a fresh session'
    it(`ends the record of the first, ${how}`, async () => {
      await open({ authenticate: { keepSessionInfo } })
      const { browser } = await logIn(shop)
      const before = browser.clone()
      const ends: unknown[] = []
      const listen = (event: unknown) => ends.push((event as EndEvent).reason)
      subscribe('passport-oneaccess-alipay:end', listen)
      const [, second] = shop.simulator.people
      const callback = await goToAlipay(shop, browser, second)
      expect(outcomeOf(await browser.get(callback)).verb).to.equal('success')
      unsubscribe('passport-oneaccess-alipay:end', listen)
      expect(ends).to.deep.equal(['login'])
      expect((await me(browser)).user?.id).to.equal(second?.id)
      expect((await refresh(browser)).status).to.equal(200)
      expect(shop.simulator.sessions(second?.id)[0]?.refreshes).to.equal(1)
      expect((await me(before)).user).to.equal(undefined)
    })

    it(`takes precedence over a refresh of the first in progress, ${how}`, async () => {
      await open({ authenticate: { keepSessionInfo } })
      const { browser } = await logIn(shop)
      const landed = await refreshInFlight(browser)
      const [, second] = shop.simulator.people
      await browser.get(await goToAlipay(shop, browser, second))
      expect((await landed()).status).to.equal(401)
      expect((await me(browser)).user?.id).to.equal(second?.id)
      expect((await refresh(browser)).status).to.equal(200)
      expect(shop.simulator.sessions(second?.id)[0]?.refreshes).to.equal(1)
    })
  }

  it('by another strategy ends the tokens, and the new user does not get them', async () => {
    const local: RequestHandler = (req, res, next) => {
      if (req.path !== '/local') return next()
      req.logIn({ id: 'somebody else' }, { session: true, keepSessionInfo: true }, () =>
        res.json({}),
      )
    }
    await open({ behind: local })
    const { browser } = await logIn(shop)
    const landed = await refreshInFlight(browser)
    const ends: unknown[] = []
    const listen = (event: unknown) => ends.push((event as EndEvent).reason)
    subscribe('passport-oneaccess-alipay:end', listen)
    await browser.get(`${shop.url}/local`)
    unsubscribe('passport-oneaccess-alipay:end', listen)
    expect(ends).to.deep.equal(['login'])
    expect((await me(browser)).user?.id).to.equal('somebody else')
    expect(outcomeOf(await browser.get(`${shop.url}/token`)).error?.code).to.equal('other_strategy')
    expect((await landed()).status).to.equal(401)
  })
})
