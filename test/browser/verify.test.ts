import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { faintTexts, launchChromium, openTab } from '../support/chromium.js'
import { type Example, openExample } from '../support/example.js'

describe('a first login in a browser', function () {
  this.timeout(60_000)
  let browser: Browser
  let example: Example
  before(async () => {
    browser = await launchChromium()
    example = await openExample()
  })
  beforeEach(() => example.simulator.reset())
  after(async () => {
    await browser.close()
    await example.close()
  })

  for (const [locale, colorScheme] of [
    ['zh-CN', 'light'],
    ['en', 'dark'],
  ] as const) {
    it(`is finished on a phone, the puzzle by arrow keys: ${locale}, ${colorScheme}`, async () => {
      const viewport = { width: 375, height: 740 }
      const { page, complaints, close } = await openTab(browser, { locale, colorScheme, viewport })
      const fits = async () => {
        expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(375)
        expect(await faintTexts(page)).to.deep.equal([])
        expect(await page.getByRole('heading', { level: 1 }).count()).to.equal(1)
      }
      await page.goto(`${example.url}/auth/alipay`)
      await page.getByRole('radio', { name: /张敏/ }).check()
      await page.getByRole('button', { name: /Agree/ }).click()
      await page.waitForURL('**/login/verify')
      await fits()
      await page
        .getByRole('textbox', { name: /手机号或邮箱|Mobile number or email/ })
        .fill('15200000003')

      const token = await page.locator('[name=token]').inputValue()
      const x = example.simulator.captchaAnswer(token) ?? Number.NaN
      const slider = page.getByRole('slider', { name: /拼图|piece/ })
      await slider.focus()
      for (let step = 0; step < x; step++) await page.keyboard.press('ArrowRight')
      const left = await page.evaluate(
        "document.getElementById('piece').offsetLeft * 310 / document.getElementById('picture').clientWidth",
      )
      expect(left, 'the piece is where the hole is').to.be.closeTo(x, 1)
      await page.getByRole('button', { name: /发送验证码|Send the code/ }).click()

      const code = page.getByRole('textbox', { name: /验证码|Code/ })
      await code.fill('0000')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').waitFor()
      await fits()
      await code.fill(example.simulator.lastCode('15200000003') ?? '')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: /张敏/ }).waitFor()
      expect(complaints).to.deep.equal([])
      await close()
    })
  }
})
