import { expect } from 'chai'
import sinon from 'sinon'
import type { Person } from '../../simulator/index.js'
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
import { openShop, outcomeOf, type Shop, type ShopOptions } from '../support/shop.js'

describe("flow 'challenge', first logins and second factors", () => {
  let shop: Shop
  const open = async (options: ShopOptions = {}) => {
    shop = await openShop(options)
  }
  afterEach(async () => {
    sinon.restore()
    await shop.close()
  })

  const find = (outcome: string, after?: string) => personWith(shop, outcome, after)
  const begin = (person: Person) => beginChallenge(shop, person)
  const sendCode = (browser: Browser, to: object, contact?: string) =>
    sendCodeIn(shop, browser, to, contact)
  const finish = (browser: Browser, form: Record<string, string>) =>
    finishChallenge(shop, browser, form)
  const withCode = (person: Person, mobile?: string) => challengeWithCode(shop, person, mobile)

  for (const status of ['SOCIAL_BIND', 'USER_REGISTER']) {
    it(`completes ${status} with a code sent by text message, like any login`, async () => {
      await open()
      const mobile = status === 'USER_REGISTER' ? freshMobile : find(status).mobile
      const { browser, code } = await withCode(find(status), mobile)
      const outcome = await finish(browser, { mobile: mobile ?? '', verify_code: code })
      expect(outcome.verb, JSON.stringify(outcome)).to.equal('success')
      expect((await browser.get(`${shop.url}/me`)).status).to.equal(200)
      expect((await browser.get(`${shop.url}/token`)).status).to.equal(200)
      expect((await browser.post(`${shop.url}/refresh`)).status).to.equal(200)
    })
  }

  it('completes SOCIAL_BIND with a code sent by email', async () => {
    await open()
    const person = find('SOCIAL_BIND')
    const { browser } = await begin(person)
    const email = person.email ?? ''
    expect((await sendCode(browser, { email }, email)).status).to.equal(200)
    const code = shop.simulator.lastCode(email) ?? ''
    expect((await finish(browser, { email, verify_code: code })).verb).to.equal('success')
  })

  it('completes MFA_AUTH with a code sent to the registered number, which the browser does not send', async () => {
    await open()
    const person = find('MFA_AUTH')
    const { browser } = await begin(person)
    expect((await sendCode(browser, {})).status).to.equal(200)
    const code = shop.simulator.lastCode(person.mobile ?? '') ?? ''
    expect((await finish(browser, { verify_code: code })).verb).to.equal('success')
  })

  it('continues with MFA_AUTH after SOCIAL_BIND', async () => {
    await open()
    const person = find('SOCIAL_BIND', 'MFA_AUTH')
    const { browser, code } = await withCode(person)
    const second = await finish(browser, { verify_code: code })
    expect([second.verb, second.info?.code]).to.deep.equal(['fail', 'mfa_auth'])
    shop.simulator.clock.advance(61_000) // codes are sent at most once a minute
    expect((await sendCode(browser, {})).status).to.equal(200)
    const next = shop.simulator.lastCode(person.mobile ?? '') ?? ''
    expect((await finish(browser, { verify_code: next })).verb).to.equal('success')
  })

  it("returns the app's state in info.state", async () => {
    await open({ authenticate: { state: { returnTo: '/cart' } } })
    const { browser, code } = await withCode(find('SOCIAL_BIND'))
    expect((await finish(browser, { verify_code: code })).info?.state).to.deep.equal({
      returnTo: '/cart',
    })
  })

  it('never sends the state token to the browser', async () => {
    await open()
    const seen: string[] = []
    let stateToken = ''
    shop.simulator.fault('login', {
      change: (answer) => {
        stateToken = (answer as { state_token: string }).state_token
        return answer
      },
    })
    const { browser, outcome } = await begin(find('SOCIAL_BIND'))
    seen.push(JSON.stringify(outcome))
    for (const path of ['/challenge', '/challenge/captcha', '/me']) {
      const page = await browser.get(shop.url + path)
      seen.push(page.text, JSON.stringify([...page.headers]))
    }
    expect(stateToken).to.have.length.above(8)
    expect(seen.join()).to.not.include(stateToken)
  })

  it('is open only in the browser that started it', async () => {
    await open()
    const { browser } = await begin(find('SOCIAL_BIND'))
    const page = await browser.get(`${shop.url}/challenge`)
    expect(page.json()).to.deep.include({ status: 'SOCIAL_BIND' })
    expect((await new Browser().get(`${shop.url}/challenge`)).json()).to.equal(null)
    expect(
      (await finish(new Browser(), { mobile: freshMobile, verify_code: '123456' })).info?.code,
    ).to.equal('challenge_missing')
  })

  it('stays open after a wrong code and accepts the right one', async () => {
    await open()
    const { browser, code } = await withCode(find('SOCIAL_BIND'))
    // with no-referrer, the browser would send this page's form with Origin: null, which is rejected
    const { headers } = await browser.post(`${shop.url}/challenge`, { verify_code: '12' })
    expect(headers.get('referrer-policy')).to.equal(null)
    expect(headers.get('cache-control')).to.equal('no-store')
    const { info } = await finish(browser, { verify_code: wrongCode(code) })
    expect(info).to.include({ code: 'verify_code_wrong', triesLeft: 4 })
    expect((await finish(browser, { verify_code: code })).verb).to.equal('success')
  })

  it('ends after 5 wrong codes, even when they arrive at once', async () => {
    await open()
    const { browser } = await withCode(find('SOCIAL_BIND'))
    const burst = Array.from({ length: 12 }, (_, n) =>
      finish(browser, { verify_code: `00000${n}`.slice(-6) }),
    )
    const codes = (await Promise.all(burst)).map((one) => one.info?.code)
    expect(codes.filter((one) => one === 'verify_code_wrong')).to.have.length(4)
    expect(codes.filter((one) => one === 'challenge_over')).to.have.length(8)
    expect(shop.simulator.count('social-bind')).to.equal(5)
    expect((await browser.get(`${shop.url}/challenge`)).json()).to.equal(null)
  })

  it('ends after 10 minutes', async () => {
    await open()
    const { browser, code } = await withCode(find('SOCIAL_BIND'))
    sinon.useFakeTimers({ now: Date.now() + 601_000, toFake: ['Date'] })
    expect((await finish(browser, { verify_code: code })).info?.code).to.equal('challenge_missing')
  })

  it('fails with challenge_missing when OneAccess has ended it', async () => {
    await open()
    const { browser, code } = await withCode(find('SOCIAL_BIND'))
    shop.simulator.fault('social-bind', { status: 400, body: { error_code: 'PARAM.0014' } })
    expect((await finish(browser, { verify_code: code })).info?.code).to.equal('challenge_missing')
  })

  it('uses up no try when OneAccess is busy', async () => {
    await open()
    const { browser, code } = await withCode(find('SOCIAL_BIND'))
    for (let n = 0; n < 7; n++) {
      shop.simulator.fault('social-bind', {
        status: 400,
        body: { error_code: 'IDAAS.SDK.COM.0002' },
      })
      expect((await finish(browser, { verify_code: code })).error?.code).to.equal('busy')
    }
    const last = await finish(browser, { verify_code: code })
    expect(last.verb, JSON.stringify(last)).to.equal('success')
  })

  it('sends the code of a form that is submitted twice to OneAccess once', async () => {
    await open()
    const { browser, code } = await withCode(find('SOCIAL_BIND'))
    const both = await Promise.all([1, 2].map(() => finish(browser, { verify_code: code })))
    expect(both.map((one) => one.verb)).to.deep.equal(['success', 'success'])
    expect(shop.simulator.count('social-bind')).to.equal(1)
  })

  it('ends when it succeeds; another code then fails with challenge_missing', async () => {
    await open()
    const { browser, code } = await withCode(find('SOCIAL_BIND'))
    await finish(browser, { verify_code: code })
    expect((await finish(browser, { verify_code: wrongCode(code) })).info?.code).to.equal(
      'challenge_missing',
    )
  })

  it('rejects a wrong puzzle solution with puzzle_refused and a publicMessage', async () => {
    await open()
    const { browser } = await begin(find('SOCIAL_BIND'))
    const { token } = (await browser.get(`${shop.url}/challenge/captcha`)).json() as {
      token: string
    }
    const x = (shop.simulator.captchaAnswer(token) ?? 0) + 40
    const page = await browser.postJson(`${shop.url}/challenge/solve`, {
      token,
      x,
      contact: freshMobile,
    })
    expect(page.status).to.equal(400)
    expect(page.json()).to.include({ code: 'puzzle_refused' })
    expect(page.json())
      .to.have.property('publicMessage')
      .that.matches(/puzzle/)
  })

  it('rejects a second code request that comes too early with code_not_sent', async () => {
    await open()
    const { browser, mobile } = await withCode(find('SOCIAL_BIND'))
    const page = await sendCode(browser, { mobile }, mobile)
    expect([page.status, page.json()]).to.deep.include(400)
    expect(page.json()).to.include({ code: 'code_not_sent' })
  })

  it('rejects an expired code and accepts a new one', async () => {
    await open()
    const { browser, code, mobile } = await withCode(find('SOCIAL_BIND'))
    shop.simulator.clock.advance(301_000)
    expect((await finish(browser, { verify_code: code })).info?.code).to.equal('verify_code_wrong')
    await sendCode(browser, { mobile }, mobile)
    const next = shop.simulator.lastCode(mobile) ?? ''
    expect((await finish(browser, { verify_code: next })).verb).to.equal('success')
  })

  const malformed: [form: Record<string, string>, code: string][] = [
    [{ mobile: freshMobile }, 'verify_code_malformed'],
    [{ mobile: freshMobile, verify_code: '12' }, 'verify_code_malformed'],
    [{ mobile: freshMobile, verify_code: "1' or 1=1" }, 'verify_code_malformed'],
    [{ mobile: 'call me', verify_code: '123456' }, 'contact_malformed'],
    [{ email: 'nobody@', verify_code: '123456' }, 'contact_malformed'],
    [{ email: 'a@b.example', mobile: freshMobile, verify_code: '123456' }, 'contact_malformed'],
    [{ verify_code: '123456' }, 'contact_malformed'],
  ]
  for (const [form, code] of malformed) {
    it(`fails with ${code} on ${JSON.stringify(form)} without a call to OneAccess`, async () => {
      await open()
      const { browser } = await begin(find('SOCIAL_BIND'))
      const outcome = await finish(browser, form)
      expect([outcome.status, outcome.info?.code]).to.deep.equal([400, code])
      expect(shop.simulator.count('social-bind')).to.equal(0)
    })
  }

  it('rejects a cross-site form', async () => {
    await open()
    const { browser, code } = await withCode(find('SOCIAL_BIND'))
    browser.headers['sec-fetch-site'] = 'cross-site'
    expect((await finish(browser, { verify_code: code })).info?.code).to.equal('challenge_missing')
    expect(shop.simulator.count('social-bind')).to.equal(0)
  })

  it('accepts JSON from a native app', async () => {
    await open()
    const person = find('SOCIAL_BIND')
    const app = new Browser()
    const auth_code = shop.simulator.issueCode(person.id)
    const outcome = outcomeOf(await app.postJson(`${shop.url}/app`, { auth_code }))
    expect(outcome.info?.challenge).to.have.property('status', 'SOCIAL_BIND')
    const mobile = person.mobile ?? ''
    await sendCode(app, { mobile }, mobile)
    const verify_code = shop.simulator.lastCode(mobile)
    const done = outcomeOf(await app.postJson(`${shop.url}/challenge`, { verify_code }))
    expect(done.verb).to.equal('success')
  })

  it('binds an existing user on USER_REGISTER, instead of registering a new one', async () => {
    await open()
    const { browser } = await begin(find('USER_REGISTER'))
    const mobile = shop.simulator.people[0]?.mobile ?? ''
    expect((await sendCode(browser, { mobile, action: 'bind' }, mobile)).status).to.equal(200)
    const code = shop.simulator.lastCode(mobile) ?? ''
    expect((await finish(browser, { verify_code: code })).verb).to.equal('success')
    expect(shop.simulator.count('social-bind')).to.equal(1)
    expect(shop.simulator.count('register-bind')).to.equal(0)
  })
})
