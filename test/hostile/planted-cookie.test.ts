import { request } from 'node:http'
import { expect } from 'chai'
import express from 'express'
import { Browser } from '../support/browser.js'
import { deferred } from '../support/deferred.js'
import { goToAlipay, logIn, openShop, outcomeOf, type Shop } from '../support/shop.js'

/** A request that the app has accepted but whose last byte is not sent yet. */
interface HeldBack {
  release(): Promise<{ outcome: ReturnType<typeof outcomeOf>; setCookie: string[] | undefined }>
}

// A page on a sibling subdomain, or anyone on plain http, can choose a user's session cookie.
describe('an attacker who plants a session cookie', () => {
  let shop: Shop
  let atBodyParser = deferred<void>()
  beforeEach(async () => {
    atBodyParser = deferred()
    const parser = express.text({ type: () => true })
    shop = await openShop({
      behind: (req, res, next) => {
        if (req.headers['content-length'] === '1') atBodyParser.resolve()
        parser(req, res, next)
      },
    })
  })
  afterEach(() => shop.close())

  const whoIs = async (browser: Browser) => {
    const page = await browser.get(`${shop.url}/me`)
    return page.status === 200 ? (page.json() as { user: { id: string } }).user.id : undefined
  }
  const personAt = (n: number) => shop.simulator.people[n] ?? expect.fail('nobody')
  const setCookieOf = async (browser: Browser, url: string) => {
    const page = await browser.get(url)
    return [outcomeOf(page).info?.code, page.headers.get('set-cookie')]
  }

  async function holdBack(browser: Browser, url: string): Promise<HeldBack> {
    const headers = { ...browser.cookieHeader(url), 'content-length': '1' }
    const sent = request(url, { method: 'GET', headers, agent: false })
    sent.flushHeaders()
    await atBodyParser.promise // mounted after express-session, which has read the session by then
    return {
      release: () =>
        new Promise((resolve, reject) => {
          sent.once('error', reject)
          sent.once('response', (response) => {
            let text = ''
            response.setEncoding('utf8').on('data', (chunk) => {
              text += chunk
            })
            response.once('end', () =>
              resolve({ outcome: JSON.parse(text), setCookie: response.headers['set-cookie'] }),
            )
          })
          sent.end('x')
        }),
    }
  }

  it('does not get the login by a second delivery from a session with the same ancestor', async () => {
    const attacker = new Browser()
    const callbacks = [
      await goToAlipay(shop, attacker, personAt(1)),
      await goToAlipay(shop, attacker, personAt(1)),
    ]
    const [a, b] = [attacker.clone(), attacker.clone()]
    const both = await Promise.all([a.get(callbacks[0] ?? ''), b.get(callbacks[1] ?? '')])
    expect(both.map((page) => outcomeOf(page).verb)).to.deep.equal(['success', 'success'])
    const victim = b.clone()
    const callback = await goToAlipay(shop, victim)
    expect(outcomeOf(await victim.get(callback)).verb).to.equal('success')
    expect(await setCookieOf(a, callback)).to.deep.equal(['state_unknown', null])
    expect(await setCookieOf(b, callback)).to.deep.equal(['state_unknown', null])
    expect([await whoIs(a), await whoIs(victim)]).to.deep.equal([personAt(1).id, personAt(0).id])
  })

  for (const [name, change] of [
    ['no code', (url: URL) => url.searchParams.delete('auth_code')],
    ['another code', (url: URL) => url.searchParams.set('auth_code', 'f'.repeat(32))],
  ] as const) {
    it(`does not get the login by a request held back by one byte, with ${name}`, async () => {
      const attacker = new Browser()
      await attacker.get(`${shop.url}/login`)
      const victim = attacker.clone()
      const callback = await goToAlipay(shop, victim)
      const url = new URL(callback)
      change(url)
      const held = await holdBack(attacker, url.href)
      expect(outcomeOf(await victim.get(callback)).verb).to.equal('success')
      const { outcome, setCookie } = await held.release()
      expect([outcome.info?.code, setCookie]).to.deep.equal(['state_spent', undefined])
      expect(shop.simulator.count('login')).to.equal(1)
    })
  }

  it('does not log in by a request held back by one byte until after a logout', async () => {
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    const held = await holdBack(browser, callback)
    await browser.get(callback)
    await browser.post(`${shop.url}/logout`)
    const { outcome, setCookie } = await held.release()
    expect([outcome.info?.code, setCookie]).to.deep.equal(['state_spent', undefined])
  })

  it('does not switch the account with an attempt older than the current login', async () => {
    const planted = new Browser()
    const theirs = await goToAlipay(shop, planted, personAt(1))
    const victim = planted.clone()
    await logIn(shop, victim)
    expect(await setCookieOf(victim, theirs)).to.deep.equal(['state_unknown', null])
    expect(await whoIs(victim)).to.equal(personAt(0).id)
    expect((await victim.get(`${shop.url}/token`)).status).to.equal(200)
  })

  it('opens no challenge with an attempt older than the current login', async () => {
    const planted = new Browser()
    const stranger = shop.simulator.people.find((one) => one.outcome === 'SOCIAL_BIND')
    const theirs = await goToAlipay(shop, planted, stranger)
    const victim = planted.clone()
    await logIn(shop, victim)
    expect(await setCookieOf(victim, theirs)).to.deep.equal(['state_unknown', null])
    expect(await whoIs(victim)).to.equal(personAt(0).id)
    expect((await victim.get(`${shop.url}/challenge`)).json()).to.equal(null)
  })

  it('does not affect a user with two tabs, whose callbacks succeed, also when repeated', async () => {
    const browser = new Browser()
    const [first, second] = [await goToAlipay(shop, browser), await goToAlipay(shop, browser)]
    for (const callback of [first, second, second, second]) {
      expect(outcomeOf(await browser.get(callback)).verb).to.equal('success')
    }
    expect(await whoIs(browser)).to.equal(personAt(0).id)
    expect(shop.simulator.count('login')).to.equal(2)
  })

  it('does not keep a user from switching accounts with a new login', async () => {
    const { browser } = await logIn(shop)
    await logIn(shop, browser, personAt(1))
    expect(await whoIs(browser)).to.equal(personAt(1).id)
  })
})
