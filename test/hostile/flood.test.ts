import { expect } from 'chai'
import { Browser } from '../support/browser.js'
import { logIn, openShop } from '../support/shop.js'

describe('a flood of logins at a tenant that does not respond to them', () => {
  it('leaves connections for refreshes: 600 posted codes do not delay one', async () => {
    let received = 0
    const shop = await openShop({
      strategy: { timeouts: { call: 60_000 }, maxConnections: 8 },
      first: (_req, _res, next) => {
        received++
        next()
      },
    })
    try {
      const { browser } = await logIn(shop)
      shop.simulator.fault('login', { times: 'always', hang: true })
      const [stranger, before, logins] = [new Browser(), received, shop.simulator.count('login')]
      for (let i = 0; i < 600; i++) {
        stranger.postJson(`${shop.url}/app`, { code: `code-${i}` }).catch(() => {})
      }
      await until(() => received === before + 600 && shop.simulator.count('login') >= logins + 6)
      const { status } = await browser.post(`${shop.url}/refresh`)
      expect(status).to.equal(200)
      expect(shop.simulator.count('login'), 'connections used by logins').to.equal(logins + 6)
    } finally {
      await shop.close()
    }
  }).timeout(60_000)
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20))
}
