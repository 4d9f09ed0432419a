import { expect } from 'chai'
import type { RequestHandler } from 'express'
import session from 'express-session'
import passport from 'passport'
import { isSafeRedirect } from '../../lib/util/safe-redirect.js'
import { Browser } from '../support/browser.js'
import { goToAlipay, openShop, type Shop, type ShopOptions } from '../support/shop.js'

const PAGE = { accept: 'text/html,application/xhtml+xml' }

describe('requireLogin()', () => {
  let shop: Shop
  const open = async (loginPath: string | undefined = '/login', more: ShopOptions = {}) => {
    const guard: RequestHandler = (req, res, next) => {
      if (req.path.startsWith('/private')) {
        return shop.strategy.requireLogin()(req, res, () => res.json({ at: req.originalUrl }))
      }
      if (req.path === '/plain' || (loginPath === '/guarded' && req.path === '/guarded')) {
        if (req.path === '/guarded') return shop.strategy.requireLogin()(req, res, next)
        const authenticator = new passport.Passport()
        authenticator.use(shop.strategy as never)
        authenticator.serializeUser(shop.strategy.serializeUser((user) => user.id))
        const options = { successReturnToOrRedirect: '/me' }
        return authenticator.authenticate('oneaccess-alipay', options)(req, res, next)
      }
      next()
    }
    shop = await openShop({ behind: guard, strategy: loginPath ? { loginPath } : {}, ...more })
  }
  afterEach(() => shop.close())

  /** Finishes a login at a callback route with Passport's option successReturnToOrRedirect. */
  async function finish(browser: Browser): Promise<string> {
    const callback = await goToAlipay(shop, browser)
    return (await browser.get(callback.replace('/callback?', '/plain?'))).location
  }
  const locationOf = (page: { headers: Headers }) => page.headers.get('location')

  it('redirects a user to loginPath, and back to the requested page after the login', async () => {
    await open()
    const browser = new Browser()
    const sent = await browser.get(`${shop.url}/private/orders?page=2&q=%2F%2Fx`, PAGE)
    expect([sent.status, locationOf(sent)]).to.deep.equal([302, '/login'])
    expect(sent.headers.get('cache-control')).to.equal('no-store')
    const back = await finish(browser)
    expect(new URL(back, shop.url).href).to.equal(`${shop.url}/private/orders?page=2&q=%2F%2Fx`)
    const page = await browser.get(`${shop.url}/private/orders`, PAGE)
    expect(page.json()).to.deep.equal({ at: '/private/orders' })
  })

  it('does not redirect in a loop when the login route is guarded and loginPath has a query', async () => {
    await open('/private/login?from=app')
    const browser = new Browser()
    const sent = await browser.get(`${shop.url}/private/orders`, PAGE)
    expect([sent.status, locationOf(sent)]).to.deep.equal([302, '/private/login?from=app'])
    for (const query of ['?from=app', '', '?from=elsewhere']) {
      const page = await browser.get(`${shop.url}/private/login${query}`, PAGE)
      expect([page.status, locationOf(page)]).to.deep.equal([401, null])
    }
  })

  it("redirects a user who started at the login route to the app's default page", async () => {
    await open()
    expect(new URL(await finish(new Browser()), shop.url).pathname).to.equal('/me')
  })

  const NO_NAVIGATION: [kind: string, headers: Record<string, string>][] = [
    ['for JSON', { accept: 'application/json' }],
    ['that accepts anything', { accept: '*/*' }],
    ['by fetch()', { ...PAGE, 'sec-fetch-dest': 'empty' }],
    ['in an iframe', { ...PAGE, 'sec-fetch-dest': 'iframe' }],
  ]
  for (const [kind, headers] of NO_NAVIGATION) {
    it(`responds with 401 and JSON to a request ${kind}, and starts no session`, async () => {
      await open()
      const page = await new Browser().get(`${shop.url}/private`, headers)
      expect(page.status).to.equal(401)
      expect(page.json()).to.deep.include({ code: 'not_logged_in' })
      expect(page.headers.getSetCookie()).to.deep.equal([])
    })
  }

  it('responds in Chinese to a client that prefers Chinese', async () => {
    await open()
    const headers = { accept: 'application/json', 'accept-language': 'zh-CN' }
    const { message } = (await new Browser().get(`${shop.url}/private`, headers)).json() as {
      message: string
    }
    expect(message).to.match(/登录/)
  })

  it('responds with 401 to a POST, to which a redirect could not lead back', async () => {
    await open()
    expect((await new Browser().post(`${shop.url}/private`)).status).to.equal(401)
  })

  it('does not redirect in a loop when the login route itself is guarded', async () => {
    await open('/guarded')
    expect((await new Browser().get(`${shop.url}/guarded?x=1`, PAGE)).status).to.equal(401)
  })

  it('throws a TypeError without the option loginPath', async () => {
    await open('')
    expect(() => shop.strategy.requireLogin()).to.throw(TypeError, 'option loginPath')
  })

  it('redirects to no other host, even if the session names one', async () => {
    const plant: RequestHandler = (req, _res, next) => {
      if (req.path === '/login') Object.assign(req.session, { returnTo: '//evil.example' })
      next()
    }
    let guard: RequestHandler = plant
    await open('/login', { behind: (...given) => guard(...given) })
    guard = (req, res, next) => {
      plant(req, res, () => {
        if (req.path !== '/plain') return next()
        const authenticator = new passport.Passport()
        authenticator.use(shop.strategy as never)
        authenticator.serializeUser(shop.strategy.serializeUser((user) => user.id))
        const options = { successReturnToOrRedirect: '/me' }
        authenticator.authenticate('oneaccess-alipay', options)(req, res, next)
      })
    }
    expect(new URL(await finish(new Browser()), shop.url).href).to.equal(`${shop.url}/me`)
  })

  it('says which line is missing if passport.session() is, and does not redirect in circles', async () => {
    const kept = session({ secret: 'secret', resave: false, saveUninitialized: false })
    const behind: RequestHandler = (req, res, next) => {
      if (req.path === '/private') shop.strategy.requireLogin()(req, res, next)
      else next()
    }
    await open('/login', { session: kept, behind })
    const browser = new Browser()
    await browser.get(await goToAlipay(shop, browser)) // logs in
    for (const headers of [PAGE, { accept: 'application/json' }]) {
      const page = await browser.get(`${shop.url}/private`, headers)
      const { code, hint } = (page.json() as { error: { code: string; hint: string } }).error
      expect([page.status, locationOf(page), code]).to.deep.equal([
        500,
        null,
        'passport_session_missing',
      ])
      expect(hint).to.include('app.use(passport.session())')
    }
  })

  it('redirects in an app without a session, and remembers no page', async () => {
    await open('/login', { session: false })
    const page = await new Browser().get(`${shop.url}/private/orders`, PAGE)
    expect([page.status, locationOf(page)]).to.deep.equal([302, '/login'])
  })

  it('does not remember a path that would lead to another host', async () => {
    const seen: unknown[] = []
    const behind: RequestHandler = (req, res) => {
      Object.assign(req, { originalUrl: '//evil.example/private' })
      res.once('finish', () => seen.push(Reflect.get(req.session, 'returnTo')))
      shop.strategy.requireLogin()(req, res, () => {})
    }
    await open('/login', { behind })
    const page = await new Browser().get(`${shop.url}/private/orders`, PAGE)
    expect(page.status).to.equal(302)
    expect(seen).to.deep.equal([undefined])
  })
})

describe('isSafeRedirect', () => {
  it('accepts paths of this app', () => {
    for (const path of ['/', '/a', '/a/b?c=d&e=https://x.example#f', '/a//b', '/%2F%2Fx']) {
      expect(isSafeRedirect(path), path).to.equal(true)
    }
  })

  it('rejects other hosts in any notation, and anything that is not a plain path', () => {
    const foreign = [
      ...['//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', '/a\\b'],
      ...['https://evil.example', 'http:evil.example', 'javascript:alert(1)', 'evil.example', ''],
      ...['/\t/evil.example', '/\n/evil.example', '/a\r\nSet-Cookie: a=b', ' /a', '/ü', '/\u0000'],
      ...[`/${'a'.repeat(2_048)}`, undefined, null, 7, ['/a'], { toString: () => '/a' }],
    ]
    for (const path of foreign) expect(isSafeRedirect(path), String(path)).to.equal(false)
  })
})
