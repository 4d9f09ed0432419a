import { expect } from 'chai'
import { MemoryStore } from 'express-session'
import type { Simulator } from '../../simulator/index.js'
import { signJWT } from '../../simulator/state/keys.js'
import { logIn, openShop, type Shop } from '../support/shop.js'

const SHAPES: [shape: string, user: (id: string) => object][] = [
  ['in the claim id', (id) => ({ id })],
  ['in the JSON of the claim api', (id) => ({ api: JSON.stringify({ id, userName: 'mallory' }) })],
]
const OPTIONS: [name: string, strategy: (simulator: Simulator) => object][] = [
  ['without the option idToken', () => ({})],
  [
    'with the option idToken',
    ({ domain }) => ({ idToken: { jwksUri: `${domain}/api/v1/oauth2/keys` } }),
  ],
]

/** A response with a validly signed id_token of another user. */
const foreign = (user: object) => (answer: unknown) => {
  const iat = Math.floor(Date.now() / 1000)
  const id_token = signJWT({ ...user, iat, exp: iat + 300 }, 'RS256')
  return { ...(answer as object), session_token: 'session-of-mallory', id_token }
}

for (const [name, strategy] of OPTIONS) {
  describe(`an id_token that names another user, ${name}`, () => {
    let shop: Shop
    let store: MemoryStore
    beforeEach(async () => {
      store = new MemoryStore()
      shop = await openShop({ store, strategy, simulator: { rotation: 'always' } })
    })
    afterEach(() => shop.close())

    for (const [shape, user] of SHAPES) {
      it(`errors with 502 at login when the ticket's user is a different one: ${shape}`, async () => {
        shop.simulator.fault('login', {
          change: (answer) => ({
            ...(foreign(user('mallory'))(answer) as object),
            session_token: (answer as { session_token: string }).session_token,
          }),
        })
        const { outcome, browser } = await logIn(shop)
        expect(outcome.error).to.include({ code: 'id_token_invalid', status: 502 })
        expect((await browser.get(`${shop.url}/me`)).status).to.equal(401)
      })

      it(`is never saved or returned by a refresh, and the user stays logged in: ${shape}`, async () => {
        const { browser } = await logIn(shop)
        const before = (await browser.get(`${shop.url}/token`)).text
        shop.simulator.fault('refresh-id-token', { change: foreign(user('mallory')) })
        expect((await browser.post(`${shop.url}/refresh`)).status).to.equal(503)
        expect((await browser.get(`${shop.url}/token`)).text).to.equal(before)
        expect((await browser.get(`${shop.url}/me`)).status).to.equal(200)
        expect(JSON.stringify(store)).to.not.include('session-of-mallory')
      })
    }

    it('is accepted on refresh if it names no user', async () => {
      const { browser } = await logIn(shop)
      shop.simulator.fault('refresh-id-token', {
        change: (answer) => ({
          ...(foreign({ sub: 'subject' })(answer) as object),
          session_token: (answer as { session_token: string }).session_token,
        }),
      })
      expect((await browser.post(`${shop.url}/refresh`)).status).to.equal(200)
    })
  })
}
