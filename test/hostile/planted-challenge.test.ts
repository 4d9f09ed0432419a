import { expect } from 'chai'
import type { RequestHandler } from 'express'
import { MemoryStore } from 'express-session'
import { MemoryTokenStore } from '../../lib/index.js'
import { Browser } from '../support/browser.js'
import {
  beginChallenge,
  challengeWithCode,
  finishChallenge,
  freshMobile,
  personWith,
  sendCodeIn,
  wrongCode,
} from '../support/first-login.js'
import { goToAlipay, logIn, openShop, outcomeOf, type Shop } from '../support/shop.js'

/** `/fill` stores the values of an app and of CSRF middleware; `/session` shows what is there. */
const APP_VALUES: RequestHandler = (req, res, next) => {
  const session = req.session as unknown as Record<string, unknown>
  if (req.path === '/fill') Object.assign(session, { cart: ['tea'], ...SECRETS })
  if (req.path !== '/fill' && req.path !== '/session') next()
  else res.json({ id: req.sessionID, names: Object.keys(session), cart: session.cart })
}
const SECRETS = {
  csrfSecret: 'csurf',
  csrfToken: 'csrf-sync',
  _csrf: 'lusca',
  _csrfSecret: 'lusca',
  secret: 'koa-csrf',
  xsrfToken: 'an app of its own',
}

