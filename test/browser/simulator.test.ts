import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { login, personWith, send, sessionToken } from '../simulator/support.js'
import {
  faintTexts,
  launchChromium,
  lostMarks,
  openTab,
  smallTargets,
} from '../support/chromium.js'

describe('the simulator’s pages in a browser', function () {
  this.timeout(60_000)
  let browser: Browser
  let simulator: Simulator

  before(async () => {
    browser = await launchChromium()
  })
  after(() => browser.close())
  beforeEach(async () => {
    simulator = await startSimulator()
  })
  afterEach(() => simulator.close())

  const consent = () => {
    const query = new URLSearchParams({
      app_id: simulator.alipayAppID,
      scope: 'auth_user',
      redirect_uri: `${simulator.url}/callback`,
      state: 'abc123',
    })
    return `${simulator.authorizationURL}?${query}`
  }

  it('can be used with the keyboard to choose a user and agree', async () => {
    const { page, close } = await openTab(browser)
    await page.goto(consent())
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForURL(({ pathname }) => pathname === '/callback')
    const code = new URL(page.url()).searchParams.get('auth_code')
    await close()
    const answer = await send(simulator, '/api/v3/sdk/login/alipay', {
      headers: {
        'content-type': 'application/json',
        'x-client-id': simulator.clientID,
        'x-operating-sys-version': 'a',
        'x-device-fingerprint': 'b',
        'x-agent': 'c',
      },
      body: { code },
    })
    expect(answer.body.status).to.equal('SUCCESS')
    expect(simulator.sessions()[0]?.personID).to.equal(simulator.people[1]?.id)
  })

  it('show a call as it happens, with its details', async () => {
    const { page, complaints, close } = await openTab(browser, { locale: 'en' })
    await page.goto(simulator.url)
    await page.getByText('No calls yet').waitFor()
    await login(simulator, { person: personWith(simulator, 'SOCIAL_BIND') })
    await page.getByText('log in with the code').click()
    await page.getByText('156aysdna213sc50').waitFor()
    expect(await page.locator('#call-1 .back').innerText()).to.include('200 SOCIAL_BIND')
    expect(complaints).to.deep.equal([])
    await close()
  })

  it('change settings, advance the clock, add a fault and end a session', async () => {
    await sessionToken(simulator)
    const { page, complaints, close } = await openTab(browser, { locale: 'en' })
    await page.goto(simulator.url)
    await page.getByLabel('session token rotation').selectOption('always')
    await page.getByLabel('id_token lifetime, seconds').fill('60')
    await page.getByLabel('id_token at login').uncheck()
    await page.getByRole('button', { name: '+1 h' }).click()
    await page.getByText('(+01:00:00)').waitFor()
    await page.getByLabel('fault', { exact: true }).selectOption('error')
    await page.getByRole('button', { name: 'Add' }).click()
    await page.locator('#faults', { hasText: 'status: 500' }).waitFor()
    await page.getByRole('button', { name: 'End', exact: true }).click()
    await page.getByText('ended: administrator').waitFor()
    const { rotation, idTokenLife, idTokenAtLogin } = simulator.settings
    expect([rotation, idTokenLife, idTokenAtLogin]).to.deep.equal(['always', 60, false])
    expect((await login(simulator)).status).to.equal(500)
    expect(complaints).to.deep.equal([])
    await close()
  })

  it('update when a test changes settings, sessions or resets', async () => {
    const { page, close } = await openTab(browser, { locale: 'en' })
    await page.goto(simulator.url)
    simulator.settings.rotation = 'grace'
    await page.locator('[data-setting=rotation]:has(option:checked[value=grace])').waitFor()
    await sessionToken(simulator)
    await page.locator('#sessions time').waitFor()
    simulator.reset()
    await page.getByText('Nobody is logged in').waitFor()
    expect(await page.locator('#calls li').count()).to.equal(0)
    await close()
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`fit a phone’s screen and have enough contrast and large touch targets: ${colorScheme}`, async () => {
      await sessionToken(simulator)
      const viewport = { width: 360, height: 740 }
      const { page, close } = await openTab(browser, { viewport, colorScheme })
      for (const address of [consent(), simulator.url]) {
        await page.goto(address)
        await page.evaluate(
          "document.querySelectorAll('aside > details').forEach((one) => { one.open = true })",
        )
        expect(await page.evaluate('document.documentElement.scrollWidth'), address).to.equal(360)
        expect(await faintTexts(page), address).to.deep.equal([])
        expect(await smallTargets(page), address).to.deep.equal([])
        expect(await lostMarks(page), address).to.deep.equal([])
      }
      await close()
    })
  }

  it('keep the language that a user chooses', async () => {
    const { page, close } = await openTab(browser, { locale: 'zh-CN' })
    await page.goto(simulator.url)
    await page.getByText('谁都可以用任何身份登录').waitFor()
    await page.getByRole('button', { name: 'English' }).click()
    await page.reload()
    await page.getByText('anyone can log in as anyone').waitFor()
    expect(await page.getByText('谁都可以用任何身份登录').isVisible()).to.equal(false)
    await close()
  })
})
