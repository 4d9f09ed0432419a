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

  it('starts on the front, goes by Alipay, and comes back with a name', async () => {
    const browser = new Browser({ 'accept-language': 'zh-CN' })
    const front = await browser.get(`${example.url}/`)
    expect(front.text).to.contain('href="/auth/alipay"').and.to.contain('用支付宝登录')
    expect(front.headers.getSetCookie(), 'nobody gets a cookie for looking').to.deep.equal([])
    await logIn(example, { browser })
    const after = await browser.get(`${example.url}/`)
    expect(after.text).to.contain('欢迎，王芳').and.to.contain('152****0001')
    expect(after.text).to.not.contain('15200000001')
  })

  it('welcomes back who was here before, and nobody else', async () => {
    const fresh = await openExample()
    const first = await (await logIn(fresh)).get(`${fresh.url}/`)
    const second = await (await logIn(fresh)).get(`${fresh.url}/`)
    await fresh.close()
    expect(first.text).to.contain('欢迎，王芳').and.to.not.contain('欢迎回来')
    expect(second.text).to.contain('欢迎回来，王芳')
  })

  it('makes the four calls of a login and no more', async () => {
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

  it('makes one call and no more where the user comes from the id_token', async () => {
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

  it('puts no token where the browser can see it', async () => {
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

  it('gives a new session id, and the old one opens nothing', async () => {
    const browser = new Browser()
    const callback = await decideAtAlipay(example, browser)
    const thief = browser.clone()
    const before = browser.cookie(example.url, 'shop')
    await browser.get(callback)
    expect(browser.cookie(example.url, 'shop')).to.be.a('string').and.to.not.equal(before)
    expect(await whoIs(example, thief)).to.equal(undefined)
  })

  it('comes back to the product that the user wanted', async () => {
    const browser = new Browser()
    const callback = await decideAtAlipay(example, browser, { from: '/auth/alipay?product=gaiwan' })
    expect((await browser.get(callback)).location).to.equal(`${example.url}/#gaiwan`)
  })

  it('accepts no way back that is not a product', async () => {
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

  it('is refused by the user, who is told so and can try again', async () => {
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

  it('is declined by Alipay with an error', async () => {
    const browser = new Browser()
    const url = new URL(await decideAtAlipay(example, browser, { decision: 'refuse' }))
    url.searchParams.set('error', 'access_denied')
    const declined = await browser.get(url.href)
    expect(declined.location).to.equal(`${example.url}/login?failed=declined`)
  })

  it('ends with the reason when OneAccess refuses the user', async () => {
    const browser = new Browser({ 'accept-language': 'zh' })
    const person = personWith(example.simulator, 'ACCESS_DENIED')
    const denied = await browser.get(await decideAtAlipay(example, browser, { person }))
    expect(denied.location).to.equal(`${example.url}/login?failed=access_denied`)
    const page = await browser.get(denied.location)
    expect(page.text).to.contain('这个账号不能在这里登录').and.to.contain('换一个支付宝账号')
    expect(await whoIs(example, browser)).to.equal(undefined)
  })

  it('changes the user when another one logs in', async () => {
    const browser = await logIn(example)
    await logIn(example, { browser, person: personWith(example.simulator, 'SUCCESS', 1) })
    expect((await whoIs(example, browser))?.user.name).to.equal('李伟')
  })
})
