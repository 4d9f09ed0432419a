import { expect } from 'chai'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { faintTexts, launchChromium, openTab, type Tab } from '../support/chromium.js'
import { type Example, openExample, personWith } from '../support/example.js'

const PHONE = { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true }
const MOBILE = '15200000003'

describe('a challenge of the example in a browser', function () {
  this.timeout(60_000)
  let browser: Browser
  let example: Example
  let tab: Tab
  before(async () => {
    browser = await launchChromium()
    example = await openExample()
  })
  beforeEach(() => example.simulator.reset())
  afterEach(() => tab.close())
  after(async () => {
    await browser.close()
    await example.close()
  })

  /** Logs in until the challenge page opens. */
  const begin = async (outcome: string, options: BrowserContextOptions = {}, nth = 0) => {
    const { id } = personWith(example.simulator, outcome, nth)
    tab = await openTab(browser, options)
    await tab.page.goto(`${example.url}/auth/alipay`)
    await tab.page.locator(`input[value="${id}"]`).check()
    await tab.page.locator('button[value=agree]').click()
    await tab.page.waitForURL(`${example.url}/challenge`)
    return tab.page
  }
  const answerOf = async (page: Page) =>
    example.simulator.captchaAnswer(await page.locator('[name=token]').inputValue()) ?? Number.NaN
  const solve = async (page: Page) => page.locator('#x').fill(String(await answerOf(page)))
  const solveByKeys = async (page: Page) => {
    const x = await answerOf(page)
    await page.getByRole('slider').focus()
    for (let step = 0; step < x; step++) await page.keyboard.press('ArrowRight')
  }
  const typeCode = async (page: Page, to: string, label = 'Code') => {
    const field = page.getByRole('textbox', { name: label, exact: true })
    await field.waitFor()
    await field.fill(example.simulator.lastCode(to) ?? '')
    await page.keyboard.press('Enter')
  }
  /** Without Chromium's console messages about the status of a refused form. */
  const complaints = () => tab.complaints.filter((one) => !/status of 4(00|01|09)/.test(one))
  const expectGoodLayout = async (page: Page) => {
    await page.waitForLoadState() // the stylesheet may still be loading
    expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(375)
    expect(await faintTexts(page)).to.deep.equal([])
    expect(await page.getByRole('heading', { level: 1 }).count()).to.equal(1)
    const targets = 'button, .option, .field input, .quiet, .solid'
    for (const target of await page.locator(targets).filter({ visible: true }).all()) {
      const inside = await target.evaluate(
        '(one) => one.closest(".option") !== null && one.matches("input")',
      )
      const box = await target.boundingBox()
      if (!inside && (await target.getAttribute('type')) !== 'checkbox')
        expect(box?.height, await target.innerText()).to.be.at.least(44)
    }
  }

  for (const [locale, colorScheme, names] of [
    ['zh-CN', 'light', { mobile: '手机号', send: '发送验证码', code: '验证码' }],
    ['en', 'dark', { mobile: 'Mobile number', send: 'Send the code', code: 'Code' }],
  ] as const) {
    it(`can be completed with the keyboard on a phone’s screen: ${locale}, ${colorScheme}`, async () => {
      const page = await begin('SOCIAL_BIND', { ...PHONE, locale, colorScheme })
      await expectGoodLayout(page)
      await page.getByRole('textbox', { name: names.mobile }).focus()
      await page.keyboard.press('Enter')
      await page.getByRole('alert').filter({ visible: true }).first().waitFor()
      await expectGoodLayout(page)
      expect(await page.evaluate('document.activeElement.id')).to.equal('mobile')
      expect(example.simulator.count('captcha-verify')).to.equal(0)
      await page.keyboard.type(MOBILE)
      await solveByKeys(page)
      await page.getByRole('button', { name: names.send }).press('Enter')
      const code = page.getByRole('textbox', { name: names.code })
      await code.waitFor()
      await expectGoodLayout(page)
      expect(await page.evaluate('document.activeElement.id')).to.equal('code')
      await page.keyboard.type(
        example.simulator.lastCode(MOBILE) === '000000' ? '111111' : '000000',
      )
      await page.keyboard.press('Enter')
      await page.locator('#code[aria-invalid]').waitFor()
      await expectGoodLayout(page)
      await typeCode(page, MOBILE, names.code)
      await page.getByRole('heading', { level: 1, name: /张敏/ }).waitFor()
      expect(complaints()).to.deep.equal([])
    })
  }

  it('accepts a puzzle whose piece was dragged with the mouse', async () => {
    const page = await begin('SOCIAL_BIND', { locale: 'en' })
    await page.getByRole('textbox', { name: 'Mobile number' }).fill(MOBILE)
    await page.locator('#piece').scrollIntoViewIfNeeded()
    const picture = await page.locator('.picture').boundingBox()
    if (!picture) throw new Error('no picture')
    const scale = picture.width / 310
    const grip = { x: picture.x + 25 * scale, y: picture.y + picture.height / 2 }
    await page.mouse.move(grip.x, grip.y)
    await page.mouse.down()
    await page.mouse.move(grip.x + (await answerOf(page)) * scale, grip.y, { steps: 12 })
    await page.mouse.up()
    const piece = await page.locator('#piece').boundingBox()
    const left = ((piece?.x ?? 0) - picture.x) / scale
    expect(left, 'the piece is in the gap').to.be.closeTo(await answerOf(page), 2)
    await page.getByRole('button', { name: 'Send the code' }).click()
    await typeCode(page, MOBILE)
    await page.getByRole('heading', { level: 1, name: /张敏/ }).waitFor()
    expect(complaints()).to.deep.equal([])
  })

  it('accepts a puzzle whose piece was dragged by touch', async () => {
    const page = await begin('MFA_AUTH', { ...PHONE, locale: 'en' })
    await page.locator('.rail').scrollIntoViewIfNeeded()
    const rail = await page.locator('.rail').boundingBox()
    if (!rail) throw new Error('no rail')
    const scale = rail.width / 310
    const y = rail.y + rail.height / 2
    const finger = await page.context().newCDPSession(page)
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x?: number) =>
      finger.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: x === undefined ? [] : [{ x, y }],
      })
    const from = rail.x + 25 * scale
    const distance = (await answerOf(page)) * scale
    await touch('touchStart', from)
    for (let n = 1; n <= 10; n++) await touch('touchMove', from + (distance * n) / 10)
    await touch('touchEnd')
    expect(Number(await page.locator('#x').inputValue())).to.be.closeTo(await answerOf(page), 2)
    await page.getByRole('button', { name: 'Send the code' }).tap()
    await typeCode(page, '15200000005')
    await page.getByRole('heading', { level: 1, name: /陈静/ }).waitFor()
  })

  it('asks a new customer on a phone for consent', async () => {
    const page = await begin('USER_REGISTER', { ...PHONE, locale: 'zh-CN' })
    await page.getByText('处理哪些信息').tap()
    await expectGoodLayout(page)
    const box = await page.locator('.consent label').boundingBox()
    expect(box?.height).to.be.at.least(44)
    await page.getByRole('textbox', { name: '手机号' }).fill('13900001111')
    await solve(page)
    await page.getByRole('button', { name: '发送验证码' }).tap()
    await page.getByRole('alert').filter({ hasText: '勾选同意' }).waitFor()
    await expectGoodLayout(page)
  })

  it('registers a new customer by email, only with consent', async () => {
    const page = await begin('USER_REGISTER', { locale: 'en' })
    expect(await page.getByRole('radio', { name: /New customer/ }).isChecked()).to.equal(true)
    await page.getByRole('radio', { name: 'Email' }).check()
    expect(await page.getByRole('textbox', { name: 'Mobile number' }).count()).to.equal(0)
    await page.getByRole('textbox', { name: 'Email address' }).fill('new@example.org')
    await solve(page)
    const consent = page.getByRole('checkbox', { name: /^I agree/ })
    expect(await consent.isChecked(), 'consent is not preselected').to.equal(false)
    await page.getByRole('button', { name: 'Send the code' }).click()
    expect(await page.evaluate('document.activeElement.id')).to.equal('consent')
    expect(example.simulator.count('captcha-verify')).to.equal(0)
    await page.getByRole('radio', { name: /Returning customer/ }).check()
    expect(await consent.count(), 'no consent needed to link an account').to.equal(0)
    await page.getByRole('radio', { name: /New customer/ }).check()
    await consent.check()
    await page.getByRole('button', { name: 'Send the code' }).click()
    await page.getByRole('button', { name: 'Open my account' }).waitFor()
    await typeCode(page, 'new@example.org')
    await page.getByRole('heading', { level: 1, name: /刘洋/ }).waitFor()
    await page.goBack()
    await page.waitForURL(`${example.url}/`)
    expect(complaints()).to.deep.equal([])
  })

  it('continues with the second factor after linking', async () => {
    const page = await begin('SOCIAL_BIND', { locale: 'zh-CN' }, 1)
    await page.getByRole('textbox', { name: '手机号' }).fill(MOBILE)
    await solve(page)
    await page.getByRole('button', { name: '发送验证码' }).click()
    await typeCode(page, MOBILE, '验证码')
    await page.getByRole('heading', { name: '请确认是你本人' }).waitFor()
    const main = page.getByRole('main')
    expect(await main.innerText()).to.contain('账号已绑定')
    expect(await page.getByRole('slider').count()).to.equal(0)
    expect(await page.getByRole('timer').innerText()).to.match(/^\d+ 秒后可重新发送$/)
    await main.getByRole('link', { name: '继续' }).waitFor({ state: 'hidden' })
  })

  it('counts down to the next code, and says when the challenge has expired', async () => {
    const page = await begin('SOCIAL_BIND', { locale: 'en' })
    await page.getByRole('textbox', { name: 'Mobile number' }).fill(MOBILE)
    await solve(page)
    await page.clock.install()
    await page.getByRole('button', { name: 'Send the code' }).click()
    await page
      .getByRole('timer')
      .filter({ hasText: /in (60|59) s/ })
      .waitFor()
    const again = page.getByRole('link', { name: 'Send it again' })
    expect(await again.isVisible()).to.equal(false)
    await page.clock.fastForward(30_000)
    await page
      .getByRole('timer')
      .filter({ hasText: /in (30|29) s/ })
      .waitFor()
    await page.clock.fastForward(31_000)
    await again.waitFor()
    expect(await page.getByRole('timer').count(), 'the countdown is gone').to.equal(0)
    expect(await page.getByRole('status').innerText()).to.equal('You can ask for another one now.')
    await page.clock.fastForward(540_000)
    await page.getByRole('alert').filter({ hasText: 'Time is up' }).waitFor()
    expect(await page.getByRole('textbox').count()).to.equal(0)
  })

  it('submits a form once on a double click', async () => {
    const page = await begin('SOCIAL_BIND', { locale: 'en' })
    await page.getByRole('textbox', { name: 'Mobile number' }).fill(MOBILE)
    await solve(page)
    await page.getByRole('button', { name: 'Send the code' }).dblclick()
    await page.getByRole('textbox', { name: 'Code' }).waitFor()
    expect(example.simulator.count('captcha-verify')).to.equal(1)
  })

  it('has accessible names, descriptions and errors for its fields', async () => {
    const page = await begin('USER_REGISTER', { locale: 'en' })
    for (const name of ['Are you new here?', 'Verify by']) {
      expect(await page.getByRole('group', { name }).count()).to.equal(1)
    }
    const slider = page.getByRole('slider', { name: 'Slide the piece into the gap' })
    expect(await slider.getAttribute('aria-describedby')).to.contain('puzzle-help')
    expect(await page.locator('#puzzle-help').innerText()).to.contain('Contact the shop')
    await page.getByRole('textbox', { name: 'Mobile number' }).fill(MOBILE)
    await page.locator('#x').fill('7')
    await page.getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Send the code' }).click()
    await page.waitForURL(`${example.url}/challenge/code`)
    expect(await page.title()).to.match(/^There is a problem: /)
    expect(await page.evaluate('document.activeElement.id')).to.equal('x')
    expect(await slider.getAttribute('aria-invalid')).to.equal('true')
    expect(
      await page
        .getByRole('alert')
        .filter({ hasText: /not in the gap/ })
        .count(),
    ).to.equal(1)
  })

  it('can be completed without JavaScript', async () => {
    const page = await begin('SOCIAL_BIND', { locale: 'en', javaScriptEnabled: false })
    expect(await page.getByRole('main').innerText()).to.contain('Without scripts')
    await page.getByRole('textbox', { name: 'Mobile number' }).fill(MOBILE)
    await solveByKeys(page)
    await page.getByRole('button', { name: 'Send the code' }).click()
    await page.getByRole('link', { name: 'Send it again' }).waitFor()
    await typeCode(page, MOBILE)
    await page.getByRole('heading', { level: 1, name: /张敏/ }).waitFor()
  })
})
