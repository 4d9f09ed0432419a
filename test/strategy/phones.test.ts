import { expect } from 'chai'
import type express from 'express'
import sinon from 'sinon'
import { navigation } from '../support/agents.js'
import { Browser, type Page } from '../support/browser.js'
import { logIn, type Outcome, openShop, type Shop, type ShopOptions } from '../support/shop.js'

const PREFIX = 'alipays://platformapi/startapp?appId=20000067&url='

describe('option phones', () => {
  let shop: Shop
  afterEach(async () => {
    sinon.restore()
    await shop.close()
  })

  /** A shop whose login route responds with its outcome as JSON. */
  async function open(strategy: ShopOptions['strategy'] = {}, more: ShopOptions = {}) {
    shop = await openShop({ strategy, jsonLogin: true, ...more })
  }

  const phone = () => new Browser(navigation('Chrome on Android'))
  const begin = (browser = phone(), path = '/login') => browser.get(shop.url + path)
  const outcome = (page: Page) => page.json() as Outcome & { info: { link: string } }
  const addressIn = (link: string) => {
    expect(link.slice(0, PREFIX.length)).to.equal(PREFIX)
    return new URL(decodeURIComponent(link.slice(PREFIX.length)))
  }

  it('fails with open_in_alipay and a link that starts the login in the Alipay app', async () => {
    await open()
    const { verb, status, info } = outcome(await begin(phone(), '/login?product=tea%20pot&a=1'))
    expect([verb, status, info.code]).to.deep.equal(['fail', 401, 'open_in_alipay'])
    expect(info.message).to.equal('Please continue in the Alipay app.')
    const whole = `${shop.url}/login?product=tea%20pot&a=1`
    expect(info.link).to.equal(PREFIX + encodeURIComponent(whole))
  })

  it("completes a login in the Alipay app, whose callback the phone's browser cannot use", async () => {
    await open()
    const { info } = outcome(await begin())
    const wallet = new Browser(navigation('Alipay on Android'))
    const begun = await wallet.get(addressIn(info.link).href)
    expect(begun.location).to.match(/^http.*publicAppAuthorize\.htm\?/)
    const person = shop.simulator.people[0]?.id ?? ''
    const back = await wallet.post(begun.location, { person, decision: 'agree' })
    expect(outcome(await wallet.get(back.location)).verb).to.equal('success')
    expect((await phone().get(back.location)).text).to.include('state_unknown')
  })

  it('sets no cookie when it fails with open_in_alipay', async () => {
    await open()
    const { headers } = await begin()
    expect(headers.getSetCookie()).to.deep.equal([])
  })

  it("returns the app's state in the info of open_in_alipay", async () => {
    await open({}, { authenticate: { state: { returnTo: '/cart' } } })
    expect(outcome(await begin()).info.state).to.deep.equal({ returnTo: '/cart' })
  })

  for (const agent of ['Safari on an iPhone', 'QQ on an iPhone', 'UC Browser'] as const) {
    it(`fails with open_in_alipay in ${agent}, each time`, async () => {
      await open()
      const browser = new Browser(navigation(agent))
      for (let times = 0; times < 3; times++)
        expect(outcome(await begin(browser)).info.code).to.equal('open_in_alipay')
    })
  }

  for (const agent of ['WeChat on Android', 'WeChat on Windows'] as const) {
    for (const phones of ['fail', 'wallet'] as const) {
      it(`fails with open_in_browser in ${agent}, with phones: '${phones}'`, async () => {
        await open({ phones })
        const { status, info } = outcome(await begin(new Browser(navigation(agent))))
        expect([status, info.code]).to.deep.equal([401, 'open_in_browser'])
        expect(info).not.to.have.property('link')
      })
    }
  }

  for (const agent of ['Windows', 'Alipay on an iPhone', 'a HarmonyOS computer'] as const) {
    for (const phones of ['fail', 'wallet'] as const) {
      it(`redirects to Alipay's page in ${agent}, with phones: '${phones}'`, async () => {
        await open({ phones })
        const { location } = await begin(new Browser(navigation(agent)))
        expect(location).to.include('/oauth2/publicAppAuthorize.htm?')
      })
    }
  }

  for (const agent of ['Chrome on Android', 'WeChat on an iPhone'] as const) {
    it(`redirects to Alipay's page in ${agent}, with phones: 'page'`, async () => {
      await open({ phones: 'page' })
      const { location } = await begin(new Browser(navigation(agent)))
      expect(location).to.include('/oauth2/publicAppAuthorize.htm?')
    })
  }

  describe("phones: 'wallet'", () => {
    it('redirects to the Alipay app once, then fails with open_in_alipay', async () => {
      await open({ phones: 'wallet' })
      const browser = phone()
      const { status, headers } = await begin(browser)
      expect(status).to.equal(302)
      const link = headers.get('location') ?? ''
      expect(addressIn(link).href).to.equal(`${shop.url}/login`)
      const again = outcome(await begin(browser)) // the app may not be installed, so a page must explain
      expect(again.info).to.include({ code: 'open_in_alipay', link })
    })

    it('redirects to the Alipay app again after stateTTL', async () => {
      await open({ phones: 'wallet', stateTTL: 60_000 })
      const browser = phone()
      await begin(browser)
      const now = Date.now()
      sinon.stub(Date, 'now').callsFake(() => now + 61_000)
      expect((await begin(browser)).status).to.equal(302)
    })
  })

  const MALICIOUS: [path: string, expected: string][] = [
    ['//evil.example/login', '/evil.example/login'],
    ['///evil.example/login', '/evil.example/login'],
    ['/\\evil.example/login', '/evil.example/login'],
    ['/@evil.example/login', '/@evil.example/login'],
    ['/login\\..\\evil', '/login%5C..%5Cevil'],
    ['/a/../../login', '/login'],
    ['http://evil.example/login', '/login'],
    ['?x=1', '/?x=1'],
  ]
  for (const phones of ['fail', 'wallet'] as const) {
    for (const [path, expected] of MALICIOUS) {
      it(`never opens another site in the Alipay app for originalUrl ${path}, with phones: '${phones}'`, async () => {
        const first: express.RequestHandler = (req, _res, next) => {
          if (req.get('x-path') !== undefined) req.originalUrl = req.get('x-path') ?? ''
          next()
        }
        await open({ phones }, { first })
        const page = await phone().get(`${shop.url}/login`, { 'x-path': path })
        const link = phones === 'wallet' ? page.headers.get('location') : outcome(page).info.link
        const address = addressIn(link ?? '')
        expect(address.origin).to.equal(shop.url)
        expect(address.href).to.equal(shop.url + expected)
      })
    }
  }

  it('uses the origin of callbackURL, never one from a request header', async () => {
    await open({ callbackURL: 'https://shop.example.com/auth/callback' })
    const page = await phone().get(`${shop.url}/login`, {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      'x-original-url': '/evil',
      forwarded: 'host=evil.example',
      referer: 'https://evil.example/',
    })
    expect(addressIn(outcome(page).info.link).href).to.equal('https://shop.example.com/login')
  })

  it("redirects to Alipay's page when the URL is too long for a link", async () => {
    await open()
    const { location } = await begin(phone(), `/login?x=${'a'.repeat(2_100)}`)
    expect(location).to.include('/oauth2/publicAppAuthorize.htm?')
  })

  const NO_NAVIGATION: [name: string, headers: Record<string, string>][] = [
    ['a request for JSON', { accept: 'application/json' }],
    ['a request that accepts anything', { accept: '*/*' }],
    ['an iframe', { 'sec-fetch-dest': 'iframe' }],
    ['an image', { 'sec-fetch-dest': 'image' }],
  ]
  for (const [name, headers] of NO_NAVIGATION) {
    for (const phones of ['fail', 'wallet'] as const) {
      it(`redirects to Alipay's page for ${name}, with phones: '${phones}'`, async () => {
        await open({ phones })
        const { location } = await phone().get(`${shop.url}/login`, headers)
        expect(location).to.include('/oauth2/publicAppAuthorize.htm?')
      })
    }
  }

  it("redirects to Alipay's page when a user is logged in", async () => {
    await open({ phones: 'wallet' })
    const { browser } = await logIn(shop)
    Object.assign(browser.headers, navigation('Chrome on Android'))
    expect((await begin(browser)).location).to.include('/oauth2/publicAppAuthorize.htm?')
  })

  it("redirects to Alipay's page for authorize(), which links an account", async () => {
    await open({ phones: 'wallet' })
    const { location } = await begin(phone(), '/link')
    expect(location).to.include('/oauth2/publicAppAuthorize.htm?')
  })

  it('has no effect on the callback', async () => {
    await open()
    const { text } = await phone().get(`${shop.url}/callback?auth_code=a&state=b`)
    expect(text).to.include('state_unknown')
  })
})