describe('an attacker who plants a session cookie before a challenge', () => {
  let shop: Shop
  let store: MemoryStore
  beforeEach(async () => {
    store = new MemoryStore()
    shop = await openShop({ store, behind: APP_VALUES })
  })
  afterEach(() => shop.close())

  const sessionOf = async (browser: Browser, path = '/session') =>
    (await browser.get(shop.url + path)).json() as { id: string; names: string[]; cart?: string[] }
  const challengeIn = async (browser: Browser) =>
    (await browser.get(`${shop.url}/challenge`)).json()
  const plant = async () => {
    const attacker = new Browser()
    await sessionOf(attacker, '/fill')
    await attacker.get(`${shop.url}/login`)
    return attacker
  }

  for (const status of ['SOCIAL_BIND', 'USER_REGISTER', 'MFA_AUTH']) {
    it(`cannot see or finish the challenge ${status}`, async () => {
      const attacker = await plant()
      const victim = attacker.clone()
      const before = await sessionOf(attacker)
      await beginChallenge(shop, personWith(shop, status), victim)
      expect(await challengeIn(victim)).to.include({ status })
      expect((await sessionOf(victim)).id).to.not.equal(before.id)
      expect(await challengeIn(attacker)).to.equal(null)
      const form = { mobile: freshMobile, verify_code: '123456' }
      const outcome = await finishChallenge(shop, attacker, form)
      expect(outcome.info?.code).to.equal('challenge_missing')
    })
  }

  it('cannot see the challenge of a native app', async () => {
    const attacker = await plant()
    const victim = attacker.clone()
    const auth_code = shop.simulator.issueCode(personWith(shop, 'SOCIAL_BIND').id)
    await victim.postJson(`${shop.url}/app`, { auth_code })
    expect(await challengeIn(victim)).to.include({ status: 'SOCIAL_BIND' })
    expect(await challengeIn(attacker)).to.equal(null)
  })

  it('does not learn the CSRF secret of the new session, which keeps the app’s cart', async () => {
    const victim = (await plant()).clone()
    await beginChallenge(shop, personWith(shop, 'SOCIAL_BIND'), victim)
    const { names, cart } = await sessionOf(victim)
    expect(cart).to.deep.equal(['tea'])
    expect(names.filter((name) => name in SECRETS)).to.deep.equal([])
  })

  it('finds no earlier login in the session: a challenge ends it', async () => {
    const { browser } = await logIn(shop)
    await beginChallenge(shop, personWith(shop, 'SOCIAL_BIND'), browser)
    expect((await browser.get(`${shop.url}/me`)).status).to.equal(401)
    expect((await sessionOf(browser)).names).to.not.include('passport')
    expect(JSON.stringify(store)).to.match(/reason[\\":]+login/)
  })

  it('does not prevent a double click, whose two responses lead to one challenge', async () => {
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser, personWith(shop, 'SOCIAL_BIND'))
    const copies = [browser.clone(), browser.clone()]
    const pages = await Promise.all(copies.map((copy) => copy.get(callback)))
    expect(pages.map((page) => outcomeOf(page).info?.code)).to.deep.equal(
      Array(2).fill('social_bind'),
    )
    expect(shop.simulator.count('login')).to.equal(1)
    const [one, other] = await Promise.all(copies.map(challengeIn))
    expect(one).to.include({ status: 'SOCIAL_BIND' })
    expect(other).to.deep.equal(one)
  })

  it('cannot see a second factor that follows a bind, as it opens in a new session', async () => {
    const { browser, code } = await challengeWithCode(
      shop,
      personWith(shop, 'SOCIAL_BIND', 'MFA_AUTH'),
    )
    const before = browser.clone()
    const { info } = await finishChallenge(shop, browser, { verify_code: code })
    expect(info?.code).to.equal('mfa_auth')
    expect(await challengeIn(browser)).to.include({ status: 'MFA_AUTH' })
    expect(await challengeIn(before)).to.equal(null)
  })

  it("cannot have a second factor's code sent to, or checked for, another number", async () => {
    const person = personWith(shop, 'MFA_AUTH')
    const { browser } = await beginChallenge(shop, person)
    const page = await sendCodeIn(shop, browser, { mobile: freshMobile }, freshMobile)
    expect(page.status).to.equal(200)
    expect(shop.simulator.lastCode(freshMobile)).to.equal(undefined)
    const code = shop.simulator.lastCode(person.mobile ?? '') ?? ''
    const form = { mobile: freshMobile, verify_code: code }
    expect((await finishChallenge(shop, browser, form)).verb).to.equal('success')
    const call = shop.simulator.calls.findLast(({ endpoint }) => endpoint === 'mfa-sms')
    expect(JSON.stringify(call)).to.not.include(freshMobile)
  })
})

describe('an attacker who guesses codes for one number in many challenges', () => {
  const tokenStore = () => new MemoryTokenStore()

  it('has 10 guesses per hour across sessions, processes and spellings of the number', async () => {
    const shared = tokenStore()
    const oneTenant = {
      strategy: { tokenStore: shared },
      simulator: { clientID: 'shop', clientSecret: 'the-secret-of-both-processes' },
    }
    const shops = [await openShop(oneTenant), await openShop(oneTenant)]
    const spellings = [freshMobile, `+86-${freshMobile}`, `+86${freshMobile}`, '139 0000-1111']
    const codes: (string | undefined)[] = []
    let last: Awaited<ReturnType<typeof finishChallenge>> | undefined
    for (let n = 0; n < 14; n++) {
      const shop = shops[n % 2] as Shop
      const { browser } = await beginChallenge(shop, personWith(shop, 'SOCIAL_BIND'))
      const form = { mobile: spellings[n % 4] ?? '', verify_code: `12345${n}`.slice(-6) }
      last = await finishChallenge(shop, browser, form)
      codes.push(last.info?.code)
    }
    expect(codes.filter((code) => code === 'verify_code_wrong')).to.have.length(10)
    expect(codes.slice(10)).to.deep.equal(Array(4).fill('contact_blocked'))
    expect([last?.status, last?.info?.retryAfter]).to.satisfy(
      ([status, wait]: number[]) => status === 429 && wait && wait > 3_500 && wait <= 3_600,
    )
    const checked = shops.map((shop) => shop.simulator.count('social-bind'))
    expect(checked).to.deep.equal([5, 5])
    await Promise.all(shops.map((shop) => shop.close()))
  })

  it('has 10 guesses per hour across ten concurrent challenges', async () => {
    const shop = await openShop({ strategy: { tokenStore: tokenStore() } })
    const browsers = await Promise.all(
      Array.from({ length: 10 }, () => beginChallenge(shop, personWith(shop, 'SOCIAL_BIND'))),
    )
    const guesses = browsers.flatMap(({ browser }, n) =>
      [1, 2, 3].map((m) =>
        finishChallenge(shop, browser, { mobile: freshMobile, verify_code: `00${n}0${m}` }),
      ),
    )
    const codes = (await Promise.all(guesses)).map(({ info }) => info?.code)
    expect(codes.filter((code) => code === 'verify_code_wrong')).to.have.length(10)
    expect(shop.simulator.count('social-bind')).to.equal(10)
    await shop.close()
  })

  it('does not lock the user out with codes that are right or that OneAccess did not check', async () => {
    const shop = await openShop({ strategy: { tokenStore: tokenStore() } })
    const person = personWith(shop, 'MFA_AUTH')
    for (let n = 0; n < 12; n++) {
      const { browser, code } = await challengeWithCode(shop, person)
      shop.simulator.fault('mfa-sms', { status: 400, body: { error_code: 'IDAAS.SDK.COM.0002' } })
      expect((await finishChallenge(shop, browser, { verify_code: code })).error?.code).to.equal(
        'busy',
      )
      expect((await finishChallenge(shop, browser, { verify_code: code })).verb).to.equal('success')
      shop.simulator.clock.advance(61_000)
    }
    const { browser, code } = await challengeWithCode(shop, person)
    const { info } = await finishChallenge(shop, browser, { verify_code: wrongCode(code) })
    expect(info?.code).to.equal('verify_code_wrong')
    await shop.close()
  })
})
