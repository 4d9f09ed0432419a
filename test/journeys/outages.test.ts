import { expect } from 'chai'
import { MemoryStore } from 'express-session'
import sinon from 'sinon'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import type { Fault } from '../../simulator/index.js'
import { Browser, type Page } from '../support/browser.js'
import { FaultyStore } from '../support/faulty-store.js'
import { logIn, openShop, type Shop } from '../support/shop.js'

const SECOND = 1_000
const LIFE = 300
const HTML = '<!doctype html><h1>Access denied</h1>'
const ENDED = { error_code: 'IDAAS.SDK.PARAM.0023', error_msg: 'session token invalid' }
const BUSY = { error_code: 'IDAAS.SDK.COM.0002', error_msg: 'system busy' }

/** What OneAccess's place is taken by: what a login answers, and whether a refresh can be told from a good one. */
const TROUBLES: [what: string, fault: Fault, login: number][] = [
  ['OneAccess that cuts the connection', { drop: 'before' }, 503],
  ['OneAccess that cuts off its answer within the body', { truncate: true }, 503],
  ['OneAccess that is busy', { status: 400, body: BUSY }, 503],
  ['OneAccess that fails', { status: 500, body: HTML }, 503],
  ['a failing server that repeats the code that ends sessions', { status: 502, body: ENDED }, 503],
  ['a limiter that repeats the code that ends sessions', { status: 429, body: ENDED }, 503],
  ['a limiter that asks for 20 seconds', { status: 429, headers: { 'Retry-After': '20' } }, 503],
  ['a firewall’s page with 200', { status: 200, body: HTML }, 502],
  ['a firewall’s page with 403', { status: 403, body: HTML }, 502],
  ['a firewall’s page with 451', { status: 451, body: HTML }, 502],
  ['a gateway’s JSON with 403', { status: 403, body: { message: 'Forbidden' } }, 502],
  ['a gateway’s empty JSON with 200', { status: 200, body: {} }, 502],
  ['a proxy’s 407', { status: 407, body: HTML }, 503],
  ['a gateway’s 404', { status: 404, body: HTML }, 500],
]

