import { expect } from 'chai'
import type { RequestHandler } from 'express'
import type { AuthenticateOptions } from '../../lib/index.js'
import { Browser, type Page } from '../support/browser.js'
import { logIn, openShop, outcomeOf, type Shop, type ShopOptions } from '../support/shop.js'

/** Responds with the linked account and the logged-in user. */
const show: RequestHandler = (req, res) => {
  const { account } = req as { account?: object }
  res.json({ account, user: req.user })
}

describe('passport.authorize()', () => {
  let shop: Shop
  afterEach(() => shop.close())

  async function open(options: Partial<ShopOptions> & { own?: AuthenticateOptions } = {}) {
    const { own = { callbackURL: '/link/callback' }, ...more } = options
    shop = await openShop({
      ...more,
      routes: (app, authenticator) => {
        const link = authenticator.authorize('oneaccess-alipay', own)
        app.get('/link/start', link, show)
        app.get('/link/callback', link, show)
        app.get('/link/usual', authenticator.authorize('oneaccess-alipay'), show)
      },
    })
  }

  const person = (n: number) => shop.simulator.people[n]?.id ?? ''

  /** Agrees at Alipay; returns the URL that Alipay redirects back to. */
  async function begin(browser: Browser, path: string, who = person(1)): Promise<string> {
    const begun = await browser.get(shop.url + path)
    expect(begun.status, begun.text).to.equal(302)
    const back = await browser.post(begun.location, { person: who, decision: 'agree' })
    return back.location
  }

  const me = async (browser: Browser) => (await browser.get(`${shop.url}/me`)).json()
  const codeOf = (page: Page) => outcomeOf(page).info?.code

  it('links an account; the user stays logged in with their own tokens', async () => {
    await open()
    const { browser } = await logIn(shop)
    const before = (await browser.get(`${shop.url}/token`)).text
    const callback = await begin(browser, '/link/start', person(1))
    expect(new URL(callback).pathname).to.equal('/link/callback')
    expect((await browser.get(callback)).json()).to.deep.equal({
      account: { id: person(1) },
      user: { id: person(0) },
    })
    expect((await browser.get(`${shop.url}/token`)).text).to.equal(before)
  })

  it('does not log in a user who was not logged in', async () => {
    await open()
    const browser = new Browser()
    const page = await browser.get(await begin(browser, '/link/start', person(0)))
    expect(page.json()).to.deep.equal({ account: { id: person(0) } })
    expect(await me(browser)).to.deep.equal({})
  })

  it('fails at the login callback instead of logging the user in as someone else', async () => {
    await open()
    const { browser } = await logIn(shop)
    const callback = await begin(browser, '/link/usual', person(1))
    expect(new URL(callback).pathname).to.equal('/callback')
    const page = await browser.get(callback)
    expect(codeOf(page)).to.equal('state_unknown')
    expect(outcomeOf(page).info?.detail).to.match(/authorize\(\) its own callbackURL/)
    expect(shop.simulator.calls.filter(({ endpoint }) => endpoint === 'login')).to.have.length(1)
    expect(codeOf(await browser.get(callback))).to.equal('state_spent')
  })

  it('fails at the login callback with state_spent after its own callback has used the state', async () => {
    await open()
    const browser = new Browser()
    const callback = await begin(browser, '/link/start', person(0))
    await browser.get(callback)
    const elsewhere = callback.replace('/link/callback', '/callback')
    expect(codeOf(await browser.get(elsewhere))).to.equal('state_spent')
    expect(await me(browser)).to.deep.equal({})
  })

  it('rejects an attempt that authenticate() started', async () => {
    await open()
    const browser = new Browser()
    const callback = await begin(browser, '/login', person(0))
    const page = await browser.get(callback.replace('/callback', '/link/callback'))
    expect(page.status).to.equal(403)
  })

  it('opens no challenge, because completing it would log the user in as someone else', async () => {
    await open()
    const { browser } = await logIn(shop)
    const newcomer = shop.simulator.people.find(({ outcome }) => outcome === 'SOCIAL_BIND')
    const page = await browser.get(await begin(browser, '/link/start', newcomer?.id))
    expect(page.status).to.equal(401)
    expect((await browser.get(`${shop.url}/challenge`)).json()).to.equal(null)
    expect(await me(browser)).to.have.deep.property('user', { id: person(0) })
  })

  it('sends Alipay the scope and callbackURL of the route', async () => {
    await open({ own: { callbackURL: '/link/callback', scope: ['auth_base', 'auth_user'] } })
    const begun = new URL((await new Browser().get(`${shop.url}/link/start`)).location)
    expect(begun.searchParams.get('scope')).to.equal('auth_base,auth_user')
    expect(begun.searchParams.get('redirect_uri')).to.equal(`${shop.url}/link/callback`)
  })

  for (const callbackURL of [
    'https://attacker.example/callback',
    '//attacker.example/callback',
    '/\\attacker.example/callback',
    'http://127.0.0.1:1/callback',
    '/callback?state=mine',
    '/callback#there',
    'callback',
    '',
  ]) {
    it(`rejects callbackURL ${JSON.stringify(callbackURL)}`, async () => {
      await open({ own: { callbackURL } })
      const page = await new Browser().get(`${shop.url}/link/start`)
      expect(page.status).to.equal(500)
      expect(outcomeOf(page).error).to.include({ name: 'TypeError' })
      expect(outcomeOf(page).error?.message).to.include('callbackURL')
    })
  }

  it('rejects a scope that would add a query parameter', async () => {
    await open({ own: { scope: 'auth_user&redirect_uri=x' } })
    const page = await new Browser().get(`${shop.url}/link/start`)
    expect(outcomeOf(page).error?.message).to.include('scope')
  })

  it("rejects flow: 'challenge'", async () => {
    await open({ own: { flow: 'challenge' } })
    const page = await new Browser().get(`${shop.url}/link/start`)
    expect(outcomeOf(page).error?.message).to.equal(
      "authorize: flow 'challenge' is not supported; use authenticate()",
    )
  })
})
