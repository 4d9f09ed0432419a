import { request } from 'node:http'
import { inspect } from 'node:util'
import { expect } from 'chai'
import session from 'express-session'
import passport from 'passport'
import { MemoryTokenStore } from '../../lib/index.js'
import { Browser } from '../support/browser.js'
import { beginChallenge, finishChallenge, personWith } from '../support/first-login.js'
import {
  goToAlipay,
  logIn,
  openShop,
  outcomeOf,
  type Shop,
  type ShopOptions,
} from '../support/shop.js'

// A second round of attacks, each against a whole app.
describe('further attacks, second round', () => {
  const shops: Shop[] = []
  const open = async (options: ShopOptions = {}) => {
    const shop = await openShop(options)
    shops.push(shop)
    return shop
  }
  afterEach(async () => {
    await Promise.all(shops.splice(0).map((shop) => shop.close()))
  })
  const meOf = async (shop: Shop, browser: Browser) =>
    (await browser.get(`${shop.url}/me`)).json() as { user?: { id: string } }

  /** `passport.session()` mounted after `backgroundRefresh()` instead of before it. */
  const wrongOrder = (): ShopOptions => {
    const late = new passport.Passport()
    late.deserializeUser((id: string, done) => done(null, { id }))
    const only = { secret: 'wrong order', resave: false, saveUninitialized: false }
    return { session: session(only), behind: late.session() }
  }

  describe('in an app that mounts passport.session() after backgroundRefresh()', () => {
    it('a user whom OneAccess has disabled does not stay logged in', async () => {
      const shop = await open(wrongOrder())
      const { browser } = await logIn(shop)
      expect((await meOf(shop, browser)).user).to.be.an('object')
      shop.simulator.disable(shop.simulator.people[0]?.id ?? '')
      await browser.post(`${shop.url}/refresh`)
      await meOf(shop, browser)
      expect((await meOf(shop, browser)).user).to.equal(undefined)
    })
  })

  it('a logout on a route without passport.session() logs the user out', async () => {
    const late = new passport.Passport()
    late.deserializeUser((id: string, done) => done(null, { id }))
    const passportSession = late.session()
    const shop = await open({
      session: session({ secret: 'partly', resave: false, saveUninitialized: false }),
      behind: (req, res, next) =>
        req.path === '/logout' ? next() : passportSession(req, res, next),
    })
    const { browser } = await logIn(shop)
    expect((await meOf(shop, browser)).user).to.be.an('object')
    await browser.post(`${shop.url}/logout`)
    expect((await meOf(shop, browser)).user).to.equal(undefined)
  })

  it('a challenge does not work by its handle in another application that shares the store', async () => {
    const tokenStore = new MemoryTokenStore()
    const plain = { session: false, strategy: { tokenStore } } as const
    const own = await open({ ...plain, simulator: { clientID: 'attackers-app' } })
    const other = await open({ ...plain, simulator: { clientID: 'shop' } })
    const person = personWith(own, 'USER_REGISTER')
    const begun = await new Browser().postJson(`${own.url}/app`, {
      code: own.simulator.issueCode(person.id),
    })
    const { handle } = Object(outcomeOf(begun).info).challenge
    const form = { handle, mobile: '13900001111', verify_code: '123456' }
    const page = await new Browser().postJson(`${other.url}/challenge`, form)
    expect(outcomeOf(page).info?.code).to.equal('challenge_missing')
    expect(other.simulator.calls.map(({ endpoint }) => endpoint)).to.deep.equal([])
  })

  it('four spellings of one number share its limit of 10 wrong codes', async () => {
    const shop = await open({ strategy: { tokenStore: new MemoryTokenStore() } })
    const spellings = ['+85291234567', '0085291234567', '85291234567', '+852-91234567']
    const codes: unknown[] = []
    for (let n = 0; n < 16; n++) {
      const { browser } = await beginChallenge(shop, personWith(shop, 'SOCIAL_BIND'))
      const form = { mobile: spellings[n % 4] ?? '', verify_code: `12345${n}`.slice(-6) }
      codes.push((await finishChallenge(shop, browser, form)).info?.code)
    }
    expect(codes.filter((code) => code === 'verify_code_wrong')).to.have.length(10)
  })

  for (const [what, change] of [
    ['state also as a list', (url: URL) => url.searchParams.append('state[]', 'x')],
    ['a second code', (url: URL) => url.searchParams.append('auth_code', 'other')],
    [
      'the code parameter in upper case',
      (url: URL) => {
        const code = url.searchParams.get('auth_code') ?? ''
        url.searchParams.delete('auth_code')
        url.searchParams.set('AUTH_CODE', code)
      },
    ],
    [
      'semicolons instead of ampersands',
      (url: URL) => {
        url.search = url.search.replaceAll('&', ';')
      },
    ],
    [
      'a zero byte in the code',
      (url: URL) => {
        url.search = url.search.replace('auth_code=', 'auth_code=%00')
      },
    ],
    [
      'an overlong UTF-8 state',
      (url: URL) => {
        url.search = url.search.replace('state=', 'state=%C0%AF')
      },
    ],
  ] as [string, (url: URL) => void][]) {
    it(`a callback with ${what} logs nobody in`, async () => {
      const shop = await open()
      const browser = new Browser()
      const url = new URL(await goToAlipay(shop, browser))
      change(url)
      expect(outcomeOf(await browser.get(url.href)).verb).to.equal('fail')
      expect(shop.simulator.count('login')).to.equal(0)
    })
  }

  it('an attempt does not work in a session that lists invented former sessions', async () => {
    // the app lets a form write into the session, as some do
    const shop = await open({
      behind: (req, res, next) => {
        if (req.path !== '/settings') return next()
        Object.assign(req.session, JSON.parse(String(req.query.json)))
        res.json(Object.keys(req.session))
      },
    })
    const attacker = new Browser()
    await attacker.get(`${shop.url}/settings?json={"x":1}`)
    const victim = new Browser()
    const callback = await goToAlipay(shop, victim)
    const entry = {
      [`oneaccess:${shop.simulator.clientID}`]: {
        formerly: ['0'.repeat(32), {}, null, '__proto__'],
      },
    }
    await attacker.get(`${shop.url}/settings?json=${encodeURIComponent(JSON.stringify(entry))}`)
    expect(outcomeOf(await attacker.get(callback)).info?.code).to.equal('state_unknown')
  })

  it('a challenge does not work at another tenant of the same ISV application', async () => {
    let tenant = 'attackers-tenant'
    const shop = await open({ strategy: { tenantID: () => tenant } })
    const { browser, outcome } = await beginChallenge(shop, personWith(shop, 'SOCIAL_BIND'))
    expect(outcome.info?.code).to.equal('social_bind')
    tenant = 'victims-tenant'
    const form = { mobile: '13900001111', verify_code: '123456' }
    expect((await finishChallenge(shop, browser, form)).info?.code).to.equal('challenge_missing')
    expect((await browser.get(`${shop.url}/challenge`)).json()).to.equal(null)
    expect(shop.simulator.count('social-bind')).to.equal(0)
    tenant = 'attackers-tenant'
    expect((await finishChallenge(shop, browser, form)).info?.code).to.equal('verify_code_wrong')
  })

  it('an absolute-form request target does not change the host of the wallet link', async () => {
    const shop = await open({ strategy: { phones: 'wallet' } })
    const agent =
      'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36'
    for (const target of [
      'http://evil.example/login',
      'http://evil.example@evil.example/login?a=//b',
    ]) {
      const { status, location } = await getTarget(shop.url, target, {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        accept: 'text/html',
        'user-agent': agent,
      })
      expect(status).to.equal(302)
      const address = new URL(location).searchParams.get('url') ?? ''
      expect(new URL(address).origin).to.equal(shop.url)
    }
  })

  it('an inspected strategy or req.oneaccess shows no secret, hidden members included', async () => {
    let seen = ''
    const shop = await open({
      behind: (req, _res, next) => {
        seen += inspect([req.oneaccess, shop.strategy], {
          depth: 12,
          showHidden: true,
          getters: true,
        })
        next()
      },
    })
    const { browser } = await logIn(shop)
    await browser.get(`${shop.url}/token`)
    seen += inspect(shop.strategy, { depth: 12, showHidden: true, getters: true })
    expect(seen).to.include('OneAccessAlipayStrategy').and.include('KeptTokens')
    expect(seen).to.not.include(shop.simulator.clientSecret)
    expect(seen).to.not.match(/eyJ[\w-]+\.eyJ/)
  })

  it('a second delivery of the callback during a logout keeps nobody logged in', async () => {
    const shop = await open()
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    const before = browser.clone()
    await browser.get(callback)
    const [late] = await Promise.all([before.get(callback), browser.post(`${shop.url}/logout`)])
    const found = outcomeOf(late)
    // either may come first: the login has ended by the next request
    expect(['success', 'fail']).to.include(found.verb)
    await meOf(shop, before)
    expect((await meOf(shop, before)).user).to.equal(undefined)
    expect((await before.get(`${shop.url}/token`)).status).to.equal(401)
  })
})

/** Sends the request target as it is given, which may be an absolute URL. */
function getTarget(
  url: string,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; location: string }> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, headers, agent: false }, (response) => {
      response.resume()
      const { statusCode = 0, headers: received } = response
      resolve({ status: statusCode, location: received.location ?? '' })
    })
    sent.once('error', reject).end()
  })
}
