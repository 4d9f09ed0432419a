import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import sinon from 'sinon'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import type { EndEvent } from '../../lib/tokens/events.js'
import type { Fault } from '../../simulator/index.js'
import type { Browser } from '../support/browser.js'
import { FaultyStore } from '../support/faulty-store.js'
import { logIn, openShop, type Shop, type ShopOptions } from '../support/shop.js'

const ENDPOINT = 'refresh-signed-id-token'

describe('refreshWith: signed-id-token', () => {
  let shop: Shop
  let store: FaultyStore
  let ends: string[]
  const listen = (event: unknown) => ends.push((event as EndEvent).reason)

  beforeEach(() => {
    ends = []
    store = new FaultyStore(new MemoryTokenStore())
    subscribe('passport-oneaccess-alipay:end', listen)
  })
  afterEach(async () => {
    unsubscribe('passport-oneaccess-alipay:end', listen)
    sinon.restore()
    await shop.close()
  })

  async function open(simulator: ShopOptions['simulator'] = {}): Promise<Browser> {
    const strategy = { refreshWith: 'signed-id-token', tokenStore: store } as const
    shop = await openShop({ simulator: { ...simulator }, strategy })
    return (await logIn(shop)).browser
  }

  /** Moves our clock and the tenant's. */
  function advance(milliseconds: number): void {
    const now = Date.now()
    sinon.restore()
    sinon.stub(Date, 'now').callsFake(() => now + milliseconds)
    shop.simulator.clock.advance(milliseconds)
  }

  const expiriesOf = async (browser: Browser) =>
    (await browser.get(`${shop.url}/me`)).json() as { sessionExpiresAt: number; expiresAt: number }
  const refresh = async (browser: Browser) => (await browser.post(`${shop.url}/refresh`)).status

  it('keeps the session token and the session’s expiry', async () => {
    const browser = await open({ rotation: 'always' })
    const [before, session] = [
      await expiriesOf(browser),
      shop.simulator.sessions()[0]?.sessionToken,
    ]
    advance(60_000)
    expect(await refresh(browser)).to.equal(200)
    const after = await expiriesOf(browser)
    expect(after.sessionExpiresAt).to.equal(before.sessionExpiresAt)
    expect(after.expiresAt).to.be.greaterThan(before.expiresAt)
    expect(shop.simulator.sessions()[0]?.sessionToken).to.equal(session)
  })

  it('writes the record once per refresh, without a mark, as no token can be lost', async () => {
    const browser = await open()
    const writes = sinon.spy(store, 'compareAndSet')
    expect(await refresh(browser)).to.equal(200)
    const keys = writes.args.map(([key]) => key.split(':')[0])
    expect(keys.filter((key) => key === 'tokens')).to.have.lengthOf(1)
  })

  const NO_ID_TOKEN: [what: string, fault: Fault][] = [
    ['is lost', { drop: 'after' }],
    ['is not JSON', { body: '<html>' }],
    ['is a server error', { status: 500 }],
    ['has no id_token', { change: () => ({}) }],
  ]
  for (const [what, fault] of NO_ID_TOKEN) {
    it(`keeps the login if a response ${what}, and ends it as refused if the session has ended by then`, async () => {
      const browser = await open()
      shop.simulator.fault(ENDPOINT, fault)
      expect(await refresh(browser)).to.equal(503)
      advance(60_000)
      expect(await refresh(browser)).to.equal(200)
      shop.simulator.fault(ENDPOINT, fault)
      expect(await refresh(browser)).to.equal(503)
      shop.simulator.endSessions()
      advance(60_000)
      expect(await refresh(browser)).to.equal(401)
      expect(ends).to.deep.equal(['refused'])
    })
  }

  it('keeps the login if the tenant does not have the endpoint, or no public key for it', async () => {
    const browser = await open({ refreshCalls: ['id-token'] })
    for (let tries = 0; tries < 8; tries++) {
      expect(await refresh(browser)).to.equal(503)
      advance(120_000)
    }
    shop.simulator.settings.refreshCalls = ['signed-id-token']
    shop.simulator.fault('public-key', {
      status: 400,
      body: { error_code: 'X.1' },
      times: 'always',
    })
    for (let tries = 0; tries < 8; tries++) {
      expect(await refresh(browser)).to.equal(503)
      advance(120_000)
    }
    shop.simulator.clearFaults()
    expect(await refresh(browser)).to.equal(200)
    expect(ends).to.deep.equal([])
  })

  it('asks for the server’s time again when the tenant’s clock has moved', async () => {
    const browser = await open()
    expect(await refresh(browser)).to.equal(200)
    shop.simulator.clock.advance(3_600_000) // ours does not move
    expect(await refresh(browser)).to.equal(200)
    expect(shop.simulator.count('server-date')).to.equal(2)
    expect(shop.simulator.count(ENDPOINT)).to.equal(3)
  })

  it('ends the login on a logout during a refresh', async () => {
    const browser = await open()
    let release = () => {}
    shop.simulator.fault(ENDPOINT, {
      holdAnswer: new Promise<void>((resolve) => (release = resolve)),
    })
    const asked = shop.simulator.nextCall(ENDPOINT)
    const renewing = browser.clone().post(`${shop.url}/refresh`)
    await asked
    await browser.post(`${shop.url}/logout`)
    release()
    expect((await renewing).status).to.equal(401)
    expect(ends).to.deep.equal(['logout'])
  })
})