// The table "What people see in an outage" of docs/production.md, line by line.
describe('what users see', () => {
  let clock: sinon.SinonFakeTimers
  let sessions: MemoryStore
  let shared: MemoryTokenStore
  const shops: Shop[] = []
  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    sessions = new MemoryStore()
    shared = new MemoryTokenStore()
  })
  afterEach(async () => {
    sinon.restore()
    for (const shop of shops.splice(0)) await shop.close()
  })

  async function open(tokenStore: object = shared): Promise<Shop> {
    const strategy = { tokenStore } as object
    const shop = await openShop({ store: sessions, strategy, simulator: { idTokenLife: LIFE } })
    shops.push(shop)
    return shop
  }

  const token = (shop: Shop, browser: Browser) => browser.get(`${shop.url}/token`)
  const me = async (shop: Shop, browser: Browser) => (await browser.get(`${shop.url}/me`)).status
  const secondsUntilServed = async (shop: Shop, browser: Browser) => {
    for (let seconds = 0; seconds <= 120; seconds++) {
      if ((await token(shop, browser)).status === 200) return seconds
      expect(await me(shop, browser)).to.equal(200)
      clock.tick(SECOND)
    }
    return Infinity
  }
  const expectToComeAgain = (page: Page) => {
    expect(page.status).to.equal(503)
    expect(Number(page.headers.get('retry-after'))).to.be.within(1, 60)
  }
  const loginStatus = async (shop: Shop) => (await logIn(shop)).outcome.error?.status

  for (const [what, fault, status] of TROUBLES) {
    it(`with ${what}: nothing while the id_token is good, then 503, and nobody is logged out`, async () => {
      const shop = await open()
      const { browser } = await logIn(shop)
      for (const endpoint of ['login', 'refresh-id-token'] as const) {
        shop.simulator.fault(endpoint, { ...fault, times: 'always' })
      }
      clock.tick((LIFE - 10) * SECOND)
      expect((await token(shop, browser)).status).to.equal(200)
      await shop.strategy.drain()
      clock.tick(60 * SECOND)
      for (let tries = 0; tries < 4; tries++) {
        expectToComeAgain(await token(shop, browser))
        expect(await me(shop, browser)).to.equal(200)
        await shop.strategy.drain()
        clock.tick(41 * SECOND)
      }
      expect(await loginStatus(shop)).to.equal(status)
      shop.simulator.clearFaults()
      expect(await secondsUntilServed(shop, browser)).to.be.at.most(60)
    })
  }

  it('while the token store is away: nothing in a process that knows the record, and 503 after its id_token', async () => {
    const store = new FaultyStore(shared)
    const shop = await open(store)
    const { browser } = await logIn(shop)
    store.down()
    expect((await token(shop, browser)).status).to.equal(200)
    expect((await new Browser().get(`${shop.url}/login`)).status).to.equal(503)
    clock.tick(LIFE * SECOND)
    expectToComeAgain(await token(shop, browser))
    expect(await me(shop, browser)).to.equal(200)
    store.up()
    expect(await secondsUntilServed(shop, browser)).to.equal(0)
  })

  it('in a process with a wrong secret: 503 there, and nothing in the others', async () => {
    const right = await open({ store: shared, secret: 'the secret of the others, 32 or more' })
    const wrong = await open({ store: shared, secret: 'a secret that nobody else has at all' })
    const { browser } = await logIn(right)
    const there = browser.cookieHeader(right.url)
    for (let tries = 0; tries < 3; tries++) {
      expectToComeAgain(await browser.get(`${wrong.url}/token`, there))
      expect((await browser.get(`${wrong.url}/me`, there)).status).to.equal(200)
      expect((await token(right, browser)).status).to.equal(200)
      clock.tick((LIFE / 2) * SECOND)
    }
    expect((await logIn(wrong)).outcome.verb).to.equal('success')
  })

  it('with two processes that list the same secrets in another order: nothing', async () => {
    const [one, other] = ['one of the two secrets, 32 or more', 'the other of the two secrets, 32+']
    const first = await open({ store: shared, secret: [one, other] })
    const second = await open({ store: shared, secret: [other, one] })
    const { browser } = await logIn(first)
    const page = await browser.get(`${second.url}/token`, browser.cookieHeader(first.url))
    expect(page.status).to.equal(200)
  })

  for (const [what, cut] of [
    ['cut short', (value: string) => value.slice(0, value.length / 2)],
    ['emptied', () => ''],
    ['of a format two ahead', (value: string) => value.replace('"format":1', '"format":3')],
    ['of somebody else', () => '{"cart":[]}'],
  ] as const) {
    it(`with a record ${what}: 503, and nobody is logged out; a logout and a new login work`, async () => {
      const key = sinon.spy(shared, 'compareAndSet')
      const shop = await open()
      const { browser } = await logIn(shop)
      const name = key.args.map(([one]) => one).find((one) => one.startsWith('tokens:')) ?? ''
      const { version, value } = (await shared.get(name)) ?? { version: 0, value: '' }
      const damaged = { version: version + 1, value: cut(value) }
      await shared.compareAndSet(name, version, damaged, 3_600_000)
      const restarted = await open()
      const there = browser.cookieHeader(shop.url)
      expectToComeAgain(await browser.get(`${restarted.url}/token`, there))
      expect((await browser.get(`${restarted.url}/me`, there)).status).to.equal(200)
      expect((await browser.post(`${shop.url}/logout`)).status).to.be.below(400)
      expect(await me(shop, browser)).to.equal(401)
      expect((await logIn(shop, browser)).outcome.verb).to.equal('success')
    })
  }
})
