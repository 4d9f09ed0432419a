import { expect } from 'chai'
import sinon from 'sinon'
import { Browser } from '../support/browser.js'
import {
  goToAlipay,
  logIn,
  openShop,
  outcomeOf,
  type Shop,
  type ShopOptions,
} from '../support/shop.js'

describe('OneAccessAlipayStrategy, web flow', () => {
  let shop: Shop
  const open = async (options: ShopOptions = {}) => {
    shop = await openShop(options)
  }
  afterEach(async () => {
    sinon.restore()
    await shop.close()
  })

  it("redirects to Alipay's consent page with app_id, redirect_uri, scope and state", async () => {
    await open({ strategy: { scope: ['auth_base', 'auth_user'] } })
    const { status, location, headers } = await new Browser().get(`${shop.url}/login`)
    expect(status).to.equal(302)
    const url = new URL(location)
    expect(url.origin + url.pathname).to.equal(shop.simulator.authorizationURL)
    expect([...url.searchParams.keys()].sort()).to.deep.equal([
      'app_id',
      'redirect_uri',
      'scope',
      'state',
    ])
    expect(url.searchParams.get('app_id')).to.equal(shop.simulator.alipayAppID)
    expect(url.searchParams.get('scope')).to.equal('auth_base,auth_user')
    expect(url.searchParams.get('redirect_uri')).to.equal(`${shop.url}/callback`)
    expect(url.searchParams.get('state')).to.match(/^[0-9A-Za-z]{32,100}$/)
    expect(headers.get('cache-control')).to.equal('no-store')
  })

  it('makes three dependent calls, and requests the access token during the first, once for two logins', async () => {
    await open()
    let release = () => {}
    const hold = new Promise<void>((resolve) => {
      release = resolve
    })
    shop.simulator.fault('login', { hold })
    const asked = shop.simulator.nextCall('credential')
    const login = logIn(shop)
    await asked // while the login call is still held
    release()
    expect((await login).outcome.verb).to.equal('success')
    const paths = shop.simulator.calls.map((call) => call.endpoint)
    expect(paths.slice(-2)).to.deep.equal(['ticket', 'verify'])
    expect(paths.filter((one) => one !== 'authorize')).to.have.length(4)
    await logIn(shop)
    expect(shop.simulator.count('credential')).to.equal(1)
  })

  it('requests a new access token when the old one has expired, and the login succeeds', async () => {
    await open()
    await logIn(shop)
    shop.simulator.expireCredential()
    expect((await logIn(shop)).outcome.verb).to.equal('success')
    expect(shop.simulator.count('credential')).to.equal(2)
  })

  for (const tabs of [2, 5, 8]) {
    it(`logs in with each of ${tabs} tabs that started a login at the same time`, async () => {
      await open()
      const browser = new Browser()
      await logIn(shop, browser) // so that the browser has a session cookie
      const callbacks = await Promise.all(
        Array.from({ length: tabs }, () => goToAlipay(shop, browser)),
      )
      for (const callback of callbacks) {
        expect(outcomeOf(await browser.get(callback)).verb).to.equal('success')
      }
      expect((await browser.get(`${shop.url}/me`)).status).to.equal(200)
    })
  }

  it('keeps at most 8 attempts per session and drops the oldest', async () => {
    await open()
    const browser = new Browser()
    const callbacks: string[] = []
    for (let tab = 0; tab < 9; tab++) callbacks.push(await goToAlipay(shop, browser))
    const [oldest = '', second = ''] = callbacks
    expect(outcomeOf(await browser.get(oldest)).info?.code).to.equal('state_unknown')
    expect(outcomeOf(await browser.get(second)).verb).to.equal('success')
  })

  it('gives two concurrent deliveries of a callback the same result with one login call', async () => {
    await open()
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    const pages = await Promise.all([browser.get(callback), browser.get(callback)])
    expect(pages.map((page) => outcomeOf(page).verb)).to.deep.equal(['success', 'success'])
    expect(shop.simulator.count('login')).to.equal(1)
    expect((await browser.get(`${shop.url}/me`)).status).to.equal(200)
  })

  it('gives a reloaded callback the same result without a second login call', async () => {
    await open()
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    await browser.get(callback)
    expect(outcomeOf(await browser.get(callback)).verb).to.equal('success')
    expect(shop.simulator.count('login')).to.equal(1)
    expect((await browser.get(`${shop.url}/token`)).status).to.equal(200)
  })

  it('does not log in again with the back button after a logout', async () => {
    await open()
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    await browser.get(callback)
    await browser.post(`${shop.url}/logout`)
    expect(outcomeOf(await browser.get(callback))).to.deep.include({ verb: 'fail', status: 403 })
    expect((await browser.get(`${shop.url}/me`)).status).to.equal(401)
  })

  it('fails with state_spent when a callback is reloaded after more than a minute', async () => {
    await open()
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    await browser.get(callback)
    const clock = sinon.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    clock.tick(61_000) // results are remembered for a minute
    expect(outcomeOf(await browser.get(callback)).info?.code).to.equal('state_spent')
    expect(shop.simulator.count('login')).to.equal(1)
  })

  it('rejects the callback of another browser', async () => {
    await open()
    const callback = await goToAlipay(shop, new Browser())
    const victim = new Browser()
    expect(outcomeOf(await victim.get(callback)).info?.code).to.equal('state_unknown')
    await victim.get(`${shop.url}/login`)
    expect(outcomeOf(await victim.get(callback)).info?.code).to.equal('state_unknown')
    expect(shop.simulator.count('login')).to.equal(0)
  })

  it('fails with state_expired on a callback after stateTTL', async () => {
    await open({ strategy: { stateTTL: 60_000 } })
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    const clock = sinon.useFakeTimers({ now: Date.now() + 61_000, toFake: ['Date'] })
    expect(outcomeOf(await browser.get(callback)).info?.code).to.equal('state_expired')
    clock.restore()
  })

  it('spends the attempt even when the callback is malformed', async () => {
    await open()
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    expect(outcomeOf(await browser.get(`${callback}&auth_code=x`)).status).to.equal(400)
    expect(outcomeOf(await browser.get(callback)).verb).to.equal('fail')
    expect(shop.simulator.count('login')).to.equal(0)
  })

  for (const header of ['Sec-Purpose', 'Purpose', 'X-Moz']) {
    it(`answers a prefetch (${header}) with 503 and does not spend the attempt`, async () => {
      await open()
      const browser = new Browser()
      const callback = await goToAlipay(shop, browser)
      const ahead = await browser.get(callback, { [header]: 'prefetch' })
      expect([ahead.status, ahead.text]).to.deep.equal([503, ''])
      expect(ahead.headers.get('cache-control')).to.equal('no-store')
      expect(outcomeOf(await browser.get(callback)).verb).to.equal('success')
    })
  }

  it("returns the app's state in info.state, and keeps it out of the URL", async () => {
    await open({ authenticate: { state: { returnTo: '/orders/7' } } })
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    expect(callback).to.not.include('orders')
    expect(outcomeOf(await browser.get(callback)).info?.state).to.deep.equal({
      returnTo: '/orders/7',
    })
  })

  const circular: { self?: object } = {}
  circular.self = circular
  const foreign = { function: () => 1, symbol: Symbol('x'), bigint: 5n, circular }
  for (const [name, state] of Object.entries(foreign)) {
    it(`rejects a state that is not JSON-serializable: ${name}`, async () => {
      const errors: unknown[] = []
      await open({ authenticate: { state }, onError: (error) => errors.push(error) })
      expect((await new Browser().get(`${shop.url}/login`)).status).to.equal(500)
      const [error] = errors
      expect(error).to.be.instanceOf(TypeError)
      expect(String(error)).to.match(/authenticate: option state must be JSON-serializable$/)
    })
  }

  it('limits the state to 4096 bytes, counted in UTF-8', async () => {
    await open({ authenticate: { state: '支'.repeat(1_400) } })
    expect((await new Browser().get(`${shop.url}/login`)).status).to.equal(500)
    await shop.close()
    await open({ authenticate: { state: '支'.repeat(1_300) } })
    expect((await new Browser().get(`${shop.url}/login`)).status).to.equal(302)
  })

  it("returns the app's state in info.state on a failure too", async () => {
    await open({ authenticate: { state: 'cart' } })
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser, shop.simulator.people[0], 'refuse')
    expect(outcomeOf(await browser.get(callback)).info?.state).to.equal('cart')
  })

  it('keeps the callback out of caches and out of the Referer header', async () => {
    await open()
    const browser = new Browser()
    const { headers } = await browser.get(await goToAlipay(shop, browser))
    expect(headers.get('cache-control')).to.equal('no-store')
    expect(headers.get('referrer-policy')).to.equal('no-referrer')
  })

  it('changes the session id at login and at logout', async () => {
    await open()
    const browser = new Browser()
    const seen = new Set<string | undefined>()
    const callback = await goToAlipay(shop, browser)
    seen.add(browser.cookie(shop.url, 'connect.sid'))
    await browser.get(callback)
    seen.add(browser.cookie(shop.url, 'connect.sid'))
    await browser.post(`${shop.url}/logout`)
    await browser.get(`${shop.url}/login`)
    seen.add(browser.cookie(shop.url, 'connect.sid'))
    expect(seen.size).to.equal(3)
  })

  it('serves many concurrent logins without mixing them up', async () => {
    await open()
    const people = shop.simulator.people.filter((one) => one.outcome === 'SUCCESS')
    const logins = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const one = people[n % people.length]
        const { outcome } = await logIn(shop, new Browser(), one)
        return outcome.user?.id === one?.id
      }),
    )
    expect(logins).to.deep.equal(Array(20).fill(true))
  })
})
