import http from 'node:http'
import { createRequire } from 'node:module'
import { expect } from 'chai'
import type { Profile, Tokens } from '../../lib/index.js'
import { logIn, openShop, type Shop, type ShopOptions } from '../support/shop.js'

type Done = (error?: unknown, user?: unknown, info?: unknown) => void
type Verify = (tokens: Tokens, profile: Profile, done: Done) => unknown

const mquery = createRequire(import.meta.url)('mquery')

/** A query of the builder that mongoose uses: it runs when its `then` is called. */
const queryFor = (findOne: () => Promise<object>) =>
  mquery().collection({ collectionName: 'users', findOne }).findOne({ id: 'admin' })

/** Values that a callback-style `verify` returns by accident; each also calls `answer`, which calls `done`. */
const RETURNED: Record<string, (answer: () => void, shop: Shop) => unknown> = {
  'the ClientRequest of http.get()': (answer, shop) =>
    http.get(`${shop.url}/me`, (res) => res.resume().on('end', answer)),
  'the Timeout of setTimeout()': (answer) => setTimeout(answer, 1),
  'the Map of a fluent interface': (answer) => {
    setImmediate(answer)
    return new Map([['id', 'admin']])
  },
  'a Query of mquery': (answer) => {
    setImmediate(answer)
    return queryFor(async () => ({ id: 'admin' }))
  },
  'a promise of a connection': async (answer) => {
    setImmediate(answer)
    return { connection: 7 }
  },
  'a string': (answer) => {
    setImmediate(answer)
    return 'BEGIN'
  },
}

describe('a callback-style verify', () => {
  let shop: Shop
  const attempt = async (verify: ShopOptions['verify'], strategy: ShopOptions['strategy'] = {}) => {
    shop = await openShop({ strategy, ...(verify ? { verify } : {}) })
    return (await logIn(shop)).outcome
  }
  afterEach(() => shop.close())

  for (const [what, returned] of Object.entries(RETURNED)) {
    it(`logs nobody in by returning ${what} before done refuses`, async () => {
      const verify: Verify = (_tokens, _profile, done) =>
        returned(() => done(null, false, { message: 'This account is closed.' }), shop)
      const outcome = await attempt(verify)
      expect([outcome.verb, outcome.info]).to.deep.equal([
        'fail',
        { code: 'no_user', message: 'This account is closed.' },
      ])
    })

    it(`logs in the user given to done when it returns ${what}`, async () => {
      const outcome = await attempt(((_tokens, profile, done) =>
        returned(() => done(null, { id: profile.id }), shop)) as Verify)
      expect(outcome.user).to.deep.equal({ id: shop.simulator.people[0]?.id })
    })
  }

  for (const [what, returned] of Object.entries(RETURNED)) {
    if (what === 'a promise of a connection') continue // without a declared done, a promise's value is the user
    it(`logs nobody in by returning ${what} from a wrapper that hides done`, async () => {
      const verify = (...given: Parameters<Verify>) => returned(() => given[2](null, false), shop)
      const outcome = await attempt(verify)
      expect([outcome.verb, outcome.info?.code]).to.deep.equal(['fail', 'no_user'])
    })
  }

  it('runs no query that it returns', async () => {
    let ran = 0
    const findOne = async () => ({ id: ++ran })
    const outcome = await attempt((_tokens: Tokens, _profile: Profile) => queryFor(findOne), {
      timeouts: { verify: 50 },
    })
    expect([outcome.verb, outcome.error?.code, ran]).to.deep.equal(['error', 'verify_timeout', 0])
  })

  it('logs in the user that an async function returns from a query', async () => {
    const outcome = await attempt(async (_tokens: Tokens, profile: Profile) =>
      queryFor(async () => ({ id: profile.id })),
    )
    expect(outcome.user).to.deep.equal({ id: shop.simulator.people[0]?.id })
  })

  const hidden: [what: string, verify: (...given: Parameters<Verify>) => unknown][] = [
    ['a rest parameter', (...given) => void setImmediate(given[2], null, { id: given[1].id })],
    [
      'an async rest parameter',
      async (...given) => void setImmediate(given[2], null, { id: given[1].id }),
    ],
    [
      'arguments',
      // made from text because the linter forbids `arguments`
      new Function('setImmediate(arguments[2], null, { id: arguments[1].id })') as Verify,
    ],
    [
      'a default value',
      (_tokens, profile, done = () => {}) => void setImmediate(done, null, { id: profile.id }),
    ],
    [
      'a wrapper of length 0 around an async function, as NestJS has it',
      async (...given) => {
        const user = await Promise.resolve({ id: given[1].id })
        given[2](null, user)
      },
    ],
    ['a wrapper around an async function', (...given) => byPromise(given[0], given[1])],
  ]
  for (const [what, verify] of hidden) {
    it(`logs in by done or by a promise when done is hidden by ${what}`, async () => {
      expect((await attempt(verify)).user).to.deep.equal({ id: shop.simulator.people[0]?.id })
    })
  }

  const wrong: [what: string, user: unknown, named: RegExp][] = [
    ['true', true, /gave true as the user/],
    ['a number', 15200000001, /gave a number as the user/],
    ['a function', () => {}, /gave a function as the user/],
    ['an empty array of rows', [], /gave an array as the user/],
    ['an array of rows', [{ id: 'admin' }], /gave an array as the user/],
    ['an error', new Error('152 is banned'), /gave an error as the user/],
    ['a promise', Promise.resolve({ id: 'admin' }), /gave a promise as the user/],
    ['a query', queryFor(async () => ({ id: 'admin' })), /gave a promise as the user/],
  ]
  for (const [what, user, named] of wrong) {
    it(`logs nobody in by giving done ${what} as the user, and says so in info.detail`, async () => {
      const outcome = await attempt((_tokens: Tokens, _profile: Profile, done: Done) =>
        done(null, user),
      )
      expect([outcome.verb, outcome.info?.code]).to.deep.equal(['fail', 'no_user'])
      expect(outcome.info?.detail).to.match(named).and.to.not.include('152')
    })
  }
})

async function byPromise(_tokens: Tokens, profile: Profile): Promise<object> {
  return { id: profile.id }
}
