import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import { memoryStores } from '../../example/shop/stores.js'
import { launchChromium, openTab, type Tab } from '../support/chromium.js'
import { type Example, openExample } from '../support/example.js'

describe('the example in a browser, when something goes wrong', function () {
  this.timeout(60_000)
  let browser: Browser
  let example: Example
  let tab: Tab
  const stores = memoryStores()
  before(async () => {
    browser = await launchChromium()
    const strategy = { refreshBefore: 7_000, timeouts: { call: 1_000 } }
    example = await openExample({ simulator: { idTokenLife: 8 }, strategy, stores: [stores] })
  })
  beforeEach(async () => {
    example.simulator.reset()
    tab = await openTab(browser, { locale: 'en' })
  })
  afterEach(() => tab.close())
  after(async () => {
    await browser.close()
    await example.close()
  })

  const welcome = (page: Page) => page.getByRole('heading', { name: /^(Welcome|欢迎)/ })
  const agree = async (page: Page, name = /王芳/) => {
    await page.getByRole('radio', { name }).check()
    await page.getByRole('button', { name: /Agree/ }).click()
  }
  const logIn = async (page: Page, name?: RegExp) => {
    await page.goto(`${example.url}/auth/alipay`)
    await agree(page, name)
    await welcome(page).waitFor()
  }
  const alertShown = (page: Page, title: string) =>
    page.getByRole('alert').getByRole('heading', { name: title }).waitFor()

  it('shows a returning user once that their login has ended', async () => {
    const { page } = tab
    await logIn(page)
    await page.route('**/me', (route) => route.abort()) // so that the open page does not find out first
    example.simulator.endSessions()
    const ended = page.getByRole('heading', { name: 'Your login has ended' })
    for (let visits = 0; visits < 60 && !(await ended.isVisible()); visits++) {
      await page.goto(`${example.url}/`)
    }
    expect(await ended.count()).to.equal(1)
    expect(await page.getByRole('link', { name: 'Log in again' }).count()).to.equal(1)
    expect(await page.title()).to.equal('Your login has ended · Qinglan Tea')
    await page.goto(`${example.url}/`)
    await page.getByRole('heading', { name: 'Hillside tea, taken slowly' }).waitFor()
  })

  it('does not show that after a logout', async () => {
    const { page } = tab
    await logIn(page)
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('heading', { name: 'Hillside tea, taken slowly' }).waitFor()
  })

  it('shows no login link while the session store is down', async () => {
    const { page } = tab
    await logIn(page)
    const { isReady } = stores
    stores.isReady = () => false
    await page.goto(`${example.url}/`)
    await alertShown(page, 'The shop is busy right now')
    expect(await page.getByRole('link', { name: /log in/i }).count()).to.equal(0)
    stores.isReady = isReady
    await page.getByRole('link', { name: 'Try again' }).click()
    await welcome(page).waitFor()
  })

  for (const [what, fault] of [
    ['times out', { hang: true }],
    ['is busy', { status: 400, body: { error_code: 'IDAAS.SDK.COM.0002' } }],
    ['closes the connection', { drop: 'before' }],
  ] as const) {
    it(`shows that logging in is not possible when OneAccess ${what}, and succeeds on the next try`, async () => {
      const { page } = tab
      example.simulator.fault('login', fault)
      await page.goto(`${example.url}/auth/alipay`)
      await agree(page)
      await alertShown(page, 'You cannot log in right now')
      await page.getByRole('link', { name: '中文' }).click()
      await page.getByRole('heading', { name: '登录' }).waitFor()
      await page.goBack()
      await page.goto(`${example.url}/auth/alipay`)
      await agree(page)
      await welcome(page)
        .or(page.getByRole('heading', { name: /^欢迎/ }))
        .waitFor()
    })
  }

  it('shows an alert for a forged callback, from which a new login can be started', async () => {
    const { page } = tab
    await page.goto(`${example.url}/auth/alipay/callback?auth_code=of+somebody&state=abcdef`)
    await alertShown(page, 'We cannot find this login')
    await page.getByRole('link', { name: 'Try again' }).click()
    await agree(page)
    await welcome(page).waitFor()
  })

  it('keeps the user logged in when a second tab returns as someone else', async () => {
    const { page } = tab
    const other = await page.context().newPage()
    await other.goto(`${example.url}/auth/alipay`)
    await logIn(page)
    await agree(other, /李伟/)
    await alertShown(other, 'We cannot find this login')
    await other.getByText('You are still logged in as 王芳.').waitFor()
    await other.getByRole('link', { name: 'Back to the shop' }).click()
    await other.getByRole('heading', { name: /^Welcome( back)?, 王芳$/ }).waitFor()
  })

  it('redirects home when the user goes back to Alipay after the login and agrees again', async () => {
    const { page } = tab
    await logIn(page)
    await page.goBack()
    await agree(page)
    await page.waitForURL(`${example.url}/`)
    await welcome(page).waitFor()
  })

  it('links and redirects to no other host when a path starts with two slashes', async () => {
    const { page } = tab
    for (const path of ['//evil.example/x', '/%5Cevil.example', '///evil.example']) {
      await page.goto(`${example.url}${path}`)
      const link = page.getByRole('link', { name: '中文' })
      const { origin } = new URL((await link.getAttribute('href')) ?? '', page.url())
      expect(origin, path).to.equal(example.url)
      const answer = await fetch(`${example.url}${path}?language=zh`, { redirect: 'manual' })
      const location = new URL(answer.headers.get('location') ?? '', example.url)
      expect(location.origin, path).to.equal(example.url)
    }
  })
})
