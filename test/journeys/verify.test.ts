import { expect } from 'chai'
import sinon from 'sinon'
import { Browser, type Page } from '../support/browser.js'
import { decideAtAlipay, type Example, openExample, personWith, whoIs } from '../support/example.js'

describe('what OneAccess wants more, in the example', () => {
  let example: Example
  beforeEach(async () => {
    example = await openExample()
  })
  afterEach(async () => {
    sinon.restore()
    await example.close()
  })

  /** As far as the page that asks for more. */
  async function challenged(outcome: string, nth = 0, from = '/auth/alipay') {
    const browser = new Browser({ 'accept-language': 'en' })
    const person = personWith(example.simulator, outcome, nth)
    const back = await browser.get(await decideAtAlipay(example, browser, { person, from }))
    expect(back.location).to.equal(`${example.url}/login/verify`)
    return { browser, person, page: await browser.get(back.location) }
  }

  const tokenIn = (page: Page) => /name="token" value="([^"]+)"/.exec(page.text)?.[1] ?? ''

  /** Solves the puzzle of a page, and has a code sent. */
  function solve(browser: Browser, page: Page, form: Record<string, string>, off = 0) {
    const token = tokenIn(page)
    const x = String((example.simulator.captchaAnswer(token) ?? Number.NaN) + off)
    return browser.post(`${example.url}/login/verify/code`, { token, x, ...form })
  }

  const finish = (browser: Browser, code: string | undefined) =>
    browser.post(`${example.url}/login/verify`, { verify_code: code ?? '' })
  const codePage = () => `${example.url}/login/verify?step=code`

  it('links an account by mobile number, and comes back to the product', async () => {
    const { browser, person, page } = await challenged(
      'SOCIAL_BIND',
      0,
      '/auth/alipay?product=puer',
    )
    expect(page.text).to.contain('Link your account').and.to.not.contain('name="action"')
    const sent = await solve(browser, page, { contact: '152 0000 0003' })
    expect([sent.status, sent.location]).to.deep.equal([303, codePage()])
    const done = await finish(browser, example.simulator.lastCode('15200000003'))
    expect([done.status, done.location]).to.deep.equal([303, `${example.url}/#puer`])
    expect((await whoIs(example, browser))?.user.id).to.equal(person.id)
  })

  it('links an account by email', async () => {
    const { browser, page } = await challenged('SOCIAL_BIND')
    await solve(browser, page, { contact: 'zhangmin@example.com' })
    await finish(browser, example.simulator.lastCode('zhangmin@example.com'))
    expect((await whoIs(example, browser))?.user.name).to.equal('张敏')
  })

  it('makes an account, or links it to one, as the person chooses', async () => {
    const fresh = await challenged('USER_REGISTER')
    expect(fresh.page.text).to.contain('name="action" value="register" checked')
    await solve(fresh.browser, fresh.page, { contact: '15299990000', action: 'register' })
    await finish(fresh.browser, example.simulator.lastCode('15299990000'))
    expect((await whoIs(example, fresh.browser))?.user.mobile).to.equal('152****0000')
    expect(example.simulator.count('register-bind')).to.equal(1)

    example.simulator.reset()
    const known = await challenged('USER_REGISTER')
    await solve(known.browser, known.page, { contact: '15200000001', action: 'bind' })
    await finish(known.browser, example.simulator.lastCode('15200000001'))
    expect((await whoIs(example, known.browser))?.user.name).to.equal('王芳')
  })

  it('takes a second factor, to a number that the page shows only in part', async () => {
    const { browser, page } = await challenged('MFA_AUTH')
    expect(page.text).to.contain('152****0005').and.to.not.contain('15200000005')
    expect(page.text).to.not.contain('name="contact"')
    expect((await solve(browser, page, {})).location).to.equal(codePage())
    const [to = ''] = ['15200000005', '+86-15200000005'].filter((one) =>
      example.simulator.lastCode(one),
    )
    await finish(browser, example.simulator.lastCode(to))
    expect((await whoIs(example, browser))?.user.name).to.equal('陈静')
  })

  it('goes from one challenge to the next', async () => {
    const { browser, page } = await challenged('SOCIAL_BIND', 1)
    await solve(browser, page, { contact: '15200000006' })
    const next = await finish(browser, example.simulator.lastCode('15200000006'))
    expect(next.location).to.equal(`${example.url}/login/verify`)
    const second = await browser.get(next.location)
    expect(second.text).to.contain('One more check')
    example.simulator.clock.advance(61_000) // one code a minute to one number
    await solve(browser, second, {})
    const [to = ''] = ['+86-15200000006', '15200000006'].filter((one) =>
      example.simulator.lastCode(one),
    )
    await finish(browser, example.simulator.lastCode(to))
    expect((await whoIs(example, browser))?.user.name).to.equal('赵磊')
  })

  it('says what the person can put right, and lets them', async () => {
    const { browser, page } = await challenged('SOCIAL_BIND')
    const problem = async (answer: Page) =>
      /role="alert">([^<]+)</.exec((await browser.get(answer.location)).text)?.[1]
    const again = () => browser.get(`${example.url}/login/verify`)
    expect(await problem(await solve(browser, page, { contact: '15200000003' }, 40))).to.match(
      /^The piece/,
    )
    expect(await problem(await solve(browser, await again(), { contact: 'me' }))).to.match(
      /^That is no/,
    )
    await solve(browser, await again(), { contact: '15200000003' })
    const soon = await solve(browser, await again(), { contact: '15200000003' })
    expect(await problem(soon)).to.match(/^No code was sent/)
    expect(await problem(await finish(browser, 'x'))).to.match(/^That is no code/)
    expect(await problem(await finish(browser, '0000'))).to.match(/^The code is wrong/)
    await finish(browser, example.simulator.lastCode('15200000003'))
    expect((await whoIs(example, browser))?.user.name).to.equal('张敏')
  })

  it('ends after five wrong codes', async () => {
    const { browser, page } = await challenged('SOCIAL_BIND')
    await solve(browser, page, { contact: '15200000003' })
    for (let wrong = 0; wrong < 4; wrong++) {
      expect((await finish(browser, '0000')).location).to.match(/failed=verify_code_wrong$/)
    }
    const over = await finish(browser, '0000')
    expect(over.location).to.equal(`${example.url}/login?failed=challenge_over`)
    const right = await finish(browser, example.simulator.lastCode('15200000003'))
    expect(right.location).to.match(/failed=challenge_(over|missing)$/)
    expect(await whoIs(example, browser)).to.equal(undefined)
  })

  it('ends after ten minutes', async () => {
    const { browser, page } = await challenged('SOCIAL_BIND')
    sinon.useFakeTimers({ now: Date.now() + 601_000, toFake: ['Date'], shouldAdvanceTime: true })
    for (const answer of [
      await browser.get(`${example.url}/login/verify`),
      await browser.post(`${example.url}/login/verify/code`, { token: tokenIn(page), x: '1' }),
      await finish(browser, '0000'),
    ]) {
      expect(answer.location).to.equal(`${example.url}/login?failed=challenge_missing`)
    }
  })

  it('is nobody’s who has not begun it', async () => {
    await challenged('SOCIAL_BIND')
    const other = new Browser()
    expect((await other.get(`${example.url}/login/verify`)).location).to.match(/challenge_missing$/)
    expect((await finish(other, '1234')).location).to.match(/challenge_missing$/)
    expect(example.simulator.count('social-bind')).to.equal(0)
  })

  it('refuses forms of other sites, and what is no form of ours', async () => {
    const { browser, page } = await challenged('SOCIAL_BIND')
    browser.headers.origin = 'https://evil.example'
    expect((await solve(browser, page, { contact: '15200000003' })).status).to.equal(403)
    expect((await finish(browser, '1234')).status).to.equal(403)
    delete browser.headers.origin
    const strange = await browser.postJson(`${example.url}/login/verify/code`, { token: 7, x: [1] })
    expect(strange.location).to.equal(`${example.url}/login/verify?failed=input_malformed`)
    const body = new URLSearchParams([
      ['token', tokenIn(page)],
      ['contact', '15200000003'],
      ['contact', '15200000001'],
    ])
    const cookie = `shop=${browser.cookie(example.url, 'shop')}`
    const twice = await fetch(`${example.url}/login/verify/code`, {
      method: 'POST',
      body,
      headers: { cookie },
      redirect: 'manual',
    })
    expect(twice.headers.get('location')).to.equal('/login/verify?failed=input_malformed')
    expect(example.simulator.count('sms-send')).to.equal(0)
  })
})
