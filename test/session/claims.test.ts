import { expect } from 'chai'
import { MemoryStore } from 'express-session'
import type { StrategyOptions } from '../../lib/index.js'
import { Browser } from '../support/browser.js'
import { logIn, openShop, outcomeOf, type Shop, type ShopOptions } from '../support/shop.js'

describe('req.oneaccess.claims()', () => {
  const shops: Shop[] = []
  const open = async (options: ShopOptions = {}) => {
    const shop = await openShop(options)
    shops.push(shop)
    return shop
  }
  afterEach(async () => {
    for (const shop of shops.splice(0)) await shop.close()
  })

  const claims = (shop: Shop, browser: Browser) => browser.get(`${shop.url}/claims`)
  const checked: Partial<StrategyOptions> = { idToken: true }

  it('returns the claims with verified: false by default', async () => {
    const shop = await open()
    const { browser } = await logIn(shop)
    const result = (await claims(shop, browser)).json() as { claims: object; verified: boolean }
    expect(result.verified).to.equal(false)
    expect(result.claims).to.include({ aud: shop.simulator.clientID, userName: 'wangfang' })
  })

  it('returns the claims with verified: true with the option idToken', async () => {
    const shop = await open({ strategy: checked })
    const { browser } = await logIn(shop)
    const result = (await claims(shop, browser)).json() as { claims: object; verified: boolean }
    expect(result.verified).to.equal(true)
    expect(result.claims).to.include({ userName: 'wangfang' })
  })

  it('rejects a forged id_token that was stored before the option idToken was set', async () => {
    const store = new MemoryStore()
    const before = await open({ store })
    before.simulator.fault('login', {
      change: (answer) => {
        const body = answer as { id_token: string }
        return { ...body, id_token: body.id_token.replace(/[^.]+$/, 'c2ln') }
      },
    })
    const { browser } = await logIn(before)
    expect((await claims(before, browser)).status).to.equal(200)
    const { domain } = before.simulator
    const now = await open({ store, strategy: { ...checked, domain } })
    const { cookie } = browser.cookieHeader(before.url)
    const page = await new Browser().get(`${now.url}/claims`, { cookie })
    expect(page.status).to.equal(502)
    expect(outcomeOf(page).error).to.include({ code: 'id_token_invalid' })
  })

  it('rejects with 401 without a login, and returns no claims for a token that is not a JWT', async () => {
    const shop = await open()
    expect((await claims(shop, new Browser())).status).to.equal(401)
    const change = (answer: unknown) => ({ ...(answer as object), id_token: 'opaque' })
    shop.simulator.fault('login', { change })
    const { browser } = await logIn(shop)
    expect((await claims(shop, browser)).json()).to.deep.equal({ claims: {}, verified: false })
  })
})
