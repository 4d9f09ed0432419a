import { expect } from 'chai'
import { MemoryStore } from 'express-session'
import sinon from 'sinon'
import { MemoryTokenStore } from '../../lib/index.js'
import { Browser } from '../support/browser.js'
import {
  goToAlipay,
  logIn,
  openShop,
  outcomeOf,
  type Shop,
  type ShopOptions,
} from '../support/shop.js'
import { getRaw, postRaw } from './raw.js'

// Attacks beyond those of docs and reviews, each against a whole app.
describe('further attacks', () => {
  let shop: Shop
  const open = async (options: ShopOptions = {}) => {
    shop = await openShop(options)
  }
  afterEach(() => shop.close())

  const lastLogin = () => shop.simulator.calls.findLast(({ endpoint }) => endpoint === 'login')
  const codeOf = (person = shop.simulator.people[0]) => shop.simulator.issueCode(person?.id ?? '')

  for (const path of ['//evil.example/', '/\\evil.example/', '/%5cevil.example', '/ok\\..//evil']) {
    it(`requireLogin() at ${path} redirects to loginPath or not at all`, async () => {
      await open({
        strategy: { loginPath: '/login' },
        behind: (req, res, next) => {
          if (/callback|login/.test(req.path)) return next()
          shop.strategy.requireLogin()(req, res, next)
        },
      })
      const { status, location } = await getRaw(shop.url + path, [
        'accept',
        'text/html',
        'sec-fetch-mode',
        'navigate',
      ])
      expect([302, 401, 404]).to.include(status)
      if (status === 302) expect(location).to.equal('/login')
    })
  }

  it('a HEAD request for the callback spends no code, and its owner can log in', async () => {
    await open()
    const owner = new Browser()
    const callback = await goToAlipay(shop, owner)
    await fetch(callback, { method: 'HEAD', headers: owner.cookieHeader(shop.url) })
    expect(shop.simulator.count('login')).to.equal(0)
    expect(outcomeOf(await owner.get(callback)).verb).to.equal('success')
  })

  it('a code in the body of a callback is ignored', async () => {
    await open()
    const browser = new Browser()
    const callback = new URL(await goToAlipay(shop, browser))
    callback.searchParams.delete('auth_code')
    const page = await fetch(callback, {
      method: 'POST',
      body: new URLSearchParams({ auth_code: codeOf() }),
      headers: browser.cookieHeader(shop.url),
    })
    expect(page.status).to.equal(404) // the app mounts the callback for GET only
    const outcome = outcomeOf(await browser.get(callback.href))
    expect(outcome.info?.code).to.equal('code_missing')
    expect(shop.simulator.count('login')).to.equal(0)
  })

  for (const type of [
    'text/plain',
    'text/plain; application/json',
    'application/x-www-form-urlencoded, application/json',
    'multipart/form-data; boundary=application/json',
    'application/jsonp',
  ]) {
    it(`a code posted as ${type} is refused`, async () => {
      await open()
      const body = JSON.stringify({ auth_code: codeOf() })
      const page = await fetch(`${shop.url}/app`, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      })
      expect(await page.json()).to.include({ verb: 'fail', status: 400 })
      expect(shop.simulator.count('login')).to.equal(0)
    })
  }

  it('no proxy header changes the IP address sent to OneAccess', async () => {
    await open()
    const forged = [
      'x-forwarded-for',
      'x-real-ip',
      'forwarded',
      'cf-connecting-ip',
      'true-client-ip',
    ]
    const headers = forged.flatMap((name) => [
      name,
      name === 'forwarded' ? 'for=1.2.3.4' : '1.2.3.4',
    ])
    await postRaw(`${shop.url}/app`, { auth_code: codeOf() }, headers)
    expect(JSON.stringify(lastLogin())).to.include('127.0.0.1').and.not.include('1.2.3.4')
  })

  it('the option state pollutes no prototype', async () => {
    const state = JSON.parse(
      '{"__proto__":{"admin":true},"a":{"constructor":{"prototype":{"x":1}}}}',
    )
    await open({ authenticate: { state } })
    const { outcome } = await logIn(shop)
    expect(({} as { admin?: boolean }).admin).to.equal(undefined)
    expect(JSON.stringify(outcome.info)).to.not.match(/admin|prototype/)
  })

  it('200 callbacks with invented states store nothing', async () => {
    const store = new MemoryTokenStore()
    const write = sinon.spy(store, 'compareAndSet')
    const sessions = new MemoryStore()
    await open({ store: sessions, strategy: { tokenStore: store } })
    for (let n = 0; n < 200; n++) {
      const url = `${shop.url}/callback?auth_code=c${n}&state=${String(n).padStart(40, '0')}`
      expect(outcomeOf(await new Browser().get(url)).info?.code).to.equal('state_unknown')
    }
    expect(shop.simulator.count('login')).to.equal(0)
    expect(Object.keys((sessions as unknown as { sessions: object }).sessions)).to.have.length(0)
    expect(write.callCount).to.equal(0)
  })

  it('the cookie and the callback of a logged-out session give no access', async () => {
    await open()
    const owner = new Browser()
    const callback = await goToAlipay(shop, owner)
    await owner.get(callback)
    const thief = owner.clone()
    await owner.post(`${shop.url}/logout`)
    expect((await thief.get(`${shop.url}/me`)).status).to.equal(401)
    expect((await thief.get(`${shop.url}/token`)).status).to.equal(401)
    expect(outcomeOf(await thief.get(callback)).verb).to.equal('fail')
    expect(shop.simulator.count('login')).to.equal(1)
  })

  it('a session entry written by the client gives no access to tokens', async () => {
    const store = new MemoryTokenStore()
    await open({
      strategy: { tokenStore: store },
      behind: (req, _res, next) => {
        // an app that merges client input into the session
        if (req.query.entry) Object.assign(req.session, JSON.parse(String(req.query.entry)))
        next()
      },
    })
    const { browser } = await logIn(shop)
    const key = `oneaccess:${shop.simulator.clientID}`
    for (const record of ['tokens:x', '../x', '__proto__', 'constructor', '', ['x'], { a: 1 }]) {
      const entry = encodeURIComponent(JSON.stringify({ [key]: { record } }))
      await browser.get(`${shop.url}/me?entry=${entry}`)
      const page = await browser.get(`${shop.url}/token`)
      expect(page.status, JSON.stringify(record)).to.be.within(401, 500)
      expect(page.text).to.not.include('eyJ')
    }
  })

  it('a user whose id is not a non-empty string is not logged in', async () => {
    await open()
    for (const id of ['', 0, 1, true, null, [], ['admin'], {}, { toString: 'admin' }]) {
      shop.simulator.fault('verify', {
        body: JSON.stringify({ code: '0', data: { user: { id } } }),
      })
      const { outcome } = await logIn(shop)
      expect(outcome.verb, JSON.stringify(id)).to.equal('error')
      expect(outcome.error?.status).to.equal(502)
    }
  })

  it('a callback requested by two browsers at once logs in only its owner', async () => {
    await open()
    const owner = new Browser()
    const callback = await goToAlipay(shop, owner)
    const [mine, theirs] = await Promise.all([owner.get(callback), new Browser().get(callback)])
    expect(outcomeOf(mine as never).verb).to.equal('success')
    expect(outcomeOf(theirs as never).verb).to.equal('fail')
    expect(shop.simulator.count('login')).to.equal(1)
  })

  it('redirect and callback responses have no-store and no-referrer', async () => {
    await open()
    const browser = new Browser()
    const begun = await browser.get(`${shop.url}/login`)
    const callback = await goToAlipay(shop, browser)
    const back = await browser.get(callback)
    for (const page of [begun, back]) {
      expect(page.headers.get('cache-control')).to.equal('no-store')
      expect(page.headers.get('referrer-policy')).to.equal('no-referrer')
    }
  })
})
