import { expect } from 'chai'
import { OneAccessClient, type Tokens } from '../../lib/index.js'
import { logIn, openShop, type Shop } from '../support/shop.js'

/** The app stores the tokens itself, as JSON. */
describe('tokens.context', () => {
  let shop: Shop
  let kept: string
  const open = async (tenantID?: string) => {
    shop = await openShop({
      simulator: { rotation: 'always', ...(tenantID ? { tenantID } : {}) },
      strategy: tenantID ? { tenantID } : {},
      verify: async (tokens: Tokens, profile: { id: string }) => {
        kept = JSON.stringify(tokens)
        tokens.context.device.agent = 'changed by the app'
        return { id: profile.id }
      },
    })
    const { browser } = await logIn(shop)
    return browser
  }
  afterEach(() => shop.close())

  for (const tenantID of [undefined, 'tenant-7']) {
    it(`lets OneAccessClient refresh the tokens repeatedly${tenantID ? ', with a tenantID' : ''}`, async () => {
      await open(tenantID)
      const { domain: origin, clientID, clientSecret } = shop.simulator
      const credential = { clientID, clientSecret, auth: 'body' } as const
      const client = new OneAccessClient({ origin, clientID, credential })
      let { sessionToken, context } = JSON.parse(kept) as Tokens
      for (let n = 0; n < 2; n++) {
        const renewed = await client.refresh(sessionToken, context)
        expect(renewed.idToken).to.match(/^ey/)
        sessionToken = renewed.sessionToken
      }
      expect(shop.simulator.sessions()[0]).to.include({ sessionToken, refreshes: 2 })
      expect(context.tenantID).to.equal(tenantID)
    })
  }

  it('contains no secret', async () => {
    await open()
    const { sessionToken, idToken, context } = JSON.parse(kept) as Tokens
    expect(Object.keys(context)).to.deep.equal(['device'])
    for (const secret of [sessionToken, idToken, shop.simulator.clientSecret]) {
      expect(JSON.stringify(context)).to.not.include(secret)
    }
  })

  it("is a copy: the app's changes do not affect a refresh", async () => {
    const browser = await open()
    expect((await browser.post(`${shop.url}/refresh`)).status).to.equal(200)
  })
})
