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

/** What OneAccess, or something in its place, responds; and the status with which a login fails then. */
const OUTAGES: [what: string, fault: Fault, loginStatus: number][] = [
  ['OneAccess closes the connection', { drop: 'before' }, 503],
  ['OneAccess truncates its response', { truncate: true }, 503],
  ['OneAccess is busy', { status: 400, body: BUSY }, 503],
  ['OneAccess fails', { status: 500, body: HTML }, 503],
  ['a failing server sends the code of an ended session', { status: 502, body: ENDED }, 503],
  ['a rate limiter sends the code of an ended session', { status: 429, body: ENDED }, 503],
  ['a rate limiter sends Retry-After: 20', { status: 429, headers: { 'Retry-After': '20' } }, 503],
  ['a firewall sends a page with 200', { status: 200, body: HTML }, 502],
  ['a firewall sends a page with 403', { status: 403, body: HTML }, 502],
  ['a firewall sends a page with 451', { status: 451, body: HTML }, 502],
  ['a gateway sends JSON with 403', { status: 403, body: { message: 'Forbidden' } }, 502],
  ['a gateway sends empty JSON with 200', { status: 200, body: {} }, 502],
  ['a proxy sends 407', { status: 407, body: HTML }, 503],
  ['a gateway sends 404', { status: 404, body: HTML }, 500],
]

// Row by row, the table "What users see in an outage" of docs/production.md.
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
  const expectRetryAfter = (page: Page) => {
    expect(page.status).to.equal(503)
    expect(Number(page.headers.get('retry-after'))).to.be.within(1, 60)
  }
  const loginStatus = async (shop: Shop) => (await logIn(shop)).outcome.error?.status

  for (const [what, fault, status] of OUTAGES) {
    it(`when ${what}: nothing while the id_token is valid, then 503, and no logout`, async () => {
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
        expectRetryAfter(await token(shop, browser))
        expect(await me(shop, browser)).to.equal(200)
        await shop.strategy.drain()
        clock.tick(41 * SECOND)
      }
      expect(await loginStatus(shop)).to.equal(status)
      shop.simulator.clearFaults()
      expect(await secondsUntilServed(shop, browser)).to.be.at.most(60)
    })
  }

  it('while the token store is down: nothing in a process that knows the record, until its id_token expires; then 503', async () => {
    const store = new FaultyStore(shared)
    const shop = await open(store)
    const { browser } = await logIn(shop)
    store.down()
    expect((await token(shop, browser)).status).to.equal(200)
    expect((await new Browser().get(`${shop.url}/login`)).status).to.equal(503)
    clock.tick(LIFE * SECOND)
    expectRetryAfter(await token(shop, browser))
    expect(await me(shop, browser)).to.equal(200)
    store.up()
    expect(await secondsUntilServed(shop, browser)).to.equal(0)
  })

  it('in a process with a wrong secret: 503 there, nothing in the others, and no logout', async () => {
    const right = await open({ store: shared, secret: 'the secret of the others, 32 or more' })
    const wrong = await open({ store: shared, secret: 'a secret that nobody else has at all' })
    const { browser } = await logIn(right)
    const there = browser.cookieHeader(right.url)
    for (let tries = 0; tries < 3; tries++) {
      expectRetryAfter(await browser.get(`${wrong.url}/token`, there))
      expect((await browser.get(`${wrong.url}/me`, there)).status).to.equal(200)
      expect((await token(right, browser)).status).to.equal(200)
      clock.tick((LIFE / 2) * SECOND)
    }
    expect((await logIn(wrong)).outcome.verb).to.equal('success')
  })

  it('with two processes that list the same secrets in a different order: nothing', async () => {
    const [one, other] = ['one of the two secrets, 32 or more', 'the other of the two secrets, 32+']
    const first = await open({ store: shared, secret: [one, other] })
    const second = await open({ store: shared, secret: [other, one] })
    const { browser } = await logIn(first)
    const page = await browser.get(`${second.url}/token`, browser.cookieHeader(first.url))
    expect(page.status).to.equal(200)
  })

  for (const [what, cut] of [
    ['that is truncated', (value: string) => value.slice(0, value.length / 2)],
    ['that is empty', () => ''],
    [
      'of a format two releases ahead',
      (value: string) => value.replace('"format":1', '"format":3'),
    ],
    ['that is other JSON', () => '{"cart":[]}'],
  ] as const) {
    it(`with a record ${what}: 503 and no logout; a logout and a new login work`, async () => {
      const writes = sinon.spy(shared, 'compareAndSet')
      const shop = await open()
      const { browser } = await logIn(shop)
      const name = writes.args.map(([one]) => one).find((one) => one.startsWith('tokens:')) ?? ''
      const { version, value } = (await shared.get(name)) ?? { version: 0, value: '' }
      const damaged = { version: version + 1, value: cut(value) }
      await shared.compareAndSet(name, version, damaged, 3_600_000)
      const restarted = await open()
      const there = browser.cookieHeader(shop.url)
      expectRetryAfter(await browser.get(`${restarted.url}/token`, there))
      expect((await browser.get(`${restarted.url}/me`, there)).status).to.equal(200)
      expect((await browser.post(`${shop.url}/logout`)).status).to.be.below(400)
      expect(await me(shop, browser)).to.equal(401)
      expect((await logIn(shop, browser)).outcome.verb).to.equal('success')
    })
  }
})
