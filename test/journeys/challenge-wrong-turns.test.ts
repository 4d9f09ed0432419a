import { expect } from 'chai'
import sinon from 'sinon'
import type { Fault } from '../../simulator/index.js'
import { Browser } from '../support/browser.js'
import {
  beginChallenge,
  codesFor,
  hidden,
  problemOn,
  requestCode,
  submitCode,
} from '../support/challenge.js'
import {
  decideAtAlipay,
  type Example,
  logIn,
  openExample,
  personWith,
  whoIs,
} from '../support/example.js'

const MOBILE = '15200000003'
const BUSY: Fault = { status: 400, body: { error_code: 'IDAAS.SDK.COM.0002' } }

describe('errors and detours in a challenge of the example', () => {
  let example: Example
  before(async () => {
    example = await openExample()
  })
  beforeEach(() => example.simulator.reset())
  afterEach(() => sinon.restore())
  after(() => example.close())

  const begin = (browser?: Browser) => {
    const person = personWith(example.simulator, 'SOCIAL_BIND')
    return beginChallenge(example, person, browser ? { browser } : {})
  }
  const beginAndRequestCode = async () => {
    const browser = await begin()
    await requestCode(example, browser, { mobile: MOBILE })
    return { browser, ...codesFor(example, MOBILE) }
  }
  const advance = (ms: number) => sinon.useFakeTimers({ now: Date.now() + ms, toFake: ['Date'] })
  const missing = () => `${example.url}/login?failed=challenge_missing`

  it('shows a new puzzle after a wrong answer, and keeps the typed number', async () => {
    const browser = await begin()
    const before = hidden(await browser.get(`${example.url}/challenge`), 'token')
    const x = String((example.simulator.captchaAnswer(before) ?? 0) - 40)
    const page = await requestCode(example, browser, { mobile: MOBILE, token: before, x })
    expect(page.status).to.equal(400)
    expect(problemOn(page)).to.match(/not in the gap/)
    expect(hidden(page, 'token')).to.not.equal(before)
    expect(page.text).to.contain(`name="mobile" value="${MOBILE}"`)
    expect(example.simulator.lastCode(MOBILE)).to.equal(undefined)
  })

  it('shows a new puzzle on request, and keeps the typed number', async () => {
    const browser = await begin()
    const page = await requestCode(example, browser, { mobile: MOBILE, refresh: 'yes' })
    expect([page.status, problemOn(page)]).to.deep.equal([200, undefined])
    expect(page.text).to.contain(`value="${MOBILE}"`)
    expect(example.simulator.count('captcha-verify')).to.equal(0)
  })

  const contacts: [fields: Record<string, string>, said: RegExp][] = [
    [{}, /mobile number/],
    [{ mobile: 'call me' }, /mobile number/],
    [{ mobile: '12345' }, /mobile number/],
    [{ mobile: '1'.repeat(600) }, /mobile number/],
    [{ way: 'email', mobile: MOBILE }, /email address/],
    [{ way: 'email', email: 'nobody@' }, /email address/],
    [{ way: 'email', email: '<b>@x' }, /email address/],
    [{ way: 'pigeon', mobile: '12' }, /mobile number/],
  ]
  for (const [fields, said] of contacts) {
    it(`refuses ${JSON.stringify(fields).slice(0, 50)} without a call to OneAccess`, async () => {
      const browser = await begin()
      const page = await requestCode(example, browser, fields)
      expect(page.status).to.equal(400)
      expect(problemOn(page)).to.match(said)
      expect(page.text).to.match(/aria-invalid="true" autofocus/)
      expect(example.simulator.count('captcha-verify')).to.equal(0)
    })
  }

  it('shows an error for a malformed code, and for a wrong one also the tries left', async () => {
    const { browser, wrong, right } = await beginAndRequestCode()
    for (const typed of ['', '12', "1' or 1=1", '１２']) {
      const page = await submitCode(example, browser, typed)
      expect([page.status, problemOn(page)]).to.deep.equal([
        400,
        'Please enter the code that you received. It is a few digits long.',
      ])
    }
    expect(example.simulator.count('social-bind')).to.equal(0)
    const page = await submitCode(example, browser, wrong)
    expect([page.status, problemOn(page)]).to.deep.equal([
      401,
      'The code is wrong or has expired. Tries left: 4.',
    ])
    expect(page.text).to.contain('Perhaps no account has this number or email')
    expect((await submitCode(example, browser, right)).location).to.equal(`${example.url}/`)
  })

  it('ends after five wrong codes and then refuses the right one', async () => {
    const { browser, wrong, right } = await beginAndRequestCode()
    const challenge = hidden(await browser.get(`${example.url}/challenge`), 'challenge')
    for (const left of [4, 3, 2, 1]) {
      const page = await submitCode(example, browser, wrong)
      expect(problemOn(page)).to.contain(`Tries left: ${left}`)
    }
    const last = await submitCode(example, browser, wrong)
    expect(last.location).to.equal(`${example.url}/login?failed=challenge_over`)
    expect((await browser.get(last.location)).text).to.contain('Too many wrong codes')
    const after = await browser.post(`${example.url}/challenge`, { challenge, verify_code: right })
    expect(after.location).to.equal(missing())
    expect(await whoIs(example, browser)).to.equal(undefined)
  })

  it('ends after ten minutes', async () => {
    const { browser } = await beginAndRequestCode()
    advance(599_000)
    expect((await browser.get(`${example.url}/challenge`)).status).to.equal(200)
    sinon.restore()
    advance(601_000)
    const { location } = await browser.get(`${example.url}/challenge`)
    expect(location).to.equal(missing())
    expect((await browser.get(location)).text).to.contain('This step is over')
  })

  it('ends when OneAccess answers that it has ended', async () => {
    const { browser, right } = await beginAndRequestCode()
    example.simulator.fault('social-bind', { status: 400, body: { error_code: 'PARAM.0014' } })
    expect((await submitCode(example, browser, right)).location).to.equal(missing())
  })

  it('redirects home from the back button once it is completed', async () => {
    const { browser, right } = await beginAndRequestCode()
    const challenge = hidden(await browser.get(`${example.url}/challenge`), 'challenge')
    await submitCode(example, browser, right)
    const form = { challenge, verify_code: '123456' }
    for (const page of [
      await browser.get(`${example.url}/challenge`),
      await browser.post(`${example.url}/challenge`, form),
      await browser.post(`${example.url}/challenge/code`, form),
    ]) {
      expect(page.location).to.equal(`${example.url}/`)
    }
    expect((await whoIs(example, browser))?.user.name).to.equal('张敏')
  })

  it('refuses another browser with the same link', async () => {
    const { browser, right } = await beginAndRequestCode()
    const challenge = hidden(await browser.get(`${example.url}/challenge`), 'challenge')
    const other = new Browser()
    expect((await other.get(`${example.url}/challenge`)).location).to.equal(missing())
    const tried = await other.post(`${example.url}/challenge`, { challenge, verify_code: right })
    expect(tried.location).to.equal(missing())
    expect(example.simulator.count('social-bind')).to.equal(0)
  })

  it('continues in a second tab', async () => {
    const { browser, right } = await beginAndRequestCode()
    const second = await browser.get(`${example.url}/challenge`)
    expect(second.text).to.contain('Enter the code')
    expect((await submitCode(example, browser, right)).location).to.equal(`${example.url}/`)
  })

  it('answers 409 and says so when a second tab has started another login', async () => {
    const { browser, right } = await beginAndRequestCode()
    const challenge = hidden(await browser.get(`${example.url}/challenge`), 'challenge')
    advance(5)
    await beginChallenge(example, personWith(example.simulator, 'MFA_AUTH'), { browser })
    for (const path of ['/challenge', '/challenge/code']) {
      const form = { challenge, verify_code: right }
      const page = await browser.post(example.url + path, form)
      expect(page.status).to.equal(409)
      expect(problemOn(page)).to.match(/^You started another login in another tab/)
      expect(page.text).to.contain('152****0005')
    }
    expect(example.simulator.count('social-bind') + example.simulator.count('mfa-sms')).to.equal(0)
  })

  it('sends one code for a double click, and a new one after a minute', async () => {
    const { browser, right } = await beginAndRequestCode()
    const twice = await requestCode(example, browser, { mobile: '+86 152 0000 0003' })
    expect([twice.status, twice.location]).to.deep.equal([303, `${example.url}/challenge`])
    expect(example.simulator.count('sms-send')).to.equal(1)
    advance(61_000)
    const prefilled = await browser.get(`${example.url}/challenge?again`)
    expect(prefilled.text).to.contain(`name="mobile" value="${MOBILE}"`)
    await requestCode(example, browser, { mobile: MOBILE })
    expect(example.simulator.count('sms-send')).to.equal(2)
    const old = await submitCode(example, browser, right)
    expect(problemOn(old)).to.contain('Tries left: 4')
    const { right: next } = codesFor(example, MOBILE)
    expect((await submitCode(example, browser, next)).location).to.equal(`${example.url}/`)
  })

  it('sends a code to a corrected number at once', async () => {
    const browser = await begin()
    await requestCode(example, browser, { mobile: '15200000009' })
    await requestCode(example, browser, { mobile: MOBILE })
    const { right } = codesFor(example, MOBILE)
    expect((await submitCode(example, browser, right)).location).to.equal(`${example.url}/`)
  })

  it('shows an error when OneAccess refuses to send a code or is busy, which costs no try', async () => {
    const log = sinon.stub(console, 'error')
    const browser = await begin()
    const refusal = { status: 400, body: { error_code: 'IDAAS.SDK.CAPTCHA.0006' } }
    example.simulator.fault('sms-send', refusal)
    const refused = await requestCode(example, browser, { mobile: MOBILE })
    expect([refused.status, problemOn(refused)?.slice(0, 26)]).to.deep.equal([
      400,
      'The code could not be sent',
    ])
    example.simulator.fault('sms-send', BUSY)
    const busy = await requestCode(example, browser, { mobile: MOBILE })
    expect([busy.status, problemOn(busy)?.slice(0, 32)]).to.deep.equal([
      503,
      'We cannot reach the verification',
    ])
    await requestCode(example, browser, { mobile: MOBILE })
    const { right } = codesFor(example, MOBILE)
    for (let n = 0; n < 6; n++) {
      example.simulator.fault('social-bind', BUSY)
      expect((await submitCode(example, browser, right)).status).to.equal(503)
    }
    expect((await submitCode(example, browser, right)).location).to.equal(`${example.url}/`)
    expect(log.args.flat().join()).to.contain('busy').and.to.not.contain(MOBILE)
  })

  it('answers 503 without a puzzle when OneAccess has none', async () => {
    sinon.stub(console, 'error')
    const browser = await begin()
    example.simulator.fault('captcha', { status: 503, headers: { 'retry-after': '5' } })
    const page = await browser.get(`${example.url}/challenge`)
    expect([page.status, page.headers.get('retry-after')]).to.deep.equal([503, '5'])
    expect(problemOn(page)).to.equal('The puzzle could not be loaded. Please try again.')
    expect((await browser.get(`${example.url}/challenge`)).text).to.contain('name="token"')
  })

  it('redirects to the login page when OneAccess has no number, or gave no state token', async () => {
    const browser = await beginChallenge(example, personWith(example.simulator, 'MFA_AUTH'))
    example.simulator.fault('mobile-by-token', {
      status: 400,
      body: { error_code: 'SDK.USER.0001' },
    })
    const nowhere = await browser.get(`${example.url}/challenge`)
    expect(nowhere.location).to.equal(`${example.url}/login?failed=mfa_auth`)
    example.simulator.fault('login', { change: () => ({ status: 'SOCIAL_BIND' }) })
    const other = new Browser()
    const stuck = await other.get(await decideAtAlipay(example, other))
    expect(stuck.location).to.equal(`${example.url}/login?failed=social_bind`)
  })

  it('refuses forms of other origins, and other methods', async () => {
    const { browser, right } = await beginAndRequestCode()
    const challenge = hidden(await browser.get(`${example.url}/challenge`), 'challenge')
    const form = { challenge, verify_code: right }
    for (const header of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
    ]) {
      Object.assign(browser.headers, header)
      for (const path of ['/challenge', '/challenge/code']) {
        expect((await browser.post(example.url + path, form)).status).to.equal(403)
      }
      for (const name of Object.keys(header)) delete browser.headers[name]
    }
    const put = await fetch(`${example.url}/challenge`, { method: 'PUT' })
    expect([put.status, put.headers.get('allow')]).to.deep.equal([405, 'GET, POST'])
    expect(example.simulator.count('social-bind')).to.equal(0)
  })

  it('refuses a repeated field and a body that is not a form', async () => {
    const browser = await begin()
    const page = await browser.get(`${example.url}/challenge`)
    const [challenge, token] = [hidden(page, 'challenge'), hidden(page, 'token')]
    const body = new URLSearchParams({ challenge, token, x: '100', mobile: MOBILE })
    body.append('mobile', '15200000001')
    const headers = browser.cookieHeader(example.url)
    const answer = await fetch(`${example.url}/challenge/code`, { method: 'POST', body, headers })
    expect(answer.status).to.equal(400)
    for (const body of [{ challenge, token: 7, x: [1], mobile: MOBILE }, ['a']]) {
      const { status } = await browser.postJson(`${example.url}/challenge/code`, body)
      expect(status).to.equal(409)
    }
    expect(example.simulator.count('captcha-verify')).to.equal(0)
  })

  it('redirects home a logged-in user without an open challenge', async () => {
    const browser = await logIn(example)
    expect((await browser.get(`${example.url}/challenge`)).location).to.equal(`${example.url}/`)
  })
})
