import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import { faintTexts, launchChromium, openTab } from '../support/chromium.js'
import { type Example, openExample } from '../support/example.js'

const PATHS = [
  '/',
  '/login',
  '/login?failed=social_bind',
  '/login?failed=state_missing',
  '/nowhere',
]

describe('the example’s pages on a screen', function () {
  this.timeout(60_000)
  let browser: Browser
  let example: Example
  before(async () => {
    browser = await launchChromium()
    example = await openExample()
  })
  after(async () => {
    await browser.close()
    await example.close()
  })

  const each = async (
    options: { locale: string; width: number; colorScheme?: 'dark' },
    look: (page: Page, path: string) => Promise<void>,
  ) => {
    const { width, ...rest } = options
    const tab = await openTab(browser, { viewport: { width, height: 740 }, ...rest })
    for (const path of PATHS) {
      await tab.page.goto(example.url + path)
      await look(tab.page, path)
    }
    await tab.page.goto(`${example.url}/auth/alipay`)
    await tab.page.getByRole('button', { name: /Agree/ }).click()
    await tab.page.getByRole('timer').waitFor()
    await look(tab.page, 'logged in')
    await tab.close()
  }

  for (const locale of ['zh-CN', 'en']) {
    it(`fit a phone, and are big enough for a thumb: ${locale}`, async () => {
      await each({ locale, width: 375 }, async (page, path) => {
        const wide = await page.evaluate('document.documentElement.scrollWidth')
        expect(wide, `${path} scrolls sideways`).to.equal(375)
        for (const way of await page.locator('button, .quiet, .solid, .alipay').all()) {
          const box = await way.boundingBox()
          expect(box?.height, `${path}: ${await way.innerText()}`).to.be.at.least(44)
        }
        for (const glyph of await page.locator('.glyph').all()) {
          const { width = 0, height = 0 } = (await glyph.boundingBox()) ?? {}
          expect([width, height], `${path}: the icon keeps its shape`).to.deep.equal([32, 32])
        }
        for (const button of await page.locator('.alipay').all()) {
          const box = await button.boundingBox()
          expect(box?.height, `${path}: ${await button.innerText()} on one line`).to.be.below(60)
        }
      })
    })

    it(`are read well by a screen reader: ${locale}`, async () => {
      await each({ locale, width: 1200 }, async (page, path) => {
        expect(await page.locator('html').getAttribute('lang'), path).to.equal(locale)
        expect(await page.getByRole('heading', { level: 1 }).count(), path).to.equal(1)
        for (const landmark of ['banner', 'navigation', 'main', 'contentinfo'] as const) {
          expect(await page.getByRole(landmark).count(), `${path}: ${landmark}`).to.equal(1)
        }
        expect(await page.locator('img:not([alt])').count(), path).to.equal(0)
        for (const way of await page.locator('a, button').all()) {
          expect((await way.innerText()).trim(), path).to.not.equal('')
        }
      })
    })
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`stand out from their background: ${colorScheme}`, async () => {
      const options = colorScheme === 'dark' ? { colorScheme } : {}
      await each({ locale: 'zh-CN', width: 1200, ...options }, async (page, path) => {
        expect(await faintTexts(page), path).to.deep.equal([])
      })
    })
  }
})
