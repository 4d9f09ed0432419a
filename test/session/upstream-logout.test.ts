import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import type { LogoutEvent } from '../../lib/session/events.js'
import { logIn, openShop, type Shop } from '../support/shop.js'

describe('upstreamLogout', () => {
  let shop: Shop
  let told: LogoutEvent[]
  const listen = (event: unknown) => told.push(event as LogoutEvent)
  beforeEach(() => {
    told = []
    subscribe('passport-oneaccess-alipay:logout', listen)
  })
  afterEach(async () => {
    unsubscribe('passport-oneaccess-alipay:logout', listen)
    await shop.close()
  })

  const logInAndOut = async (upstreamLogout: boolean, fail = false) => {
    shop = await openShop({ strategy: { upstreamLogout } })
    const { browser } = await logIn(shop)
    const body = { error_code: 'IDAAS.SDK.COM.0002', error_msg: 'system busy' }
    if (fail) shop.simulator.fault('logout', { status: 400, body })
    expect((await browser.post(`${shop.url}/logout`)).status).to.equal(200)
    await shop.strategy.drain()
    await browser.post(`${shop.url}/logout`) // nobody is logged in any more
    await shop.strategy.drain()
  }

  it('tells OneAccess once, and what came of it is an event by the time drain() has resolved', async () => {
    await logInAndOut(true)
    expect(shop.simulator.count('logout')).to.equal(1)
    expect(told).to.have.length(1)
    expect(told[0]).to.deep.include({ outcome: 'done' })
    expect(told[0]?.login).to.match(/^[0-9a-f]{12}$/)
  })

  it('logs out here though it fails there, and tells why', async () => {
    await logInAndOut(true, true)
    expect(told).to.have.length(1)
    expect(told[0]).to.deep.include({ outcome: 'failed', code: 'busy' })
  })

  it('tells nobody where the app does not want it', async () => {
    await logInAndOut(false)
    expect(shop.simulator.count('logout')).to.equal(0)
    expect(told).to.deep.equal([])
  })
})
