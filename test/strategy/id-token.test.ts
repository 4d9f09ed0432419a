import { expect } from 'chai'
import { MemoryStore } from 'express-session'
import type { StrategyOptions } from '../../lib/index.js'
import type { Simulator } from '../../simulator/index.js'
import { logIn, openShop, type Shop } from '../support/shop.js'

const checked = ({ domain, clientID }: Simulator): Partial<StrategyOptions> => ({
  idToken: { jwksUri: `${domain}/api/v1/oauth2/keys`, issuer: domain, audience: clientID },
})
const forged = (answer: unknown) => ({
  ...(answer as object),
  id_token: 'eyJhbGciOiJub25lIn0.e30.',
})

describe('OneAccessAlipayStrategy, option idToken', () => {
  let shop: Shop
  let store: MemoryStore
  beforeEach(async () => {
    store = new MemoryStore()
    shop = await openShop({ store, strategy: checked, simulator: { rotation: 'always' } })
  })
  afterEach(() => shop.close())

  it('accepts an id_token signed by the tenant, and fetches the keys during the login call', async () => {
    let release = () => {}
    const hold = new Promise<void>((resolve) => {
      release = resolve
    })
    shop.simulator.fault('login', { hold })
    const asked = shop.simulator.nextCall('jwks')
    const login = logIn(shop)
    await asked // while the login call is still held
    release()
    expect((await login).outcome.verb).to.equal('success')
  })

  it('errors with 502 on a forged id_token, before the ticket call, and logs no one in', async () => {
    shop.simulator.fault('login', { change: forged })
    const { outcome, browser } = await logIn(shop)
    expect(outcome.error).to.include({ code: 'id_token_invalid', status: 502 })
    expect(shop.simulator.count('ticket')).to.equal(0)
    expect((await browser.get(`${shop.url}/me`)).status).to.equal(401)
  })

  it('keeps the session when a refresh returns a forged id_token: saves the new session token, keeps the old id_token', async () => {
    const { browser } = await logIn(shop)
    const before = (await browser.get(`${shop.url}/token`)).text
    shop.simulator.fault('refresh-id-token', { change: forged })
    const refused = await browser.post(`${shop.url}/refresh`)
    expect(refused.status).to.be.oneOf([502, 503])
    expect((await browser.get(`${shop.url}/token`)).text).to.equal(before)
    expect((await browser.get(`${shop.url}/me`)).status).to.equal(200)
    const [session] = shop.simulator.sessions()
    expect(session).to.include({ refreshes: 1 }).and.not.have.property('endedBy')
    expect(JSON.stringify(store)).to.include(session?.sessionToken)
  })
})
