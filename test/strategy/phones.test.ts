import { expect } from 'chai'
import type express from 'express'
import sinon from 'sinon'
import { navigation } from '../support/agents.js'
import { Browser, type Page } from '../support/browser.js'
import { logIn, type Outcome, openShop, type Shop, type ShopOptions } from '../support/shop.js'

const PREFIX = 'alipays://platformapi/startapp?appId=20000067&url='

describe('a login that starts on a phone', () => {
  let shop: Shop
  afterEach(async () => {
    sinon.restore()
    await shop.close()
  })

  /** A shop whose start route tells its outcome as JSON, and which an attacker may send any path. */
  async function open(strategy: ShopOptions['strategy'] = {}, more: ShopOptions = {}) {
    shop = await openShop({ strategy, tellBegin: true, ...more })
  }

  const phone = () => new Browser(navigation('Chrome on Android'))
  const begin = (browser = phone(), path = '/login') => browser.get(shop.url + path)
  const outcome = (page: Page) => page.json() as Outcome & { info: { link: string } }
  const addressIn = (link: string) => {
    expect(link.slice(0, PREFIX.length)).to.equal(PREFIX)
    return new URL(decodeURIComponent(link.slice(PREFIX.length)))
  }

  it('fails with open_in_alipay, and with a link that starts it in the wallet', async () => {
    await open()
    const { verb, status, info } = outcome(await begin(phone(), '/login?product=tea%20pot&a=1'))
    expect([verb, status, info.code]).to.deep.equal(['fail', 401, 'open_in_alipay'])
    expect(info.message).to.equal('Please continue in the Alipay app.')
    const whole = `${shop.url}/login?product=tea%20pot&a=1`
    expect(info.link).to.equal(PREFIX + encodeURIComponent(whole))
  })

  it('goes on in the wallet, whose cookies are not the phone browser’s', async () => {
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

  it('keeps nothing: no session, no cookie, no attempt', async () => {
    await open()
    const { headers } = await begin()
    expect(headers.getSetCookie()).to.deep.equal([])
  })

  it('hands the app’s own value back', async () => {
    await open({}, { authenticate: { state: { returnTo: '/cart' } } })
    expect(outcome(await begin()).info.state).to.deep.equal({ returnTo: '/cart' })
  })

  for (const agent of ['Safari on an iPhone', 'QQ on an iPhone', 'UC Browser'] as const) {
    it(`fails so in ${agent}, each time`, async () => {
      await open()
      const browser = new Browser(navigation(agent))
      for (let times = 0; times < 3; times++)
        expect(outcome(await begin(browser)).info.code).to.equal('open_in_alipay')
    })
  }

  for (const agent of ['WeChat on Android', 'WeChat on Windows'] as const) {
    for (const phones of ['fail', 'wallet'] as const) {
      it(`fails with open_in_browser in ${agent}, with phones: ${phones}`, async () => {
        await open({ phones })
        const { status, info } = outcome(await begin(new Browser(navigation(agent))))
        expect([status, info.code]).to.deep.equal([401, 'open_in_browser'])
        expect(info).not.to.have.property('link')
      })
    }
  }

  for (const agent of ['Windows', 'Alipay on an iPhone', 'a HarmonyOS computer'] as const) {
    for (const phones of ['fail', 'wallet'] as const) {
      it(`goes to Alipay’s page in ${agent}, with phones: ${phones}`, async () => {
        await open({ phones })
        const { location } = await begin(new Browser(navigation(agent)))
        expect(location).to.include('/oauth2/publicAppAuthorize.htm?')
      })
    }
  }

  for (const agent of ['Chrome on Android', 'WeChat on an iPhone'] as const) {
    it(`goes to Alipay’s page in ${agent}, with phones: page`, async () => {
      await open({ phones: 'page' })
      const { location } = await begin(new Browser(navigation(agent)))
      expect(location).to.include('/oauth2/publicAppAuthorize.htm?')
    })
  }

  describe('with phones: wallet', () => {
    it('sends the browser to the wallet by itself, and never twice for one login', async () => {
      await open({ phones: 'wallet' })
      const browser = phone()
      const { status, headers } = await begin(browser)
      expect(status).to.equal(302)
      const link = headers.get('location') ?? ''
      expect(addressIn(link).href).to.equal(`${shop.url}/login`)
      const again = outcome(await begin(browser)) // there is no wallet, say: now a page tells what to do
      expect(again.info).to.include({ code: 'open_in_alipay', link })
    })

    it('sends it again for a login that starts when the first is long over', async () => {
      await open({ phones: 'wallet', stateTTL: 60_000 })
      const browser = phone()
      await begin(browser)
      const now = Date.now()
      sinon.stub(Date, 'now').callsFake(() => now + 61_000)
      expect((await begin(browser)).status).to.equal(302)
    })
  })

  const FOREIGN: [what: string, path: string, expected: string][] = [
    ['two slashes', '//evil.example/login', '/evil.example/login'],
    ['three slashes', '///evil.example/login', '/evil.example/login'],
    ['a slash and a backslash', '/\\evil.example/login', '/evil.example/login'],
    ['a user part', '/@evil.example/login', '/@evil.example/login'],
    ['a backslash within', '/login\\..\\evil', '/login%5C..%5Cevil'],
    ['steps up', '/a/../../login', '/login'],
    ['a whole address in its place', 'http://evil.example/login', '/login'],
    ['no path at all', '?x=1', '/?x=1'],
  ]
  for (const phones of ['fail', 'wallet'] as const) {
    for (const [what, path, expected] of FOREIGN) {
      it(`never opens another site in the wallet for an address with ${what}, with phones: ${phones}`, async () => {
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

  it('uses the origin of callbackURL, never one from a header', async () => {
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

  it('goes to Alipay’s page from an address that is too long for a link', async () => {
    await open()
    const { location } = await begin(phone(), `/login?x=${'a'.repeat(2_100)}`)
    expect(location).to.include('/oauth2/publicAppAuthorize.htm?')
  })

  const NO_NAVIGATION: [what: string, headers: Record<string, string>][] = [
    ['a script, which wants JSON', { accept: 'application/json' }],
    ['whatever takes anything', { accept: '*/*' }],
    ['a frame in a page', { 'sec-fetch-dest': 'iframe' }],
    ['an image in a page', { 'sec-fetch-dest': 'image' }],
  ]
  for (const [what, headers] of NO_NAVIGATION) {
    for (const phones of ['fail', 'wallet'] as const) {
      it(`stays as it is for ${what}, with phones: ${phones}`, async () => {
        await open({ phones })
        const { location } = await phone().get(`${shop.url}/login`, headers)
        expect(location).to.include('/oauth2/publicAppAuthorize.htm?')
      })
    }
  }

  it('stays as it is for someone who is logged in', async () => {
    await open({ phones: 'wallet' })
    const { browser } = await logIn(shop)
    Object.assign(browser.headers, navigation('Chrome on Android'))
    expect((await begin(browser)).location).to.include('/oauth2/publicAppAuthorize.htm?')
  })

  it('stays as it is for authorize(), which links an account', async () => {
    await open({ phones: 'wallet' })
    const { location } = await begin(phone(), '/link')
    expect(location).to.include('/oauth2/publicAppAuthorize.htm?')
  })

  it('does not touch a callback: what comes back from Alipay is finished wherever it comes', async () => {
    await open()
    const { text } = await phone().get(`${shop.url}/callback?auth_code=a&state=b`)
    expect(text).to.include('state_unknown')
  })
})
