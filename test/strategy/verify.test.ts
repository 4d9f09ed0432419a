import { expect } from 'chai'
import type { Request } from 'express'
import { OneAccessAlipayStrategy, type Profile, type Tokens } from '../../lib/index.js'
import { Browser } from '../support/browser.js'
import {
  goToAlipay,
  logIn,
  openShop,
  outcomeOf,
  type Shop,
  type ShopOptions,
} from '../support/shop.js'

type Done = (error?: unknown, user?: unknown, info?: unknown) => void

describe('verify', () => {
  let shop: Shop
  const attempt = async (verify: ShopOptions['verify'], strategy: ShopOptions['strategy'] = {}) => {
    shop = await openShop({ strategy, ...(verify ? { verify } : {}) })
    const browser = new Browser()
    return browser.get(await goToAlipay(shop, browser))
  }
  afterEach(() => shop.close())

  it('gets the tokens and the profile', async () => {
    let seen: [Tokens, Profile] | undefined
    const page = await attempt(async (tokens: Tokens, profile: Profile) => {
      seen = [tokens, profile]
      return { id: profile.id }
    })
    expect(outcomeOf(page).verb).to.equal('success')
    const [person] = shop.simulator.people
    const [session] = shop.simulator.sessions()
    expect(seen?.[0].sessionToken).to.equal(session?.sessionToken)
    expect(seen?.[0].expiresAt).to.be.within(Date.now() + 250_000, Date.now() + 300_000)
    expect(seen?.[0].sessionExpiresAt).to.be.above(Date.now() + 600_000_000)
    expect(seen?.[1]).to.deep.include({
      provider: 'oneaccess-alipay',
      id: person?.id,
      username: person?.userName,
      displayName: person?.name,
    })
  })

  for (const message of [undefined, null, 42, ['x'], { toString: () => 'x' }]) {
    it(`fails instead of erroring when the message in its info is ${JSON.stringify(message)}`, async () => {
      const outcome = outcomeOf(
        await attempt((_t, _p, done: Done) => done(null, false, { message })),
      )
      expect(outcome.verb).to.equal('fail')
      expect(outcome.info).to.deep.include({ code: 'no_user' })
      if (message === undefined || message === null) {
        expect(outcome.info?.message).to.be.a('string').and.not.equal('')
      } else {
        expect(outcome.info?.message).to.deep.equal(JSON.parse(JSON.stringify(message)))
      }
    })
  }

  it('errors when done() is called later with a user whose getter throws', async () => {
    const user = Object.defineProperty({ id: 'u1' }, 'then', {
      get() {
        throw new Error('a strict object has no then')
      },
    })
    const page = await attempt((_t, _p, done: Done) => void setImmediate(done, null, user))
    expect([page.status, outcomeOf(page).error?.message]).to.deep.equal([
      500,
      'a strict object has no then',
    ])
  })

  const answers: [behavior: string, verify: (t: Tokens, p: Profile, done: Done) => unknown][] = [
    ['returns a promise of a user', async (_t, p) => ({ id: p.id })],
    ['calls back at once', (_t, p, done) => done(null, { id: p.id })],
    ['calls back later', (_t, p, done) => void setImmediate(done, null, { id: p.id })],
    [
      'is async and calls back later',
      async (_t, p, done) => {
        setImmediate(done, null, { id: p.id })
      },
    ],
    [
      'calls back twice',
      (_t, p, done) => {
        done(null, { id: p.id })
        done(null, { id: 'other' })
      },
    ],
    [
      'calls back and throws',
      (_t, p, done) => {
        done(null, { id: p.id })
        throw new Error('too late')
      },
    ],
    [
      'calls back and rejects',
      async (_t, p, done) => {
        done(null, { id: p.id })
        throw new Error('too late')
      },
    ],
    [
      'calls back and resolves with another user',
      async (_t, p, done) => {
        done(null, { id: p.id })
        return { id: 'other' }
      },
    ],
  ]
  for (const [behavior, verify] of answers) {
    it(`succeeds, once, when it ${behavior}`, async () => {
      const outcome = outcomeOf(await attempt(verify))
      expect(outcome.verb).to.equal('success')
      expect(outcome.user?.id).to.equal(shop.simulator.people[0]?.id)
      await new Promise(setImmediate)
      expect(shop.outcomes).to.deep.equal(['success'])
    })
  }

  const failures: [behavior: string, verify: (t: Tokens, p: Profile, done: Done) => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('no database')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no database'))],
    ['calls back with an error', (_t, _p, done) => done(new Error('no database'))],
    [
      'calls back with an error, then with a user',
      (_t, p, done) => {
        done(new Error('no database'))
        done(null, { id: p.id })
      },
    ],
  ]
  for (const [behavior, verify] of failures) {
    it(`errors, once, with the app's own error when it ${behavior}`, async () => {
      const page = await attempt(verify)
      expect(outcomeOf(page).error?.message).to.equal('no database')
      expect(shop.outcomes).to.deep.equal(['error'])
    })
  }

  it('errors when it rejects with undefined', async () => {
    const page = await attempt(() => Promise.reject())
    expect(outcomeOf(page).error?.message).to.include('without an error')
  })

  for (const nobody of [null, false, 0, '']) {
    it(`fails with no_user when it resolves with ${JSON.stringify(nobody)}`, async () => {
      const outcome = outcomeOf(await attempt(async () => nobody))
      expect([outcome.verb, outcome.info?.code]).to.deep.equal(['fail', 'no_user'])
    })
  }

  it('adds its info to the info of a failure', async () => {
    const verify = (_t: Tokens, _p: Profile, done: Done) =>
      done(null, false, { message: 'Closed.', why: 7 })
    const { info } = outcomeOf(await attempt(verify))
    expect(info).to.deep.equal({ code: 'no_user', message: 'Closed.', why: 7 })
  })

  it('takes the message, but not the code, of an Error that it gives as info', async () => {
    const why = Object.assign(new Error('banned'), { code: 'E_BANNED' })
    const verify = (_t: Tokens, _p: Profile, done: Done) => done(null, false, why)
    const { info } = outcomeOf(await attempt(verify))
    expect(info).to.deep.equal({ code: 'no_user', message: 'banned' })
  })

  it('errors with 504 when it does not answer within timeouts.verify', async () => {
    const page = await attempt((_t: Tokens, _p: Profile, _done: Done) => {}, {
      timeouts: { verify: 50 },
    })
    expect([page.status, outcomeOf(page).error?.code]).to.deep.equal([504, 'verify_timeout'])
  })

  it('gets the request as its first argument with passReqToCallback', async () => {
    const verify = async (req: Request, _tokens: Tokens, profile: Profile) => ({
      id: `${req.path} ${profile.id}`,
    })
    const outcome = outcomeOf(await attempt(verify, { passReqToCallback: true }))
    expect(outcome.user?.id).to.equal(`/callback ${shop.simulator.people[0]?.id}`)
  })

  it('must be a function, or the constructor throws a TypeError', async () => {
    await attempt(undefined)
    const options = { domain: 'a.example', clientID: 'a', clientSecret: 'b' }
    expect(() => new OneAccessAlipayStrategy(options, undefined as never)).to.throw(
      TypeError,
      'verify',
    )
  })
})

