import { expect } from 'chai'
import type { RequestHandler } from 'express'
import sinon from 'sinon'
import { Browser } from '../support/browser.js'
import { goToAlipay, openShop, outcomeOf, type Shop } from '../support/shop.js'

/** Ways in which apps log a user out without `oneaccess.logout()` and keep the session. */
const LOGOUTS: Record<string, RequestHandler> = {
  'req.logout({ keepSessionInfo: true })': (req, res, next) => {
    req.logout({ keepSessionInfo: true }, (error) => (error ? next(error) : res.json({})))
  },
  'delete req.session.passport': (req, res) => {
    Reflect.deleteProperty(req.session, 'passport')
    res.json({})
  },
  'a password login with keepSessionInfo': (req, res, next) => {
    const options = { session: true, keepSessionInfo: true }
    req.logIn({ id: 'bob' }, options, (error) => (error ? next(error) : res.json({})))
  },
}

for (const [how, logout] of Object.entries(LOGOUTS)) {
  describe(`a user who was logged out by ${how}`, () => {
    let shop: Shop
    let browser: Browser
    let callback: string
    beforeEach(async () => {
      shop = await openShop({ refreshAt: '/t', routes: (app) => app.post('/out', logout) })
      browser = new Browser()
      callback = await goToAlipay(shop, browser)
      expect(outcomeOf(await browser.get(callback)).verb).to.equal('success')
      await browser.post(`${shop.url}/out`)
    })
    afterEach(async () => {
      sinon.restore()
      await shop.close()
    })

    it('is not logged in again by the back button', async () => {
      for (const time of ['once', 'twice']) {
        const { verb, info } = outcomeOf(await browser.get(callback))
        expect([verb, info?.code], time).to.deep.equal(['fail', 'state_spent'])
      }
      expect(shop.simulator.count('login')).to.equal(1)
    })

    it('can log in with Alipay again', async () => {
      const next = await goToAlipay(shop, browser)
      expect(outcomeOf(await browser.get(next)).verb).to.equal('success')
    })
  })
}

describe('a second delivery of the callback', () => {
  it('succeeds after a double click, also if the session has an earlier login', async () => {
    const shop = await openShop()
    try {
      const browser = new Browser()
      for (const _ of ['the first login', 'the next']) {
        const callback = await goToAlipay(shop, browser)
        const pages = await Promise.all([browser.get(callback), browser.get(callback)])
        expect(pages.map((page) => outcomeOf(page).verb)).to.deep.equal(['success', 'success'])
        expect(outcomeOf(await browser.get(callback)).verb).to.equal('success')
      }
    } finally {
      await shop.close()
    }
  })
})

describe('backgroundRefresh() after req.logout({ keepSessionInfo: true })', () => {
  it('does not refresh the tokens of the logged-out user', async () => {
    const out = LOGOUTS['req.logout({ keepSessionInfo: true })'] as RequestHandler
    const shop = await openShop({
      strategy: { refreshBefore: 60_000 },
      routes: (app) => app.post('/out', out),
    })
    try {
      const browser = new Browser()
      await browser.get(await goToAlipay(shop, browser))
      const stays = browser.clone()
      await browser.post(`${shop.url}/out`)
      const later = Date.now() + 250_000
      sinon.stub(Date, 'now').callsFake(() => later)
      await browser.get(`${shop.url}/me`)
      await shop.strategy.drain()
      expect(shop.simulator.count('refresh-id-token')).to.equal(0)
      expect((await stays.get(`${shop.url}/me`)).status, 'the old cookie is logged out').to.equal(
        401,
      )
    } finally {
      sinon.restore()
      await shop.close()
    }
  })
})
