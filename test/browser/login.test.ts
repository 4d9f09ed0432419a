import { expect } from 'chai'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { launchChromium, openTab, type Tab } from '../support/chromium.js'
import { type Example, openExample } from '../support/example.js'

const PHONE = { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true }

describe('a login in the example in a browser', function () {
  this.timeout(60_000)
  let browser: Browser
  let example: Example
  let tab: Tab
  before(async () => {
    browser = await launchChromium()
    // so short that a refresh happens within seconds
    example = await openExample({
      simulator: { idTokenLife: 8 },
      strategy: { refreshBefore: 4_000 },
    })
  })
  afterEach(() => tab.close())
  after(async () => {
    await browser.close()
    await example.close()
  })

  const open = async (options: BrowserContextOptions = {}) => {
    tab = await openTab(browser, options)
    await tab.page.goto(`${example.url}/`)
    return tab.page
  }

  it('shows the user’s name, in Chinese', async () => {
    const page = await open()
    await page.getByRole('main').getByRole('link', { name: '用支付宝登录', exact: true }).click()
    await page.getByRole('radio', { name: /李伟/ }).check()
    await page.getByRole('button', { name: /同意/ }).click()
    await page.waitForURL(`${example.url}/`)
    await page.getByRole('heading', { name: '欢迎，李伟' }).waitFor()
    expect(await page.getByRole('banner').innerText()).to.contain('李伟')
    expect(await page.getByText('会员价').count()).to.equal(6)
    expect(tab.complaints).to.deep.equal([])
  })

  it('shows the user’s name, in English', async () => {
    const page = await open({ locale: 'en-GB' })
    expect(await page.locator('html').getAttribute('lang')).to.equal('en')
    await page.getByRole('link', { name: 'Log in with Alipay', exact: true }).click()
    await page.getByRole('button', { name: /Agree/ }).click()
    await page.getByRole('heading', { name: 'Welcome, 王芳' }).waitFor()
    await page.getByRole('link', { name: '中文' }).click()
    await page.getByRole('heading', { name: '欢迎，王芳' }).waitFor()
    expect(tab.complaints).to.deep.equal([])
  })

  it('shows on the open page that OneAccess has ended the session, with a link to log in again', async () => {
    const page = await open({ locale: 'en-GB' })
    await page.getByRole('link', { name: 'Log in with Alipay', exact: true }).click()
    await page.getByRole('button', { name: /Agree/ }).click()
    await page.getByRole('timer').waitFor()
    const tea = page.locator('#puer .price')
    expect(await tea.innerText()).to.match(/Member.*¥84.*¥98/s)
    example.simulator.endSessions()
    const alert = page.getByRole('alert').filter({ hasText: 'Your login has ended' })
    await alert.waitFor()
    expect(await page.getByRole('banner').innerText()).to.not.contain('王芳')
    expect(await tea.innerText(), 'no member’s price').to.match(/^¥98\s*\/ 50 g$/)
    expect(await page.title()).to.equal('Your login has ended · Qinglan Tea')
    expect(await page.getByRole('timer').count()).to.equal(0)
    await alert.getByRole('link', { name: 'Log in again' }).click()
    await page.getByRole('button', { name: /Agree/ }).click()
    await page.getByRole('heading', { name: 'Welcome back, 王芳' }).waitFor()
  })

  it('shows the id_token’s countdown and that it was refreshed', async () => {
    const page = await open({ locale: 'en-GB' })
    await page.getByRole('link', { name: 'Log in with Alipay', exact: true }).click()
    await page.getByRole('button', { name: /Agree/ }).click()
    const countdown = page.getByRole('timer')
    await countdown.filter({ hasText: '0:06' }).waitFor()
    await countdown.filter({ hasText: '0:05' }).waitFor()
    await page.getByRole('status').filter({ hasText: 'Renewed automatically (1×)' }).waitFor()
    await countdown.filter({ hasText: /^0:0\d$/ }).waitFor()
    expect(example.simulator.count('refresh-id-token')).to.be.greaterThan(0)
    expect(tab.complaints).to.deep.equal([])
  })

  it('shows an alert after a refusal at Alipay, and succeeds on the next try', async () => {
    const page = await open(PHONE)
    await page.getByRole('main').getByRole('link', { name: '用支付宝登录', exact: true }).click()
    await page.getByRole('button', { name: /拒绝/ }).click()
    await page.getByRole('alert').getByRole('heading', { name: '支付宝没有确认登录' }).waitFor()
    await page.getByRole('link', { name: '用支付宝再试一次' }).click()
    await page.getByRole('button', { name: /同意/ }).click()
    await page.getByRole('heading', { name: /^欢迎(回来)?，王芳$/ }).waitFor()
    expect(tab.complaints).to.deep.equal([])
  })

  it('shows nothing of the user after a logout, nor with the back button', async () => {
    const page = await open()
    await page.goto(`${example.url}/login`)
    await page.getByRole('link', { name: '用支付宝登录', exact: true }).click()
    await page.getByRole('button', { name: /同意/ }).click()
    await page.getByRole('heading', { name: /^欢迎(回来)?，王芳$/ }).waitFor()
    await page.getByRole('link', { name: 'English' }).click()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('heading', { name: 'Hillside tea, taken slowly' }).waitFor()
    await page.goBack()
    await page.getByRole('link', { name: 'Log in', exact: true }).waitFor()
    expect(await page.getByText('王芳').count()).to.equal(0)
    expect(tab.complaints).to.deep.equal([])
  })

  it('can be completed with the keyboard', async () => {
    const page = await open()
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).to.equal('跳到正文')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).to.contain('用支付宝登录')
    expect(
      await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'),
      'the focus is visible',
    ).to.equal('solid')
    await page.keyboard.press('Enter')
    await page.getByRole('radio').first().focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /^欢迎(回来)?，李伟$/ }).waitFor()
  })

  it('works without JavaScript: login, expiry and logout', async () => {
    const page = await open({ javaScriptEnabled: false })
    await page.getByRole('main').getByRole('link', { name: '用支付宝登录', exact: true }).click()
    await page.getByRole('button', { name: /同意/ }).click()
    expect(await page.getByRole('timer').innerText()).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC$/)
    expect(await page.locator('.count').innerText()).to.match(/^有效至\s\d{4}/)
    await page.getByRole('button', { name: '退出登录' }).click()
    await page.getByRole('heading', { name: '山里的茶，慢慢喝' }).waitFor()
  })
})
