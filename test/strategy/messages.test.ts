import { expect } from 'chai'
import sinon from 'sinon'
import { MemoryTokenStore, OneAccessError } from '../../lib/index.js'
import { Browser } from '../support/browser.js'
import {
  goToAlipay,
  logIn,
  openShop,
  outcomeOf,
  type Shop,
  type ShopOptions,
} from '../support/shop.js'

const CHINESE = { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8' }

describe('option messages', () => {
  let shop: Shop
  let errors: OneAccessError[]
  afterEach(() => shop.close())

  async function open(strategy: ShopOptions['strategy'] = {}, more: ShopOptions = {}) {
    errors = []
    const onError = (error: unknown) => errors.push(error as OneAccessError)
    shop = await openShop({ strategy, onError, ...more })
  }
  const chinese = () => new Browser(CHINESE)
  const failureMessageIn = async (browser: Browser) =>
    outcomeOf(await browser.get(`${shop.url}/callback?auth_code=a&state=b`)).info?.message
  const publicMessageIn = async (browser: Browser, path = '/token') => {
    const page = await browser.get(shop.url + path)
    return (page.json() as { publicMessage: string }).publicMessage
  }

  it('uses the language that the browser prefers, for failures and errors', async () => {
    await open()
    expect(await failureMessageIn(chinese())).to.match(/^当前浏览器中没有这次登录/)
    expect(await failureMessageIn(new Browser())).to.match(
      /^This login is not in progress in this browser/,
    )
    expect(await publicMessageIn(chinese())).to.equal('请重新登录。')
    expect(await publicMessageIn(new Browser())).to.equal('Please log in again.')
  })

  it('uses the language of the browser when claims() and refresh() find no tokens', async () => {
    await open()
    const browser = chinese()
    expect(await publicMessageIn(browser, '/claims')).to.equal('请重新登录。')
    const page = await browser.post(`${shop.url}/refresh`)
    expect((page.json() as { publicMessage: string }).publicMessage).to.equal('请重新登录。')
  })

  it('translates the publicMessage of a login error, and leaves message, stack and httpStatus as they are', async () => {
    await open()
    shop.simulator.fault('login', { status: 500 })
    const browser = chinese()
    const { error } = outcomeOf(await browser.get(await goToAlipay(shop, browser)))
    expect(error).to.include({ code: 'upstream_failed', status: 503 })
    expect(errors[0]).to.be.instanceOf(OneAccessError)
    expect(errors[0]?.publicMessage).to.equal('现在无法登录，请稍后再试。')
    expect(errors[0]?.message).to.match(/^login: upstream_failed /)
    expect(errors[0]?.stack).to.include('error-codes')
    expect(errors[0]?.httpStatus).to.equal(500)
  })

  it('translates an error of the token store, at a login, at a logout and at a challenge', async () => {
    const store = new MemoryTokenStore()
    await open({ tokenStore: store })
    const { browser } = await logIn(shop, chinese())
    const first = chinese()
    const unlinked = shop.simulator.people.find(({ outcome }) => outcome === 'SOCIAL_BIND')
    await logIn(shop, first, unlinked)
    const next = chinese()
    const callback = await goToAlipay(shop, next)
    const tokens = sinon.match(/^tokens:/)
    sinon.stub(store, 'compareAndSet').callThrough().withArgs(tokens).rejects(new Error('down'))
    const challenges = sinon.match(/^challenge:/)
    sinon.stub(store, 'get').callThrough().withArgs(challenges).rejects(new Error('down'))
    for (const page of [
      await next.get(callback),
      await browser.post(`${shop.url}/logout`),
      await first.get(`${shop.url}/challenge`),
    ]) {
      expect(page.status).to.equal(503)
      expect(page.json()).to.include({
        code: 'store_failed',
        publicMessage: '现在无法登录，请稍后再试。',
      })
    }
  })

  it('translates an error for each of two browsers that wait for one refresh', async () => {
    await open({ timeouts: { wait: 200 } })
    const { browser } = await logIn(shop)
    const other = browser.clone()
    Object.assign(other.headers, CHINESE)
    let release = () => {}
    const hold = new Promise<void>((resolve) => {
      release = resolve
    })
    shop.simulator.fault('refresh-id-token', { hold, status: 500 })
    const [english, inChinese] = [browser, other].map((one) => one.post(`${shop.url}/refresh`))
    await shop.simulator.nextCall('refresh-id-token')
    release()
    const bodies = [(await english)?.json(), (await inChinese)?.json()]
    expect(bodies.map((one) => (one as { publicMessage: string }).publicMessage)).to.deep.equal([
      'Login is unavailable right now. Please try again later.',
      '现在无法登录，请稍后再试。',
    ])
  })

  it('uses the language of the browser in challenges', async () => {
    await open()
    const browser = chinese()
    const person = shop.simulator.people.find(({ outcome }) => outcome === 'SOCIAL_BIND')
    const { outcome } = await logIn(shop, browser, person)
    expect(outcome.info?.message).to.equal('这个支付宝账号还没有绑定本站账号。')
    const wrong = { token: 'none', x: 1, contact: '15200000001' }
    const page = await browser.postJson(`${shop.url}/challenge/solve`, wrong)
    expect(page.json()).to.include({ publicMessage: '拼图没有对准，请重试。' })
  })

  it("uses Chinese for every browser with messages: 'zh'", async () => {
    await open({ messages: 'zh' })
    expect(await failureMessageIn(new Browser())).to.match(/^当前浏览器/)
    expect(await publicMessageIn(new Browser())).to.equal('请重新登录。')
  })

  it("uses English for every browser with messages: 'en'", async () => {
    await open({ messages: 'en' })
    expect(await failureMessageIn(chinese())).to.match(/^This login/)
    expect(await publicMessageIn(chinese())).to.equal('Please log in again.')
  })

  it('uses the text that the function returns, and the built-in text if it returns none or throws', async () => {
    const asked: string[] = []
    await open({
      messages: (code, req) => {
        asked.push(`${code} ${req.path}`)
        if (code === 'session_ended') throw new Error('thrown by the app')
        return code === 'state_unknown' ? 'Wrong door.' : undefined
      },
    })
    expect(await failureMessageIn(chinese())).to.equal('Wrong door.')
    expect(await publicMessageIn(chinese())).to.equal('请重新登录。')
    expect(asked).to.deep.equal(['state_unknown /callback', 'not_logged_in /token'])
    const { browser } = await logIn(shop)
    shop.simulator.endSessions()
    const page = await browser.post(`${shop.url}/refresh`)
    expect(page.json()).to.include({ publicMessage: 'Please log in again.' })
  })

  it('uses the built-in text if the function returns a promise, even one that rejects', async () => {
    await open({ messages: (async () => Promise.reject(new Error('no words'))) as never })
    expect(await failureMessageIn(chinese())).to.match(/^当前浏览器/)
  })

  it('keeps the message from verify whatever the language', async () => {
    const verify = (_tokens: object, _profile: object, done: (...given: unknown[]) => void) =>
      done(null, false, { message: 'Members only.' })
    await open({}, { verify })
    const { outcome } = await logIn(shop, chinese())
    expect(outcome.info).to.include({ code: 'no_user', message: 'Members only.' })
  })
})
