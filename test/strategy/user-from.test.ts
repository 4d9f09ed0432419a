import { expect } from 'chai'
import type { Profile, StrategyOptions } from '../../lib/index.js'
import type { Simulator } from '../../simulator/index.js'
import { signJWT } from '../../simulator/state/keys.js'
import { challengeWithCode, finishChallenge, personWith } from '../support/first-login.js'
import { logIn, openShop, type Shop, type ShopOptions } from '../support/shop.js'

const FROM_ID_TOKEN: Partial<StrategyOptions> = { idToken: true, userFrom: 'id-token' }

describe("OneAccessAlipayStrategy, userFrom: 'id-token'", () => {
  let shop: Shop
  let profiles: Profile[]
  const open = async (options: ShopOptions = {}) => {
    profiles = []
    shop = await openShop({
      verify: (_tokens: object, profile: Profile) => {
        profiles.push(profile)
        return Promise.resolve({ id: profile.id })
      },
      ...options,
      strategy: { ...FROM_ID_TOKEN, ...options.strategy },
    })
  }
  afterEach(() => shop.close())

  const calls = ({ simulator }: Shop) =>
    Object.fromEntries(
      (['login', 'jwks', 'credential', 'ticket', 'verify'] as const).map((one) => [
        one,
        simulator.count(one),
      ]),
    )
  const ONE_TRIP = { login: 1, jwks: 1, credential: 0, ticket: 0, verify: 0 }

  for (const idTokenShape of ['claims', 'api'] as const) {
    it(`logs in with one round trip and fetches the keys meanwhile, with the user in ${idTokenShape}`, async () => {
      await open({ simulator: { idTokenShape } })
      let release = () => {}
      const hold = new Promise<void>((resolve) => {
        release = resolve
      })
      shop.simulator.fault('login', { hold })
      const asked = shop.simulator.nextCall('jwks')
      const login = logIn(shop)
      await asked // while the login call is still held
      release()
      const { outcome } = await login
      const [person] = shop.simulator.people
      expect(outcome).to.deep.include({ verb: 'success', user: { id: person?.id } })
      expect(calls(shop)).to.deep.equal(ONE_TRIP)
      expect(profiles[0]).to.deep.include({
        provider: 'oneaccess-alipay',
        id: person?.id,
        username: person?.userName,
        displayName: person?.name,
        phoneNumbers: [{ value: `+86-${person?.mobile}` }],
      })
    })

    it(`gives the same profile as userFrom: 'ticket', with the user in ${idTokenShape}`, async () => {
      await open({ simulator: { idTokenShape } })
      await logIn(shop)
      const { _json: _, ...fromToken } = profiles[0] as Profile
      await shop.close()
      await open({ strategy: { userFrom: 'ticket' } })
      await logIn(shop)
      const { _json: __, ...fromTicket } = profiles[0] as Profile
      expect(fromToken).to.deep.equal(fromTicket)
      expect(calls(shop)).to.deep.equal({ login: 1, jwks: 1, credential: 1, ticket: 1, verify: 1 })
    })
  }

  it('makes the ticket calls when the login returns no id_token', async () => {
    await open({ simulator: { idTokenAtLogin: false } })
    const { outcome } = await logIn(shop)
    expect(outcome.user).to.deep.equal({ id: shop.simulator.people[0]?.id })
    expect(calls(shop)).to.deep.include({ credential: 1, ticket: 1, verify: 1 })
  })

  it('applies to a login that a challenge completed', async () => {
    await open()
    const person = personWith(shop, 'SOCIAL_BIND')
    const { browser, code } = await challengeWithCode(shop, person)
    const outcome = await finishChallenge(shop, browser, { verify_code: code })
    expect(outcome.verb).to.equal('success')
    expect(calls(shop)).to.deep.equal(ONE_TRIP)
  })

  const exp = () => Math.floor(Date.now() / 1000) + 300
  const REJECTED: [name: string, claims: (simulator: Simulator) => object][] = [
    ['is for another application', () => ({ aud: 'another', id: 'mallory', exp: exp() })],
    ['has no exp', ({ clientID }) => ({ aud: clientID, id: 'mallory' })],
    ['has expired', ({ clientID }) => ({ aud: clientID, id: 'mallory', exp: exp() - 3_600 })],
    ['has no id claim', ({ clientID }) => ({ aud: clientID, sub: 'mallory', exp: exp() })],
    ['has an empty id', ({ clientID }) => ({ aud: clientID, id: '', exp: exp() })],
    ['has a number as id', ({ clientID }) => ({ aud: clientID, id: 1, exp: exp() })],
  ]
  for (const [name, claims] of REJECTED) {
    it(`rejects an id_token that ${name}`, async () => {
      await open()
      const id_token = signJWT(claims(shop.simulator), 'RS256')
      shop.simulator.fault('login', { change: (answer) => ({ ...(answer as object), id_token }) })
      const { outcome, browser } = await logIn(shop)
      expect(outcome.error).to.include({ code: 'id_token_invalid', status: 502 })
      expect(profiles).to.deep.equal([])
      expect((await browser.get(`${shop.url}/me`)).status).to.equal(401)
    })
  }

  it('rejects an id_token whose user was changed after it was signed', async () => {
    await open()
    const forge = (token: string) => {
      const [header, payload = '', signature] = token.split('.')
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
      const changed = Buffer.from(JSON.stringify({ ...claims, id: 'mallory' })).toString(
        'base64url',
      )
      return [header, changed, signature].join('.')
    }
    shop.simulator.fault('login', {
      change: (answer) => {
        const body = answer as { id_token: string }
        return { ...body, id_token: forge(body.id_token) }
      },
    })
    const { outcome } = await logIn(shop)
    expect(outcome.error).to.include({ code: 'id_token_invalid' })
    expect(profiles).to.deep.equal([])
  })

  it('does not save a refreshed id_token that names another user', async () => {
    await open()
    const { browser } = await logIn(shop)
    const before = (await browser.get(`${shop.url}/token`)).text
    const id_token = signJWT({ aud: shop.simulator.clientID, id: 'mallory', exp: exp() }, 'RS256')
    shop.simulator.fault('refresh-id-token', {
      change: (answer) => ({ ...(answer as object), id_token }),
    })
    expect((await browser.post(`${shop.url}/refresh`)).status).to.equal(503)
    expect((await browser.get(`${shop.url}/token`)).text).to.equal(before)
  })
})
