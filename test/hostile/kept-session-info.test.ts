import { expect } from 'chai'
import type { RequestHandler } from 'express'
import passport from 'passport'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import type { Browser } from '../support/browser.js'
import { logIn, openShop, type Shop, type ShopOptions } from '../support/shop.js'

/** Counts the token records that were ended. */
class CountingStore extends MemoryTokenStore {
  ended = 0
  override compareAndSet(...given: Parameters<MemoryTokenStore['compareAndSet']>) {
    const [key, , value] = given
    if (key.startsWith('tokens:') && JSON.stringify(value).includes('ended')) this.ended++
    return super.compareAndSet(...given)
  }
}

// `keepSessionInfo` copies the whole old session into the new one, after the serializer has run.
describe('keepSessionInfo, which copies the session to the next user', () => {
  let shop: Shop
  let store: CountingStore
  afterEach(() => shop.close())

  /** An app with further ways to log in, which needs tokens on one route only. */
  async function open(more: ShopOptions = {}): Promise<void> {
    store = new CountingStore()
    shop = await openShop({
      refreshAt: '/token',
      strategy: { tokenStore: store },
      ...more,
      routes: (app, authenticator) => {
        const keepSessionInfo = { session: true, keepSessionInfo: true }
        const elsewhere = new passport.Passport() // another part of the app, with its own serializer
        elsewhere.serializeUser((user, done) => done(null, (user as { id: string }).id))
        elsewhere.deserializeUser((id: string, done) => done(null, { id }))
        const local: RequestHandler = (req, res, next) => {
          const user = { id: String(req.query.id ?? 'victim') }
          req.logIn(user, keepSessionInfo, (error) => (error ? next(error) : res.json({})))
        }
        app.post('/local', local)
        app.post('/elsewhere', elsewhere.initialize(), elsewhere.session(), local)
        app.post('/out', (req, res, next) => {
          req.logout(keepSessionInfo, (error) => (error ? next(error) : res.json({})))
        })
        app.post('/become', (req, res) => {
          Reflect.set(req.session, 'passport', { user: 'victim' })
          res.json({})
        })
        app.post('/role', (req, res) => {
          Object.assign(req.user ?? {}, { role: 'admin' })
          Reflect.set(req.session, 'passport', { user: req.user })
          res.json({})
        })
        app.get('/who', (req, res) => res.json(req.user ?? null))
        more.routes?.(app, authenticator)
      },
    })
  }
  const codeOf = async (browser: Browser) => {
    const page = await browser.get(`${shop.url}/token`)
    return page.status === 200 ? 'a token' : (page.json() as { code: string }).code
  }

  const KEPT: [what: string, keep?: (user: { id: string }) => unknown][] = [
    ['an id'],
    ['an object with an id', ({ id }) => ({ id, name: 'x' })],
    ['an object without one', ({ id }) => ({ name: id })],
  ]
  for (const [what, keep] of KEPT) {
    for (const steps of [['/local'], ['/out', '/local'], ['/local?id=a', '/local?id=b']]) {
      it(`gives the victim no token of the attacker, with ${what} in the session, after ${steps.join(' and ')}`, async () => {
        await open(keep ? { keep } : {})
        const { browser: attacker } = await logIn(shop)
        const victim = attacker.clone()
        for (const step of steps) await victim.post(shop.url + step)
        expect((await victim.get(`${shop.url}/who`)).json()).to.not.equal(null)
        expect(await codeOf(victim)).to.equal('other_strategy')
        expect(await codeOf(victim)).to.equal('other_strategy')
        expect(store.ended, 'records ended').to.equal(1)
      })
    }
  }

  for (const step of ['/elsewhere', '/become']) {
    it(`gives no token of the previous user if our serializer did not run: ${step}`, async () => {
      await open()
      const { browser } = await logIn(shop)
      await browser.post(shop.url + step)
      expect(await codeOf(browser)).to.equal('other_strategy')
      expect(store.ended, 'records ended').to.equal(1)
    })
  }

  it('keeps the tokens when the app changes the logged-in user’s data', async () => {
    await open({ keep: ({ id }) => ({ id }) })
    const { browser } = await logIn(shop)
    await browser.post(`${shop.url}/role`)
    expect((await browser.get(`${shop.url}/who`)).json()).to.include({ role: 'admin' })
    expect(await codeOf(browser)).to.equal('a token')
  })

  it('does not break the next login with Alipay, nor the end of its tokens', async () => {
    await open({ authenticate: { keepSessionInfo: true } })
    const { browser } = await logIn(shop)
    await browser.post(`${shop.url}/local`)
    await logIn(shop, browser, shop.simulator.people[1])
    expect(await codeOf(browser)).to.equal('a token')
    await browser.post(`${shop.url}/local`)
    await browser.post(`${shop.url}/logout`)
    expect(store.ended, 'records ended').to.equal(2)
  })
})
