import { expect } from 'chai'
import sinon from 'sinon'
import type { Person } from '../../simulator/index.js'
import { Browser, type Page } from '../support/browser.js'
import { beginChallenge, codesFor, hidden, requestCode, submitCode } from '../support/challenge.js'
import { type Example, openExample, personWith, whoIs } from '../support/example.js'

const NEW_MOBILE = '13900001111'

describe('a challenge in the example', () => {
  let example: Example
  before(async () => {
    example = await openExample()
  })
  beforeEach(() => example.simulator.reset())
  afterEach(() => sinon.restore())
  after(() => example.close())

  const person = (outcome: string, nth = 0) => personWith(example.simulator, outcome, nth)
  const contactOf = ({ mobile = '', email = '' }: Person) => ({ mobile, email })
  /** Requests a code and submits it; resolves to the location of the redirect. */
  const finish = async (browser: Browser, to: string, fields: Record<string, string> = {}) => {
    const ordered = await requestCode(example, browser, fields)
    expect([ordered.status, ordered.location]).to.deep.equal([303, `${example.url}/challenge`])
    const { right } = codesFor(example, to)
    return (await submitCode(example, browser, right)).location
  }

  it('links the account by mobile number, and the next login needs no challenge', async () => {
    const { mobile } = contactOf(person('SOCIAL_BIND'))
    const browser = await beginChallenge(example, person('SOCIAL_BIND'))
    const page = await browser.get(`${example.url}/challenge`)
    expect(page.text).to.contain('Link your account').and.to.contain('Step 1 of 2')
    expect(await finish(browser, mobile, { way: 'mobile', mobile })).to.equal(`${example.url}/`)
    expect((await whoIs(example, browser))?.user.name).to.equal('张敏')
    const again = await logInWithoutChallenge(person('SOCIAL_BIND'))
    expect((await whoIs(example, again))?.user.name).to.equal('张敏')
  })

  it('links the account by email', async () => {
    const { email } = contactOf(person('SOCIAL_BIND'))
    const browser = await beginChallenge(example, person('SOCIAL_BIND'))
    expect(await finish(browser, email, { way: 'email', email })).to.equal(`${example.url}/`)
    expect((await whoIs(example, browser))?.user.name).to.equal('张敏')
    expect(example.simulator.count('social-bind')).to.equal(1)
  })

  for (const [way, to] of [
    ['mobile', NEW_MOBILE],
    ['email', 'new@example.org'],
  ] as const) {
    it(`registers a new customer by ${way}`, async () => {
      const browser = await beginChallenge(example, person('USER_REGISTER'))
      const page = await browser.get(`${example.url}/challenge`)
      expect(page.text).to.contain('New customer').and.to.contain('I have an account')
      const done = await finish(browser, to, {
        action: 'register',
        consent: 'yes',
        way,
        [way]: to,
      })
      expect(done).to.equal(`${example.url}/`)
      expect((await whoIs(example, browser))?.user.name).to.equal('刘洋')
      expect(example.simulator.count('register-bind')).to.equal(1)
    })
  }

  for (const [language, says] of [
    ['en', 'please read what we do with your data and tick the box'],
    ['zh', '请先阅读说明并勾选同意'],
  ] as const) {
    it(`sends no number to OneAccess before the user agrees: ${language}`, async () => {
      const browser = new Browser({ 'accept-language': language })
      await beginChallenge(example, person('USER_REGISTER'), { browser })
      const asked = await browser.get(`${example.url}/challenge`)
      expect(asked.text).to.match(/name="consent" type="checkbox" value="yes" required\s+aria/)
      for (const consent of [{}, { consent: '' }, { consent: 'no' }]) {
        const refused = await requestCode(example, browser, { mobile: NEW_MOBILE, ...consent })
        expect(refused.status).to.equal(400)
        expect(refused.text).to.contain(says).and.to.contain(`value="${NEW_MOBILE}"`)
      }
      expect(example.simulator.count('captcha-verify')).to.equal(0)
      expect(example.simulator.lastCode(NEW_MOBILE)).to.equal(undefined)
      const done = await finish(browser, NEW_MOBILE, { mobile: NEW_MOBILE, consent: 'yes' })
      expect(done).to.equal(`${example.url}/`)
    })
  }

  it('links an existing customer who could have registered', async () => {
    const { mobile } = contactOf(person('SUCCESS'))
    const browser = await beginChallenge(example, person('USER_REGISTER'))
    const done = await finish(browser, mobile, { action: 'bind', way: 'mobile', mobile })
    expect(done).to.equal(`${example.url}/`)
    expect((await whoIs(example, browser))?.user.name).to.equal('王芳')
    expect(example.simulator.count('register-bind')).to.equal(0)
  })

  it('sends a second code, to link instead of register, only after a minute', async () => {
    const { mobile } = contactOf(person('SUCCESS'))
    const browser = await beginChallenge(example, person('USER_REGISTER'))
    await requestCode(example, browser, { action: 'register', consent: 'yes', mobile })
    const refused = await submitCode(example, browser, codesFor(example, mobile).right)
    expect(refused.text).to.contain('Perhaps you already have an account')
    const early = await requestCode(example, browser, { action: 'bind', mobile })
    expect(early.status).to.equal(429)
    expect(early.text).to.match(/value="bind" checked/)
    sinon.useFakeTimers({ now: Date.now() + 61_000, toFake: ['Date'] })
    expect(await finish(browser, mobile, { action: 'bind', mobile })).to.equal(`${example.url}/`)
    expect((await whoIs(example, browser))?.user.name).to.equal('王芳')
  })

  it('shows the number of a second factor masked, and ignores one from the browser', async () => {
    const { mobile } = contactOf(person('MFA_AUTH'))
    const browser = await beginChallenge(example, person('MFA_AUTH'))
    const page = await browser.get(`${example.url}/challenge`)
    expect(page.text).to.contain('152****0005').and.to.not.contain(mobile)
    expect(page.text).to.not.contain('name="mobile"').and.to.not.contain('name="email"')
    expect(await finish(browser, mobile, { mobile: NEW_MOBILE })).to.equal(`${example.url}/`)
    expect((await whoIs(example, browser))?.user.name).to.equal('陈静')
    expect(example.simulator.lastCode(NEW_MOBILE)).to.equal(undefined)
  })

  it('does not say that an account is linked once another login has been started', async () => {
    const { mobile } = contactOf(person('SOCIAL_BIND', 1))
    const browser = await beginChallenge(example, person('SOCIAL_BIND', 1))
    const between = await finish(browser, mobile, { way: 'mobile', mobile })
    expect((await browser.get(between)).text).to.contain('Last step')
    for (const outcome of ['SOCIAL_BIND', 'USER_REGISTER', 'MFA_AUTH']) {
      await beginChallenge(example, person(outcome), { browser })
      const { text } = await browser.get(between)
      expect(text, outcome).to.contain('Step 1 of 2').and.to.not.contain('is linked')
      if (outcome !== 'MFA_AUTH') await requestCode(example, browser, { mobile: '15200000003' })
    }
  })

  it('continues with the second factor once the account is linked', async () => {
    const { mobile } = contactOf(person('SOCIAL_BIND', 1))
    const browser = await beginChallenge(example, person('SOCIAL_BIND', 1))
    const between = await finish(browser, mobile, { way: 'mobile', mobile })
    expect(between).to.equal(`${example.url}/challenge`)
    expect(await whoIs(example, browser)).to.equal(undefined)
    const page = await browser.get(between)
    expect(page.text).to.contain('Your account is linked').and.to.contain('152****0006')
    expect(page.text).to.contain('Your account is linked. To keep')
    expect(page.text, 'no puzzle before the minute is over').to.not.contain('type="range"')
    expect(page.text).to.match(/You can ask for another one in (60|5\d) s/)
    const early = await browser.post(`${example.url}/challenge/code`, {
      challenge: /name="challenge" value="(\d+)"/.exec(page.text)?.[1] ?? '',
      token: 'x',
      x: '1',
    })
    expect(early.status).to.equal(429)
    expect(early.headers.get('retry-after')).to.match(/^(60|5\d)$/)
    expect(early.text)
      .to.match(/try again in \d+ seconds/)
      .and.to.not.contain('type="range"')
    sinon.useFakeTimers({ now: Date.now() + 61_000, toFake: ['Date'] })
    expect(await finish(browser, mobile)).to.equal(`${example.url}/`)
    expect((await whoIs(example, browser))?.user.name).to.equal('赵磊')
  })

  it('returns to the product at which the login started', async () => {
    const { mobile } = contactOf(person('SOCIAL_BIND'))
    const from = '/auth/alipay?product=puer'
    const browser = await beginChallenge(example, person('SOCIAL_BIND'), { from })
    expect(await finish(browser, mobile, { mobile })).to.equal(`${example.url}/#puer`)
  })

  it('offers only the flows that OneAccess offers', async () => {
    const only = person('SOCIAL_BIND')
    only.flows = ['VERIFY_EMAIL']
    const browser = await beginChallenge(example, only)
    delete only.flows
    const page = await browser.get(`${example.url}/challenge`)
    expect(page.text).to.contain('name="email"')
    expect(page.text).to.not.contain('name="mobile"').and.to.not.contain('name="way"')
  })

  it('never sends the state token or a session token to the browser', async () => {
    const tokens: string[] = []
    for (const endpoint of ['login', 'social-bind', 'mfa-sms'] as const) {
      example.simulator.fault(endpoint, {
        times: 'always',
        change: (answer) => {
          const { state_token, session_token } = answer as Record<string, string>
          tokens.push(...[state_token, session_token].filter((one) => one !== undefined))
          return answer
        },
      })
    }
    const { mobile } = contactOf(person('SOCIAL_BIND', 1))
    const browser = await beginChallenge(example, person('SOCIAL_BIND', 1))
    const seen: Page[] = []
    const look = async (path: string) => seen.push(await browser.get(example.url + path))
    const step = async (fields: Record<string, string>) => {
      seen.push(await requestCode(example, browser, fields))
      const { right, wrong } = codesFor(example, mobile)
      seen.push(
        await submitCode(example, browser, wrong),
        await submitCode(example, browser, right),
      )
      for (const path of ['/challenge', '/auth/alipay/challenge', '/me', '/']) await look(path)
    }
    await look('/challenge')
    await step({ mobile })
    sinon.useFakeTimers({ now: Date.now() + 61_000, toFake: ['Date'] })
    await step({})
    expect(await whoIs(example, browser)).to.not.equal(undefined)
    expect(tokens).to.have.length(3)
    const everything = JSON.stringify(seen.map(({ text, headers }) => [text, [...headers]]))
    for (const token of tokens) expect(everything).to.not.contain(token)
  })

  it('continues in the other language when the user changes it between the steps', async () => {
    const browser = new Browser({ 'accept-language': 'zh' })
    const { mobile } = contactOf(person('SOCIAL_BIND'))
    await beginChallenge(example, person('SOCIAL_BIND'), { browser })
    const failed = await requestCode(example, browser, { mobile: 'x' })
    expect(failed.text).to.contain('请填写正确的手机号')
    const english = await browser.get(`${example.url}/challenge/code?language=en`)
    const chosen = await browser.get(english.location)
    expect((await browser.get(chosen.location)).text).to.contain('Link your account')
    await requestCode(example, browser, { mobile })
    const code = await browser.get(`${example.url}/challenge`)
    expect(code.text).to.contain(`We have sent a code to <strong>${mobile}</strong>`)
    expect(hidden(code, 'challenge')).to.match(/^\d+$/)
  })

  async function logInWithoutChallenge(who: Person): Promise<Browser> {
    const browser = new Browser()
    const begun = await browser.get(`${example.url}/auth/alipay`)
    const back = await browser.post(begun.location, { person: who.id, decision: 'agree' })
    expect((await browser.get(back.location)).location).to.equal(`${example.url}/`)
    return browser
  }
})
