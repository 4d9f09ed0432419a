import { expect } from 'chai'
import { Browser } from '../support/browser.js'
import { goToAlipay, logIn, openShop, type Shop } from '../support/shop.js'

describe('contextOf, with functions of the app', () => {
  let shop: Shop
  afterEach(() => shop.close())

  for (const tenant of [7, undefined, null, '', 'a b', ['tenant-7']]) {
    it(`errors by name when tenantID gives ${JSON.stringify(tenant)}`, async () => {
      shop = await openShop({ strategy: { tenantID: (() => tenant) as never } })
      const { outcome } = await logIn(shop)
      expect(outcome.verb).to.equal('error')
      expect(outcome.error?.message).to.match(/option tenantID must give visible ASCII/)
      expect(shop.simulator.count('login')).to.equal(0)
    })
  }

  for (const nothing of [undefined, null, 0, '', false]) {
    it(`never lets a request through to the route when one throws ${JSON.stringify(nothing)}`, async () => {
      const device = () => {
        throw nothing
      }
      shop = await openShop({ strategy: { device } })
      const browser = new Browser()
      const callback = await goToAlipay(shop, browser)
      const page = await browser.get(callback.replace('/callback', '/plain'))
      expect(page.status).to.equal(500)
      expect(shop.outcomes).to.deep.equal(['error'])
    })
  }
})
