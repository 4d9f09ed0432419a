import { inspect } from 'node:util'
import axios from 'axios'
import { expect } from 'chai'
import passport from 'passport'
import sinon from 'sinon'
import { Browser } from '../support/browser.js'
import { deferred } from '../support/deferred.js'
import { beginChallenge, personWith } from '../support/first-login.js'
import { goToAlipay, logIn, openShop, outcomeOf, type Shop } from '../support/shop.js'

describe('option flow', () => {
  let shop: Shop
  afterEach(() => shop.close())

  for (const flow of ['Web', 'mobile', '', 7]) {
    it(`rejects ${JSON.stringify(flow)} with an error that names the option`, async () => {
      shop = await openShop({ authenticate: { flow: flow as never } })
      const page = await new Browser().get(`${shop.url}/callback?auth_code=a&state=b`)
      expect(page.status).to.equal(500)
      expect(outcomeOf(page).error?.message).to.equal(
        `authenticate: option flow must be web, app or challenge, not ${inspect(flow)}`,
      )
    })
  }

  it('rejects an unknown flow before it checks for a session', async () => {
    shop = await openShop({ session: false, authenticate: { flow: 'mobile' as never } })
    const page = await new Browser().get(`${shop.url}/login`)
    expect(outcomeOf(page).error?.message).to.match(/option flow must be .*, not 'mobile'$/)
  })

  it('web errors when alipayAppID and callbackURL are missing; app logs in without them', async () => {
    const strategy = { alipayAppID: undefined, callbackURL: undefined } as never
    shop = await openShop({ strategy })
    const page = await new Browser().get(`${shop.url}/login`)
    expect(page.status).to.equal(500)
    expect(outcomeOf(page).error?.message).to.equal(
      'the web flow needs the options alipayAppID and callbackURL',
    )
    const code = shop.simulator.issueCode(shop.simulator.people[0]?.id ?? '')
    const app = await new Browser().postJson(`${shop.url}/app`, { code })
    expect(outcomeOf(app).verb).to.equal('success')
    expect(shop.simulator.count('login')).to.equal(1)
    expect(shop.simulator.count('login-miniprogram')).to.equal(0)
  })

  it('app and challenge set Cache-Control: no-store and no Referrer-Policy', async () => {
    shop = await openShop()
    const { browser } = await beginChallenge(shop, personWith(shop, 'SOCIAL_BIND'))
    const pages = [
      await browser.post(`${shop.url}/challenge`, {}),
      await browser.postJson(`${shop.url}/app`, {}),
    ]
    for (const { headers } of pages) {
      expect(headers.get('referrer-policy')).to.equal(null)
      expect(headers.get('cache-control')).to.equal('no-store')
    }
  })

  it('challenge errors with session_missing when there is no session', async () => {
    shop = await openShop({ session: false })
    const page = await new Browser().post(`${shop.url}/challenge`, { verify_code: '123456' })
    expect(outcomeOf(page).error).to.include({ code: 'session_missing', status: 500 })
  })

  it('app fails without info.challenge when there is no session to keep it in', async () => {
    shop = await openShop({ session: false, authenticate: { session: false } })
    const auth_code = shop.simulator.issueCode(personWith(shop, 'SOCIAL_BIND').id)
    const outcome = outcomeOf(await new Browser().postJson(`${shop.url}/app`, { auth_code }))
    expect([outcome.verb, outcome.info?.code]).to.deep.equal(['fail', 'social_bind'])
    expect(outcome.info).to.not.have.property('challenge')
  })
})

describe('a login that OneAccess refuses to continue', () => {
  let shop: Shop
  afterEach(() => shop.close())

  const answers: [name: string, answer: object][] = [
    ['ACCESS_DENIED', { status: 'ACCESS_DENIED', state_token: 'st-1' }],
    ['an undocumented status', { status: 'BRAND_NEW', state_token: 'st-1' }],
    ['SOCIAL_BIND without a state token', { status: 'SOCIAL_BIND' }],
  ]
  for (const [name, answer] of answers) {
    it(`opens no challenge on ${name}`, async () => {
      shop = await openShop()
      shop.simulator.fault('login', { change: () => answer })
      const { browser, outcome } = await logIn(shop)
      expect(outcome.verb).to.equal('fail')
      expect((await browser.get(`${shop.url}/challenge`)).json()).to.equal(null)
    })
  }
})

describe("errors in the app's functions", () => {
  let shop: Shop
  afterEach(() => shop.close())

  it('passes an error that a custom callback throws to Express once', async () => {
    shop = await openShop({
      behind: (req, res, next) => {
        if (req.path !== '/throws') {
          next()
          return
        }
        const authenticator = new passport.Passport()
        authenticator.use(shop.strategy)
        const authenticate = authenticator.authenticate('oneaccess-alipay', {}, () => {
          throw new Error('thrown by the app')
        })
        authenticate(req, res, next)
      },
    })
    const page = await new Browser().get(`${shop.url}/throws?error=access_denied`)
    expect(page.status).to.equal(500)
    expect(outcomeOf(page).error?.message).to.equal('thrown by the app')
    expect(shop.outcomes).to.deep.equal(['error'])
  })

  it('errors with an explanation when a function in the options throws undefined', async () => {
    const device = () => {
      throw undefined
    }
    shop = await openShop({ strategy: { device } })
    expect((await logIn(shop)).outcome.error?.message).to.equal(
      'a function in the options threw or rejected without an error',
    )
  })
})

