import { inspect } from 'node:util'
import { expect } from 'chai'
import { OneAccessAlipayStrategy } from '../../lib/index.js'
import { Browser } from '../support/browser.js'
import { deferred } from '../support/deferred.js'
import { openShop, outcomeOf } from '../support/shop.js'

describe('option maxConnections', () => {
  const make = (maxConnections: unknown) => () =>
    new OneAccessAlipayStrategy(
      {
        domain: 'acme.huaweioneaccess.com',
        clientID: 'client',
        clientSecret: 'secret',
        maxConnections: maxConnections as number,
      },
      async () => ({}),
    )

  for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '8', null, true]) {
    it(`rejects ${inspect(wrong)}`, () => {
      expect(make(wrong)).to.throw(TypeError, 'option maxConnections must be a whole number')
    })
  }

  it('accepts a whole number', () => {
    expect(make(1)).to.not.throw()
  })

  it('limits the number of calls in progress; further calls wait', async () => {
    const shop = await openShop({ strategy: { maxConnections: 1 } })
    try {
      const { promise: hold, resolve: release } = deferred<void>()
      shop.simulator.fault('login', { hold })
      const asked = shop.simulator.nextCall('login')
      const logins = [0, 1].map(() => {
        const code = shop.simulator.issueCode(shop.simulator.people[0]?.id ?? '')
        return new Browser().postJson(`${shop.url}/app`, { code })
      })
      await asked
      // more than enough round trips for a second call to arrive, if it does not wait
      for (let n = 0; n < 10; n++) await new Browser().get(`${shop.url}/me`)
      expect(shop.simulator.count('login')).to.equal(1)
      release()
      const outcomes = (await Promise.all(logins)).map((page) => outcomeOf(page).verb)
      expect(outcomes).to.deep.equal(['success', 'success'])
    } finally {
      await shop.close()
    }
  })
})