describe("flow 'app'", () => {
  let shop: Shop
  afterEach(() => shop.close())
  const post = async (body: unknown, headers?: Record<string, string>) => {
    shop = await openShop()
    const code = shop.simulator.issueCode(shop.simulator.people[0]?.id ?? '')
    const given = JSON.parse(JSON.stringify(body).replaceAll('CODE', code))
    return outcomeOf(await new Browser().postJson(`${shop.url}/app`, given, headers))
  }

  for (const name of ['auth_code', 'authCode', 'code']) {
    it(`logs in with ${name} from the JSON body`, async () => {
      const outcome = await post({ [name]: 'CODE' })
      expect([outcome.verb, outcome.user?.id]).to.deep.equal([
        'success',
        shop.simulator.people[0]?.id,
      ])
    })
  }

  it("calls CIAM's mini program endpoint with miniProgram: true", async () => {
    shop = await openShop({ simulator: { product: 'ciam' }, authenticate: { miniProgram: true } })
    const code = shop.simulator.issueCode(shop.simulator.people[0]?.id ?? '')
    const outcome = outcomeOf(await new Browser().postJson(`${shop.url}/app`, { authCode: code }))
    expect(outcome.verb).to.equal('success')
    expect(shop.simulator.count('login-miniprogram')).to.equal(1)
    expect(shop.simulator.count('login')).to.equal(0)
  })

  it('logs in without a session', async () => {
    shop = await openShop({ session: false, authenticate: { session: false } })
    const code = shop.simulator.issueCode(shop.simulator.people[0]?.id ?? '')
    const page = await new Browser().postJson(`${shop.url}/app`, { code })
    expect(outcomeOf(page).verb).to.equal('success')
  })

  const wrong: [name: string, body: unknown, code: string][] = [
    ['no code', {}, 'code_missing'],
    ['an empty code', { code: '' }, 'code_missing'],
    ['two codes', { code: 'CODE', authCode: 'CODE' }, 'parameters_malformed'],
    ['an array', ['CODE'], 'parameters_malformed'],
    ['a code that is an object', { code: { $ne: '' } }, 'parameters_malformed'],
    ['a code that is too long', { code: 'x'.repeat(513) }, 'parameters_malformed'],
    ['a code with control characters', { code: 'a\u0000b' }, 'parameters_malformed'],
    ['a code that was never issued', { code: 'neverissued' }, 'code_refused'],
  ]
  for (const [name, body, code] of wrong) {
    it(`fails with ${code} on ${name}`, async () => {
      const outcome = await post(body)
      expect([outcome.verb, outcome.info?.code]).to.deep.equal(['fail', code])
    })
  }

  it('rejects a form, which another site could send', async () => {
    shop = await openShop()
    const code = shop.simulator.issueCode(shop.simulator.people[0]?.id ?? '')
    const outcome = outcomeOf(await new Browser().post(`${shop.url}/app`, { code }))
    expect([outcome.verb, outcome.status]).to.deep.equal(['fail', 400])
    expect(shop.simulator.count('login')).to.equal(0)
  })
})