describe('drain() with calls in progress', () => {
  let shop: Shop
  afterEach(() => shop.close())

  /** Calls drain(). `early` is true if it resolved without waiting for I/O. */
  const drained = async () => {
    let done = false
    const draining = shop.strategy.drain().then(() => {
      done = true
    })
    await new Promise(setImmediate)
    return { early: done, draining }
  }

  it('waits for a logout at OneAccess', async () => {
    shop = await openShop({ strategy: { upstreamLogout: true } })
    const { browser } = await logIn(shop)
    const { promise: hold, resolve: release } = deferred<void>()
    shop.simulator.fault('logout', { hold })
    const asked = shop.simulator.nextCall('logout')
    await browser.post(`${shop.url}/logout`)
    await asked
    const { early, draining } = await drained()
    expect(early).to.equal(false)
    release()
    await draining
  })

  it('waits for a refresh, and resolves at once when no call is in progress', async () => {
    shop = await openShop()
    const { browser } = await logIn(shop)
    expect((await drained()).early).to.equal(true)
    const { promise: hold, resolve: release } = deferred<void>()
    shop.simulator.fault('refresh-id-token', { hold })
    const asked = shop.simulator.nextCall('refresh-id-token')
    const refresh = browser.post(`${shop.url}/refresh`)
    await asked
    const { early, draining } = await drained()
    expect(early).to.equal(false)
    release()
    await draining
    expect((await refresh).status).to.equal(200)
  })
})

describe('strategy options', () => {
  let shop: Shop
  afterEach(() => shop.close())

  it('language is sent as X-L with the login call', async () => {
    shop = await openShop({ strategy: { language: 'en' } })
    expect((await logIn(shop)).outcome.verb).to.equal('success')
    const login = shop.simulator.calls.find(({ endpoint }) => endpoint === 'login')
    expect(login?.headers).to.have.property('x-l', 'en')
  })

  it('refreshBefore sets how early the id_token is refreshed', async () => {
    shop = await openShop({ strategy: { refreshBefore: 290_000 } })
    const { browser } = await logIn(shop)
    const asked = shop.simulator.nextCall('refresh-id-token')
    const clock = sinon.useFakeTimers({ now: Date.now() + 200_000, toFake: ['Date'] })
    try {
      await browser.get(`${shop.url}/me`)
      await asked
    } finally {
      clock.restore()
    }
  })

  it('http is used for every call of a login', async () => {
    const http = axios.create()
    const paths: (string | undefined)[] = []
    http.interceptors.request.use((config) => {
      paths.push(config.url?.replace(/^.*\//, ''))
      return config
    })
    shop = await openShop({ strategy: { http } })
    expect((await logIn(shop)).outcome.verb).to.equal('success')
    expect(paths.sort()).to.deep.equal(['alipay', 'sso-ticket', 'token', 'verify'])
  })

  it('state is added to the info of a login for which verify returns no user', async () => {
    const verify = (_t: unknown, _p: unknown, done: (...given: unknown[]) => void) =>
      done(null, false, { message: 'Closed.' })
    shop = await openShop({ verify, authenticate: { state: 'cart' } })
    expect((await logIn(shop)).outcome.info).to.deep.equal({
      code: 'no_user',
      message: 'Closed.',
      state: 'cart',
    })
  })

  it('state is added to the info when the user declines and when OneAccess rejects the code', async () => {
    shop = await openShop({ authenticate: { state: 'cart' } })
    const ends: [parameter: string, code: string][] = [
      ['error=access_denied', 'declined'],
      ['auth_code=neverissued', 'code_refused'],
    ]
    for (const [parameter, code] of ends) {
      const browser = new Browser()
      const callback = await goToAlipay(shop, browser)
      const { info } = outcomeOf(await browser.get(callback.replace(/auth_code=[^&]*/, parameter)))
      expect(info).to.include({ code, state: 'cart' })
    }
  })

  it('state is added to the info in the app flow, on success and on failure', async () => {
    shop = await openShop({ authenticate: { state: 'cart' } })
    const app = new Browser()
    const code = shop.simulator.issueCode(shop.simulator.people[0]?.id ?? '')
    const done = outcomeOf(await app.postJson(`${shop.url}/app`, { auth_code: code }))
    expect([done.verb, done.info?.state]).to.deep.equal(['success', 'cart'])
    const again = outcomeOf(await app.postJson(`${shop.url}/app`, { auth_code: code }))
    expect(again.info).to.include({ code: 'code_refused', state: 'cart' })
  })

  it('state is merged with the info from verify', async () => {
    const verify = (_t: unknown, p: { id: string }, done: (...given: unknown[]) => void) =>
      done(null, { id: p.id }, { scope: 'all' })
    shop = await openShop({ verify, authenticate: { state: 'cart' } })
    expect((await logIn(shop)).outcome.info).to.deep.equal({ state: 'cart', scope: 'all' })
  })

  it('clientSecret does not appear in util.inspect(strategy)', async () => {
    shop = await openShop()
    const seen = inspect(shop.strategy, { depth: 9, showHidden: true })
    expect(seen).to.not.include(shop.simulator.clientSecret)
  })
})
