import { expect } from 'chai'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import {
  faintTexts,
  launchChromium,
  lostMarks,
  openTab,
  overflowing,
  smallTargets,
} from '../support/chromium.js'
import { type Example, openExample, personWith } from '../support/example.js'

const MOBILE = '15200000003'
const LONG = {
  name: '阿卜杜热合曼·伊斯马依力·买买提明·艾尔肯·古丽娜尔',
  email: 'an.address.that.nobody.types.by.hand@department.subsidiary.example.com',
}

describe('the example’s pages in a browser', function () {
  this.timeout(120_000)
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

  const logIn = async (page: Page, outcome = 'SUCCESS', nth = 0) => {
    await page.goto(`${example.url}/auth/alipay`)
    const { id } = personWith(example.simulator, outcome, nth)
    await page.locator(`input[value="${id}"]`).check()
    await page.locator('button[value=agree]').click()
    await page.waitForURL(({ host }) => example.url.endsWith(host))
  }
  const requestCode = async (page: Page) => {
    const token = await page.locator('[name=token]').inputValue()
    await page.locator('#mobile').fill(MOBILE)
    await page.locator('#x').fill(String(example.simulator.captchaAnswer(token)))
    await page.locator('form .solid').click()
    await page.locator('#code').waitFor()
  }
  /** Pixels between a field and its error; the focus ring needs six. */
  const gapBelow = async (page: Page, field: string, error: string) => {
    const [above, below] = [
      await page.locator(field).boundingBox(),
      await page.locator(error).boundingBox(),
    ]
    return (below?.y ?? 0) - (above?.y ?? 0) - (above?.height ?? 0)
  }
  const at = (path: string) => (page: Page) => page.goto(example.url + path)
  /** Each page and state, with the way there. */
  const PAGES: Record<string, (page: Page) => Promise<unknown>> = {
    home: at('/'),
    login: at('/login'),
    'not linked': at('/login?failed=social_bind'),
    'a forged callback': at('/auth/alipay/callback?auth_code=abc&state=abc&app_id=1'),
    'no such page': at('/nowhere'),
    'OneAccess is down': async (page) => {
      example.simulator.fault('login', { status: 503 })
      await logIn(page)
    },
    'logged in': (page) => logIn(page),
    'logged in, with a long name': async (page) => {
      const person = personWith(example.simulator, 'SUCCESS', 1)
      Object.assign(person, LONG)
      await logIn(page, 'SUCCESS', 1)
    },
    bind: (page) => logIn(page, 'SOCIAL_BIND'),
    register: async (page) => {
      await logIn(page, 'USER_REGISTER')
      await page.locator('summary').click()
      await page.locator('form .solid').click()
    },
    'second factor': (page) => logIn(page, 'MFA_AUTH'),
    'a wrong code': async (page) => {
      await logIn(page, 'SOCIAL_BIND')
      await requestCode(page)
      await page.locator('#code').fill('0000000')
      await page.locator('form .solid').click()
      await page.locator('#code[aria-invalid]').waitFor()
      expect(await gapBelow(page, '#code', '#code-error'), 'the focus ring').to.be.above(7)
    },
    'an expired challenge': async (page) => {
      await page.clock.install()
      await logIn(page, 'SOCIAL_BIND')
      await page.clock.fastForward(660_000)
      await page.getByRole('alert').getByRole('heading').waitFor()
    },
  }

  const forEachPage = async (
    options: BrowserContextOptions,
    check: (page: Page, place: string) => Promise<void>,
  ) => {
    for (const [place, go] of Object.entries(PAGES)) {
      example.simulator.reset()
      const tab = await openTab(browser, options)
      await go(tab.page)
      await tab.page.locator('main').waitFor()
      await check(tab.page, place)
      // Chromium's console also reports the status of an expected error page
      const complaints = tab.complaints.filter((one) => !/status of [45]\d\d/.test(one))
      expect(complaints, place).to.deep.equal([])
      await tab.close()
    }
  }
  const sized = (width: number) => ({ viewport: { width, height: 740 } })

  for (const locale of ['zh-CN', 'en']) {
    it(`fit a phone’s screen and have large touch targets: ${locale}`, async () => {
      await forEachPage({ locale, ...sized(375) }, async (page, place) => {
        for (const width of [1280, 375, 360, 320]) {
          await page.setViewportSize({ width, height: 740 })
          const wide = await page.evaluate('document.documentElement.scrollWidth')
          expect(wide, `${place} scrolls sideways`).to.equal(width)
          expect(await overflowing(page), place).to.deep.equal([])
          expect(await smallTargets(page), place).to.deep.equal([])
          expect(await lostMarks(page), `${place}, ${width}`).to.deep.equal([])
          for (const glyph of await page.locator('.glyph').all()) {
            const box = await glyph.boundingBox()
            const { width = 0, height = 0 } = box ?? {}
            expect([width, height], `${place}: the icon keeps its shape`).to.deep.equal([32, 32])
          }
          for (const button of await page.locator('.alipay').all()) {
            const box = await button.boundingBox()
            const words = await button.innerText()
            expect(box?.height, `${place}: ${words} on one line`).to.be.below(60)
          }
        }
      })
    })

    it(`have headings, landmarks, labels and distinct titles for screen readers: ${locale}`, async () => {
      const titles = new Map<string, string>()
      await forEachPage({ locale, ...sized(1280) }, async (page, place) => {
        expect(await page.locator('html').getAttribute('lang'), place).to.equal(locale)
        expect(await page.getByRole('heading', { level: 1 }).count(), place).to.equal(1)
        for (const landmark of ['banner', 'navigation', 'main', 'contentinfo'] as const) {
          expect(await page.getByRole(landmark).count(), `${place}: ${landmark}`).to.equal(1)
        }
        expect(await page.locator('img:not([alt])').count(), place).to.equal(0)
        for (const target of await page.locator('a, button').filter({ visible: true }).all()) {
          expect((await target.innerText()).trim(), place).to.not.equal('')
        }
        for (const field of await page.locator('input:not([type=hidden])').all()) {
          const id = await field.getAttribute('id')
          const labels = page.locator(`label[for="${id}"], label:has(input)`)
          expect(await labels.count(), `${place}: ${id} has a label`).to.be.at.least(1)
        }
        titles.set(place, await page.title())
      })
      const states = ['home', 'login', 'not linked', 'no such page', 'OneAccess is down', 'bind']
      const different = new Set(states.map((place) => titles.get(place)))
      expect(different.size, [...different].join()).to.equal(states.length)
    })
  }

  it('fit a phone’s screen with text twice as large', async () => {
    // the pages' Content-Security-Policy refuses added styles
    const options = { locale: 'zh-CN', bypassCSP: true, ...sized(375) }
    for (const place of ['logged in, with a long name', 'not linked', 'register', 'a wrong code']) {
      example.simulator.reset()
      const tab = await openTab(browser, options)
      await PAGES[place]?.(tab.page)
      await tab.page.addStyleTag({ content: 'html { font-size: 200% }' })
      expect(await tab.page.evaluate('document.documentElement.scrollWidth'), place).to.equal(375)
      expect(await overflowing(tab.page), place).to.deep.equal([])
      await tab.close()
    }
  })

  it('have enough contrast in light and dark mode', async () => {
    await forEachPage(sized(1280), async (page, place) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect(await faintTexts(page), `${place}, ${colorScheme}`).to.deep.equal([])
      }
    })
  })

  it('keep their URL when the language changes', async () => {
    const tab = await openTab(browser, { locale: 'en' })
    for (const path of ['/', '/login?failed=social_bind', '/nowhere?a=1']) {
      await tab.page.goto(example.url + path)
      await tab.page.getByRole('link', { name: '中文' }).click()
      await tab.page.locator('html[lang=zh-CN]').waitFor()
      expect(tab.page.url()).to.equal(example.url + path)
      await tab.page.getByRole('link', { name: 'English' }).click()
    }
    await tab.close()
  })

  it('have no animation with prefers-reduced-motion', async () => {
    const tab = await openTab(browser, { reducedMotion: 'reduce' })
    await logIn(tab.page)
    await tab.page.locator('#pass').evaluate('(one) => one.classList.add("renewed")')
    expect(await tab.page.evaluate('document.getAnimations().length')).to.equal(0)
    await tab.close()
  })

  it('print without buttons and without the demo bar', async () => {
    const tab = await openTab(browser)
    await logIn(tab.page)
    await tab.page.emulateMedia({ media: 'print' })
    expect(await tab.page.getByRole('button').count()).to.equal(0)
    expect(await tab.page.getByText('演示模式').isVisible()).to.equal(false)
    expect(await tab.page.getByRole('heading', { name: /王芳/ }).isVisible()).to.equal(true)
    await tab.close()
  })
})
