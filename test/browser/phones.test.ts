import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { AGENTS } from '../support/agents.js'
import { faintTexts, launchChromium, openTab, type Tab } from '../support/chromium.js'
import { type Example, openExample } from '../support/example.js'

const PHONE = { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true }

// Each tab has its own context, as a phone's browser, the Alipay app and WeChat share no cookies.
describe('a login on a phone', function () {
  this.timeout(60_000)
  let browser: Browser
  let example: Example
  const tabs: Tab[] = []
  before(async () => {
    browser = await launchChromium()
    example = await openExample()
  })
  afterEach(async () => {
    for (const tab of tabs.splice(0)) await tab.close()
  })
  after(async () => {
    await browser.close()
    await example.close()
  })

  async function open(agent: keyof typeof AGENTS, path: string, locale = 'zh-CN'): Promise<Tab> {
    const tab = await openTab(browser, { ...PHONE, locale, userAgent: AGENTS[agent] })
    tabs.push(tab)
    await tab.page.goto(example.url + path)
    return tab
  }

  it('continues from a browser in the Alipay app, and logs the user in there', async () => {
    const { page, complaints } = await open('Safari on an iPhone', '/login')
    await page.getByRole('link', { name: '用支付宝登录', exact: true }).click()
    await page.getByRole('heading', { name: '请在支付宝里继续' }).waitFor()
    const link = (await page.getByRole('link', { name: '打开支付宝' }).getAttribute('href')) ?? ''
    expect(link).to.match(/^alipays:\/\/platformapi\/startapp\?appId=20000067&url=/)
    await page.getByRole('img', { name: /二维码/ }).waitFor()

    const address = new URL(new URL(link).searchParams.get('url') ?? '')
    expect(address.origin).to.equal(example.url)
    const wallet = await open('Alipay on an iPhone', address.pathname + address.search)
    await wallet.page.getByRole('button', { name: /同意/ }).click()
    await wallet.page.getByRole('heading', { name: /^欢迎(回来)?，王芳$/ }).waitFor()

    await page.goto(`${example.url}/`)
    await page.getByRole('link', { name: '登录', exact: true }).waitFor() // the browser itself is not logged in
    expect([complaints, wallet.complaints]).to.deep.equal([[], []])
  })

  it('returns, in the Alipay app, to the product at which it started', async () => {
    const { page } = await open('Chrome on Android', '/auth/alipay?product=rougui')
    const link = (await page.getByRole('link', { name: '打开支付宝' }).getAttribute('href')) ?? ''
    const address = new URL(new URL(link).searchParams.get('url') ?? '')
    const wallet = await open('Alipay on Android', address.pathname + address.search)
    await wallet.page.getByRole('button', { name: /同意/ }).click()
    await wallet.page.waitForURL(`${example.url}/#rougui`)
  })

  it('asks in WeChat to open the page in a browser', async () => {
    const { page, complaints } = await open('WeChat on an iPhone', '/login')
    await page.getByRole('link', { name: '用支付宝登录', exact: true }).click()
    await page.getByRole('heading', { name: '请在浏览器里打开' }).waitFor()
    expect(await page.getByText(`${example.url}/login`).count()).to.equal(1)
    expect(await page.locator('a[href^="alipays:"]').count()).to.equal(0)
    expect(complaints).to.deep.equal([])
  })

  const PAGES: [agent: keyof typeof AGENTS, zh: string, en: string][] = [
    ['Chrome on Android', '请在支付宝里继续', 'Please continue in Alipay'],
    ['WeChat on Android', '请在浏览器里打开', 'Please open this in a browser'],
  ]
  for (const [agent, zh, en] of PAGES) {
    it(`has a page “${en}” in both languages and colour schemes that fits the screen`, async () => {
      const { page, complaints } = await open(agent, '/auth/alipay?product=rougui')
      await page.getByRole('heading', { name: zh }).waitFor()
      await page.getByRole('link', { name: 'English' }).click()
      await page.getByRole('heading', { name: en }).waitFor()
      expect(page.url()).to.equal(`${example.url}/auth/alipay?product=rougui`)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect(await faintTexts(page)).to.deep.equal([])
      }
      expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(375)
      expect(complaints).to.deep.equal([])
    })
  }

  it("ends at Alipay's own page, which asks for the Alipay app, with phones: 'page'", async () => {
    const plain = await openExample({ strategy: { phones: 'page' } })
    try {
      for (const agent of ['Chrome on Android', 'WeChat on Android'] as const) {
        const tab = await openTab(browser, { ...PHONE, userAgent: AGENTS[agent] })
        tabs.push(tab)
        await tab.page.goto(`${plain.url}/auth/alipay`)
        await tab.page.getByRole('heading', { name: /请在支付宝客户端打开链接/ }).waitFor()
        expect(await tab.page.getByRole('button').count()).to.equal(0)
      }
    } finally {
      await plain.close()
    }
  })
})