describe('logins at different kinds of tenants', () => {
  let shop: Shop
  afterEach(() => shop.close())
  for (const userShape of ['data.user', 'data', 'flat'] as const) {
    for (const product of ['oneaccess', 'ciam'] as const) {
      it(`succeed with ${product}, whose verify response has the user in ${userShape}`, async () => {
        shop = await openShop({ simulator: { userShape, product } })
        expect((await logIn(shop)).outcome.verb).to.equal('success')
      })
    }
  }
  for (const loginVersion of ['v2', 'v3'] as const) {
    it(`succeed at a tenant that has login ${loginVersion} only`, async () => {
      shop = await openShop({
        simulator: { loginVersions: [loginVersion] },
        strategy: { loginVersion },
      })
      expect((await logIn(shop)).outcome.verb).to.equal('success')
    })
  }
  it('succeed, and refresh, for an ISV application with tenantID as a function', async () => {
    shop = await openShop({
      simulator: { tenantID: 'tenant-7' },
      strategy: { tenantID: () => 'tenant-7' },
    })
    const { browser, outcome } = await logIn(shop)
    expect(outcome.verb).to.equal('success')
    expect((await browser.post(`${shop.url}/refresh`)).status).to.equal(200)
  })
  for (const refreshWith of ['id-token', 'session-token', 'signed-id-token'] as const) {
    it(`refresh with ${refreshWith} and the device of the login, also from another user agent`, async () => {
      shop = await openShop({ simulator: { rotation: 'always' }, strategy: { refreshWith } })
      const { browser } = await logIn(shop)
      const before = (await browser.get(`${shop.url}/token`)).json()
      shop.simulator.clock.advance(2_000)
      const other = browser.clone()
      other.headers['user-agent'] = 'another agent altogether'
      await new Promise((resolve) => setTimeout(resolve, 5))
      expect((await other.post(`${shop.url}/refresh`)).status).to.equal(200)
      expect((await browser.get(`${shop.url}/token`)).json()).to.not.deep.equal(before)
      expect((await browser.post(`${shop.url}/refresh`)).status).to.equal(200)
    })
  }
})
