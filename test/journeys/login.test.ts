import { expect } from 'chai'
import { Browser } from '../support/browser.js'
import {
  decideAtAlipay,
  type Example,
  logIn,
  openExample,
  personWith,
  whoIs,
} from '../support/example.js'

describe('a login in the example', () => {
  let example: Example
  before(async () => {
    example = await openExample()
  })
  beforeEach(() => example.simulator.reset())
  after(() => example.close())

  it('starts on the home page, goes through Alipay, and returns with the user’s name', async () => {
    const browser = new Browser({ 'accept-language': 'zh-CN' })
    const home = await browser.get(`${example.url}/`)
    expect(home.text).to.contain('href="/auth/alipay"').and.to.contain('用支付宝登录')
    expect(home.headers.getSetCookie(), 'no cookie before a login').to.deep.equal([])
    await logIn(example, { browser })
    const after = await browser.get(`${example.url}/`)
    expect(after.text).to.contain('欢迎，王芳').and.to.contain('152****0001')
    expect(after.text).to.not.contain('15200000001')
  })

  it('greets a returning user as such from the second login', async () => {
    const fresh = await openExample()
    const first = await (await logIn(fresh)).get(`${fresh.url}/`)
    const second = await (await logIn(fresh)).get(`${fresh.url}/`)
    await fresh.close()
    expect(first.text).to.contain('欢迎，王芳').and.to.not.contain('欢迎回来')
    expect(second.text).to.contain('欢迎回来，王芳')
  })

  it('makes four calls to OneAccess', async () => {
    const fresh = await openExample()
    await logIn(fresh)
    const { simulator } = fresh
    await fresh.close()
    for (const endpoint of ['login', 'credential', 'ticket', 'verify'] as const) {
      expect(simulator.count(endpoint), endpoint).to.equal(1)
    }
    expect(
      simulator.calls.filter((call) => call.status !== 200).map((one) => one.path),
    ).to.deep.equal(['/oauth2/publicAppAuthorize.htm'])
  })

  it("makes one call to OneAccess with userFrom: 'id-token'", async () => {
    const strategy = { idToken: true, userFrom: 'id-token' } as const
    for (const idTokenShape of ['claims', 'api'] as const) {
      const fresh = await openExample({ strategy, simulator: { idTokenShape } })
      const me = await whoIs(fresh, await logIn(fresh))
      const { simulator } = fresh
      await fresh.close()
      expect(me?.user.name, idTokenShape).to.equal('王芳')
      const counts = (['login', 'credential', 'ticket', 'verify'] as const).map((endpoint) =>
        simulator.count(endpoint),
      )
      expect(counts, idTokenShape).to.deep.equal([1, 0, 0, 0])
    }
  })

  it('shows the browser no token', async () => {
    const browser = await logIn(example)
    const [session] = example.simulator.sessions()
    const seen = await Promise.all(
      ['/', '/me', '/token'].map((path) => browser.get(example.url + path)),
    )
    const everything = JSON.stringify(seen.map((page) => [page.text, [...page.headers]]))
    expect(session?.sessionToken).to.be.a('string')
    expect(everything).to.not.contain(session?.sessionToken)
    expect(everything).to.not.match(/eyJ[\w-]+\.eyJ/, 'no JWT')
  })

  it('changes the session id; the old one is not logged in', async () => {
    const browser = new Browser()
    const callback = await decideAtAlipay(example, browser)
    const thief = browser.clone()
    const before = browser.cookie(example.url, 'shop')
    await browser.get(callback)
    expect(browser.cookie(example.url, 'shop')).to.be.a('string').and.to.not.equal(before)
    expect(await whoIs(example, thief)).to.equal(undefined)
  })

  it('returns to the product at which it started', async () => {
    const browser = new Browser()
    const callback = await decideAtAlipay(example, browser, { from: '/auth/alipay?product=gaiwan' })
    expect((await browser.get(callback)).location).to.equal(`${example.url}/#gaiwan`)
  })

  it('returns home if the product does not exist', async () => {
    for (const product of [
      '//evil.example',
      'javascript:alert(1)',
      'x%0d%0aSet-Cookie:a=b',
      'x'.repeat(9_000),
    ]) {
      const browser = new Browser()
      const from = `/auth/alipay?product=${product}`
      const callback = await decideAtAlipay(example, browser, { from })
      expect((await browser.get(callback)).location).to.equal(`${example.url}/`)
    }
  })

  it('shows a page to a user who refuses at Alipay, and succeeds on the next try', async () => {
    const browser = new Browser({ 'accept-language': 'en' })
    const callback = await decideAtAlipay(example, browser, { decision: 'refuse' })
    const refused = await browser.get(callback)
    expect([refused.status, refused.location]).to.deep.equal([
      302,
      `${example.url}/login?failed=code_missing`,
    ])
    const page = await browser.get(refused.location)
    expect(page.text)
      .to.contain('<h1>Alipay did not confirm the login</h1>')
      .and.to.contain('Try again')
    expect(example.simulator.count('login')).to.equal(0)
    expect(await whoIs(example, browser)).to.equal(undefined)
    await logIn(example, { browser })
    expect((await whoIs(example, browser))?.user.name).to.equal('王芳')
  })

  it('redirects to the login page when Alipay reports access_denied', async () => {
    const browser = new Browser()
    const url = new URL(await decideAtAlipay(example, browser, { decision: 'refuse' }))
    url.searchParams.set('error', 'access_denied')
    const declined = await browser.get(url.href)
    expect(declined.location).to.equal(`${example.url}/login?failed=declined`)
  })

  it('shows the reason when OneAccess refuses the user', async () => {
    const browser = new Browser({ 'accept-language': 'zh' })
    const person = personWith(example.simulator, 'ACCESS_DENIED')
    const denied = await browser.get(await decideAtAlipay(example, browser, { person }))
    expect(denied.location).to.equal(`${example.url}/login?failed=access_denied`)
    const page = await browser.get(denied.location)
    expect(page.text).to.contain('这个账号不能在这里登录').and.to.contain('换一个支付宝账号')
    expect(await whoIs(example, browser)).to.equal(undefined)
  })

  it('replaces the user when another one logs in', async () => {
    const browser = await logIn(example)
    await logIn(example, { browser, person: personWith(example.simulator, 'SUCCESS', 1) })
    expect((await whoIs(example, browser))?.user.name).to.equal('李伟')
  })
})
