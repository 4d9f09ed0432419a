import { expect } from 'chai'
import { Browser } from '../support/browser.js'
import { logIn, openShop } from '../support/shop.js'

describe('a flood of strangers at a tenant that does not answer logins', () => {
  it('costs who is logged in no token: 600 posts of codes leave refreshes their places', async () => {
    const shop = await openShop({ strategy: { timeouts: { call: 60_000 } } })
    try {
      const { browser } = await logIn(shop)
      shop.simulator.fault('login', { times: 'always', hang: true })
      const stranger = new Browser()
      for (let i = 0; i < 600; i++) {
        stranger.postJson(`${shop.url}/app`, { code: `code-${i}` }).catch(() => {})
      }
      await untilCalled(() => shop.simulator.count('login') > 190)
      const { status } = await browser.post(`${shop.url}/refresh`)
      expect(status).to.equal(200)
      expect(shop.simulator.count('login'), 'places of logins').to.be.below(256)
    } finally {
      await shop.close()
    }
  }).timeout(60_000)
})

async function untilCalled(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20))
}
