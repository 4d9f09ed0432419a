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

describe('a login that is renewed by the signed refresh', () => {
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

  /** Our clock goes on, and the tenant's with it. */
  function later(milliseconds: number): void {
    const now = Date.now()
    sinon.restore()
    sinon.stub(Date, 'now').callsFake(() => now + milliseconds)
    shop.simulator.clock.advance(milliseconds)
  }

  const endsOf = async (browser: Browser) =>
    (await browser.get(`${shop.url}/me`)).json() as { sessionExpiresAt: number; expiresAt: number }
  const refresh = async (browser: Browser) => (await browser.post(`${shop.url}/refresh`)).status

  it('keeps its session token and the end of its session', async () => {
    const browser = await open({ rotation: 'always' })
    const [before, session] = [await endsOf(browser), shop.simulator.sessions()[0]?.sessionToken]
    later(60_000)
    expect(await refresh(browser)).to.equal(200)
    const after = await endsOf(browser)
    expect(after.sessionExpiresAt).to.equal(before.sessionExpiresAt)
    expect(after.expiresAt).to.be.greaterThan(before.expiresAt)
    expect(shop.simulator.sessions()[0]?.sessionToken).to.equal(session)
  })

  it('writes its record once for each renewal: nothing is marked, for nothing could be lost', async () => {
    const browser = await open()
    const writes = sinon.spy(store, 'compareAndSet')
    expect(await refresh(browser)).to.equal(200)
    const keys = writes.args.map(([key]) => key.split(':')[0])
    expect(keys.filter((key) => key === 'tokens')).to.have.lengthOf(1)
  })

  const LOST: [what: string, fault: Fault][] = [
    ['is lost on its way', { drop: 'after' }],
    ['is no JSON', { body: '<html>' }],
    ['is a server error', { status: 500 }],
    ['has no id_token', { change: () => ({}) }],
  ]
  for (const [what, fault] of LOST) {
    it(`lives on when an answer ${what}, and a session that is over then is refused, not rotation_lost`, async () => {
      const browser = await open()
      shop.simulator.fault(ENDPOINT, fault)
      expect(await refresh(browser)).to.equal(503)
      later(60_000)
      expect(await refresh(browser)).to.equal(200)
      shop.simulator.fault(ENDPOINT, fault)
      expect(await refresh(browser)).to.equal(503)
      shop.simulator.endSessions()
      later(60_000)
      expect(await refresh(browser)).to.equal(401)
      expect(ends).to.deep.equal(['refused'])
    })
  }

  it('is not ended by a tenant that does not have the call, nor by one that has no key for it', async () => {
    const browser = await open({ refreshCalls: ['id-token'] })
    for (let tries = 0; tries < 8; tries++) {
      expect(await refresh(browser)).to.equal(503)
      later(120_000)
    }
    shop.simulator.settings.refreshCalls = ['signed-id-token']
    shop.simulator.fault('public-key', {
      status: 400,
      body: { error_code: 'X.1' },
      times: 'always',
    })
    for (let tries = 0; tries < 8; tries++) {
      expect(await refresh(browser)).to.equal(503)
      later(120_000)
    }
    shop.simulator.clearFaults()
    expect(await refresh(browser)).to.equal(200)
    expect(ends).to.deep.equal([])
  })

  it('outlives a step of a clock: the time is asked for again', async () => {
    const browser = await open()
    expect(await refresh(browser)).to.equal(200)
    shop.simulator.clock.advance(3_600_000) // and ours stays
    expect(await refresh(browser)).to.equal(200)
    expect(shop.simulator.count('server-date')).to.equal(2)
    expect(shop.simulator.count(ENDPOINT)).to.equal(3)
  })

  it('ends with its logout, against a renewal in the air', async () => {
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
