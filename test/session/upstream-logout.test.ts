import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import { MemoryStore } from 'express-session'
import { UpstreamLogout } from '../../lib/session/upstream-logout.js'
import type { LogoutEvent } from '../../lib/tokens/events.js'
import { deferred } from '../support/deferred.js'
import { logIn, openShop, type Shop } from '../support/shop.js'

describe('upstreamLogout', () => {
  let shop: Shop
  let events: LogoutEvent[]
  const listen = (event: unknown) => events.push(event as LogoutEvent)
  beforeEach(() => {
    events = []
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
    await browser.post(`${shop.url}/logout`) // no one is logged in by now
    await shop.strategy.drain()
  }

  it('calls OneAccess once, and publishes the result before drain() resolves', async () => {
    await logInAndOut(true)
    expect(shop.simulator.count('logout')).to.equal(1)
    expect(events).to.have.length(1)
    expect(events[0]).to.deep.include({ outcome: 'done' })
    expect(events[0]?.login).to.match(/^[0-9a-f]{12}$/)
  })

  it('logs out of the app even if OneAccess fails, and publishes the error code', async () => {
    await logInAndOut(true, true)
    expect(events).to.have.length(1)
    expect(events[0]).to.deep.include({ outcome: 'failed', code: 'busy' })
  })

  it('does not call OneAccess with upstreamLogout: false', async () => {
    await logInAndOut(false)
    expect(shop.simulator.count('logout')).to.equal(0)
    expect(events).to.deep.equal([])
  })

  it('lets only drain() wait for OneAccess, not the response', async () => {
    shop = await openShop({ strategy: { upstreamLogout: true } })
    const { browser } = await logIn(shop)
    const held = deferred()
    shop.simulator.fault('logout', { holdAnswer: held.promise })
    expect((await browser.post(`${shop.url}/logout`)).status).to.equal(200)
    const order: string[] = []
    const draining = shop.strategy.drain().then(() => order.push('drained'))
    expect((await browser.get(`${shop.url}/me`)).status).to.equal(401)
    order.push('answer')
    held.resolve()
    await draining
    expect(order).to.deep.equal(['answer', 'drained'])
    expect(events).to.have.length(1)
  })

  it('calls OneAccess once when an old session comes back and is logged out again', async () => {
    const sessions = new MemoryStore()
    shop = await openShop({
      store: sessions,
      strategy: { upstreamLogout: true, whenEnded: 'keep' },
    })
    const { browser } = await logIn(shop)
    const before = browser.clone()
    const { sessions: texts } = sessions as unknown as { sessions: Record<string, string> }
    const old = { ...texts }
    expect((await browser.post(`${shop.url}/logout`)).status).to.equal(200)
    for (const [id, text] of Object.entries(old)) texts[id] ??= text // as a slow request does
    expect((await before.get(`${shop.url}/me`)).status).to.equal(200)
    expect((await before.post(`${shop.url}/logout`)).status).to.equal(200)
    expect((await before.get(`${shop.url}/me`)).status).to.equal(401)
    await shop.strategy.drain()
    expect(shop.simulator.count('logout')).to.equal(1)
  })

  it('publishes code unknown for an error that is not a OneAccessError', async () => {
    shop = await openShop()
    const client = { logout: () => Promise.reject(new Error('a defect')) }
    const upstream = new UpstreamLogout(client as never)
    upstream.logOut('name', { sessionToken: 's', device: {} } as never)
    await upstream.drain()
    expect(events).to.deep.equal([{ login: 'name', outcome: 'failed', code: 'unknown' }])
  })
})
