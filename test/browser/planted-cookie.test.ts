import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { Browser as Attacker } from '../support/browser.js'
import { launchChromium } from '../support/chromium.js'
import { finishChallenge, freshMobile, personWith } from '../support/first-login.js'
import { goToAlipay, openShop, outcomeOf, type Shop } from '../support/shop.js'

const COOKIE = 'connect.sid'
/** Chromium resolves its subdomains to this machine, and treats them as one site. */
const SITE = 'site.localhost'

describe('an attacker with a page on a sibling subdomain that sets the session cookie', function () {
  this.timeout(60_000)
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let shop: Shop
  /** The shop's URL in the victim's browser; the attacker's own requests use `shop.url`. */
  let shopURL: string
  let evil: { server: Server; url: string; cookie: string; page: string }
  before(async () => {
    browser = await launchChromium()
  })
  beforeEach(async () => {
    shop = await openShop({ host: `shop.${SITE}` })
    const server = createServer((_req, res) => {
      const cookie = `${COOKIE}=${evil.cookie}; Domain=${SITE}; Path=/`
      res.writeHead(200, { 'content-type': 'text/html', 'set-cookie': cookie }).end(evil.page)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    evil = { server, url: `http://evil.${SITE}:${port}/`, cookie: '', page: 'a nice page' }
    shopURL = shop.url.replace('127.0.0.1', `shop.${SITE}`)
    context = await browser.newContext()
    page = await context.newPage()
  })
  afterEach(async () => {
    await context.close()
    evil.server.closeAllConnections()
    await new Promise((resolve) => evil.server.close(resolve))
    await shop.close()
  })
  after(() => browser.close())

  /** Plants the cookie of the attacker's session, and checks that the browser has it. */
  async function plant(attacker: Attacker): Promise<void> {
    evil.cookie = attacker.cookie(shop.url, COOKIE) ?? expect.fail('no session to plant')
    await page.goto(evil.url)
    const sent = await context.cookies(shopURL)
    expect(sent.map(({ value }) => value)).to.deep.equal([evil.cookie])
  }
  /** Deletes the planted cookie, which would hide the shop's own. */
  async function unplant(): Promise<void> {
    evil.cookie = '; Max-Age=0'
    await page.goto(evil.url)
  }
  /** Logs in as the victim does; resolves to the callback URL and its result. */
  async function logInAs(person: { id: string } | undefined) {
    await page.goto(`${shopURL}/login`)
    await page.locator(`input[value="${person?.id}"]`).check()
    const [response] = await Promise.all([
      page.waitForResponse((one) => one.url().includes('/callback?')),
      page.locator('button[value=agree]').click(),
    ])
    return { callback: response.url(), outcome: await response.json() }
  }
  /** A URL of the victim's browser for the attacker's own requests. */
  const forAttacker = (url: string) => url.replace(`shop.${SITE}`, '127.0.0.1')
  const whoIs = async () => {
    await page.goto(`${shopURL}/me`)
    return JSON.parse(await page.locator('body').innerText()).user?.id
  }

  it('does not get the login by the planted cookie or a second delivery of the callback', async () => {
    const attacker = new Attacker()
    await attacker.get(`${shop.url}/login`)
    await plant(attacker)
    const [person] = shop.simulator.people
    const { callback, outcome } = await logInAs(person)
    expect(outcome.verb).to.equal('success')
    expect((await attacker.get(`${shop.url}/me`)).status).to.equal(401)
    const again = await attacker.get(forAttacker(callback))
    expect([outcomeOf(again).verb, again.headers.get('set-cookie')]).to.deep.equal(['fail', null])
    expect((await attacker.get(`${shop.url}/me`)).status).to.equal(401)
  })

  it('does not switch the user to the attacker’s account afterwards', async () => {
    const attacker = new Attacker()
    const theirs = await goToAlipay(shop, attacker, shop.simulator.people[1])
    await plant(attacker)
    const [person] = shop.simulator.people
    await logInAs(person)
    await unplant()
    await page.goto(theirs)
    const { info } = JSON.parse(await page.locator('body').innerText())
    expect(info.code).to.equal('state_unknown')
    expect(await whoIs()).to.equal(person?.id)
  })

  it('cannot see a challenge, or complete it with a form of its own', async () => {
    const attacker = new Attacker()
    await attacker.get(`${shop.url}/login`)
    await plant(attacker)
    const { outcome } = await logInAs(personWith(shop, 'SOCIAL_BIND'))
    expect(outcome.info.code).to.equal('social_bind')
    expect((await attacker.get(`${shop.url}/challenge`)).json()).to.equal(null)
    const form = { mobile: freshMobile, verify_code: '123456' }
    expect((await finishChallenge(shop, attacker, form)).info?.code).to.equal('challenge_missing')
    evil.page = `<form method="post" action="${shopURL}/challenge">
      <input name="mobile" value="${freshMobile}"><input name="verify_code" value="123456">
      <button>a nice button</button></form>`
    await unplant()
    const [response] = await Promise.all([
      page.waitForResponse(`${shopURL}/challenge`),
      page.locator('button').click(),
    ])
    expect((await response.json()).info.code).to.equal('challenge_missing')
    expect(shop.simulator.count('social-bind')).to.equal(0)
    await page.goto(`${shopURL}/challenge`)
    expect(JSON.parse(await page.locator('body').innerText())).to.include({ status: 'SOCIAL_BIND' })
  })
})
