import { expect } from 'chai'
import type { RequestHandler } from 'express'
import { MemoryTokenStore } from '../../lib/index.js'
import { Browser } from '../support/browser.js'
import { goToAlipay, logIn, openShop, outcomeOf, type Shop } from '../support/shop.js'

describe('req.oneaccess', () => {
  let shop: Shop
  afterEach(() => shop.close())

  const token = async (browser: Browser) => {
    const page = await browser.get(`${shop.url}/token`)
    return { status: page.status, code: outcomeOf(page).error?.code }
  }

  it('rejects with the same detail as a login if the body of the response is not JSON', async () => {
    const messages: (string | undefined)[] = []
    shop = await openShop()
    const { browser } = await logIn(shop)
    shop.simulator.fault('refresh-id-token', { body: '<html>' })
    const refused = await browser.post(`${shop.url}/refresh`)
    messages.push(outcomeOf(refused).error?.message)
    shop.simulator.fault('login', { body: '<html>' })
    messages.push((await logIn(shop)).outcome.error?.message)
    for (const message of messages) expect(message).to.include('(the body is not JSON)')
  })

  it('has no token after req.logout() with keepSessionInfo', async () => {
    const logout: RequestHandler = (req, res, next) => {
      if (req.path !== '/own-logout') return next()
      req.logout({ keepSessionInfo: true }, () => res.json({}))
    }
    shop = await openShop({ behind: logout })
    const { browser } = await logIn(shop)
    await browser.get(`${shop.url}/own-logout`)
    expect(await token(browser)).to.deep.equal({ status: 401, code: 'not_logged_in' })
    const { status } = await browser.post(`${shop.url}/refresh`)
    expect(status).to.equal(401)
    expect(shop.simulator.count('refresh-id-token')).to.equal(0)
  })

  it('has no token when the deserializer finds no user', async () => {
    let known = true
    const deserialized: RequestHandler = (req, _res, next) => {
      if (!known) Object.assign(req, { user: undefined }) // like Passport
      next()
    }
    shop = await openShop({ behind: deserialized })
    const { browser } = await logIn(shop)
    expect((await token(browser)).status).to.equal(200)
    known = false
    expect(await token(browser)).to.deep.equal({ status: 401, code: 'not_logged_in' })
  })

  it('has no token, and the store gets none, when the serializer of the app throws', async () => {
    const user = Object.defineProperty({}, 'id', {
      get() {
        throw new Error('this user is blocked')
      },
    })
    const created: string[] = []
    class Watched extends MemoryTokenStore {
      override compareAndSet(...given: Parameters<MemoryTokenStore['compareAndSet']>) {
        created.push(given[0].split(':')[0] ?? '')
        return super.compareAndSet(...given)
      }
    }
    shop = await openShop({ verify: async () => user, strategy: { tokenStore: new Watched() } })
    const { browser, outcome } = await logIn(shop)
    expect(outcome.verb).to.equal('error')
    expect(await token(browser)).to.deep.equal({ status: 401, code: 'not_logged_in' })
    expect(created).not.to.include('tokens')
  })

  it("has a token when the user is under the app's userProperty", async () => {
    const renamed: RequestHandler = (req, _res, next) => {
      const { user } = req
      Object.assign(req, { _userProperty: 'account', account: user, user: undefined })
      next()
    }
    shop = await openShop({ behind: renamed })
    const { browser } = await logIn(shop)
    expect((await token(browser)).status).to.equal(200)
  })

  it('has the tokens of the new login in the request that logs in', async () => {
    const answers: unknown[] = []
    const asks: RequestHandler = (req, res, next) => {
      if (req.path !== '/callback') return next()
      const json = res.json.bind(res)
      res.json = (body) => {
        const asked = () => req.oneaccess.idToken().then((idToken) => ({ ...body, idToken }))
        asked().then(json, next)
        return res
      }
      next()
    }
    shop = await openShop({ behind: asks })
    const browser = new Browser()
    for (const person of shop.simulator.people.slice(0, 2)) {
      const page = await browser.get(await goToAlipay(shop, browser, person))
      expect(page.status, page.text).to.equal(200)
      const { idToken } = page.json() as { idToken: string }
      expect(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()).to.include(person.id)
      answers.push(idToken)
    }
    expect(new Set(answers).size).to.equal(2)
  })
})
