import http from 'node:http'
import { createRequire } from 'node:module'
import { expect } from 'chai'
import type { Profile, Tokens } from '../../lib/index.js'
import { logIn, openShop, type Shop, type ShopOptions } from '../support/shop.js'

type Done = (error?: unknown, user?: unknown, info?: unknown) => void
type Verify = (tokens: Tokens, profile: Profile, done: Done) => unknown

const mquery = createRequire(import.meta.url)('mquery')

/** A query of mongoose's own builder: it runs when its `then` is called. */
const queryFor = (findOne: () => Promise<object>) =>
  mquery().collection({ collectionName: 'users', findOne }).findOne({ id: 'admin' })

/** What a `verify` in callback style may return without a thought, each with the answer it gives by `done`. */
const RETURNED: Record<string, (answer: () => void, shop: Shop) => unknown> = {
  "http.get's ClientRequest": (answer, shop) =>
    http.get(`${shop.url}/me`, (res) => res.resume().on('end', answer)),
  "setTimeout's Timeout": (answer) => setTimeout(answer, 1),
  "a chain's object": (answer) => {
    setImmediate(answer)
    return new Map([['id', 'admin']])
  },
  "mquery's Query": (answer) => {
    setImmediate(answer)
    return queryFor(async () => ({ id: 'admin' }))
  },
  'a promise of a connection': async (answer) => {
    setImmediate(answer)
    return { connection: 7 }
  },
  'a text': (answer) => {
    setImmediate(answer)
    return 'BEGIN'
  },
}

describe("the app's own callback-style verify", () => {
  let shop: Shop
  const attempt = async (verify: ShopOptions['verify'], strategy: ShopOptions['strategy'] = {}) => {
    shop = await openShop({ strategy, ...(verify ? { verify } : {}) })
    return (await logIn(shop)).outcome
  }
  afterEach(() => shop.close())

  for (const [what, returned] of Object.entries(RETURNED)) {
    it(`logs nobody in by returning ${what} before it says no`, async () => {
      const verify: Verify = (_tokens, _profile, done) =>
        returned(() => done(null, false, { message: 'This account is closed.' }), shop)
      const outcome = await attempt(verify)
      expect([outcome.verb, outcome.info]).to.deep.equal([
        'fail',
        { code: 'no_user', message: 'This account is closed.' },
      ])
    })

    it(`logs in whom it finds, not what it returns: ${what}`, async () => {
      const outcome = await attempt(((_tokens, profile, done) =>
        returned(() => done(null, { id: profile.id }), shop)) as Verify)
      expect(outcome.user).to.deep.equal({ id: shop.simulator.people[0]?.id })
    })
  }

  for (const [what, returned] of Object.entries(RETURNED)) {
    if (what === 'a promise of a connection') continue // a value of a promise is the answer there
    it(`logs nobody in by ${what} from a wrapper that hides done`, async () => {
      const verify = (...given: Parameters<Verify>) => returned(() => given[2](null, false), shop)
      const outcome = await attempt(verify)
      expect([outcome.verb, outcome.info?.code]).to.deep.equal(['fail', 'no_user'])
    })
  }

  it('runs no query that it returns: a query runs when someone calls its then', async () => {
    let ran = 0
    const findOne = async () => ({ id: ++ran })
    const outcome = await attempt((_tokens: Tokens, _profile: Profile) => queryFor(findOne), {
      timeouts: { verify: 50 },
    })
    expect([outcome.verb, outcome.error?.code, ran]).to.deep.equal(['error', 'verify_timeout', 0])
  })

  it('logs in the one that an async function finds by a query', async () => {
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
      // as code before ES2015 has it; this project's own code has no `arguments`, so it is made from text
      new Function('setImmediate(arguments[2], null, { id: arguments[1].id })') as Verify,
    ],
    [
      'a default',
      (_tokens, profile, done = () => {}) => void setImmediate(done, null, { id: profile.id }),
    ],
    [
      'a wrapper of length 0 around an async function, as Nest has it',
      async (...given) => {
        const user = await Promise.resolve({ id: given[1].id })
        given[2](null, user)
      },
    ],
    ['a wrapper around an async function', (...given) => byPromise(given[0], given[1])],
  ]
  for (const [what, verify] of hidden) {
    it(`logs in by done, or by a promise's value, when it takes its arguments by ${what}`, async () => {
      expect((await attempt(verify)).user).to.deep.equal({ id: shop.simulator.people[0]?.id })
    })
  }

  const wrong: [what: string, user: unknown, named: RegExp][] = [
    ['true', true, /gave true as the user/],
    ['a number', 15200000001, /gave a number as the user/],
    ['a function', () => {}, /gave a function as the user/],
    ['the rows of a query, of which there are none', [], /gave an array as the user/],
    ['the rows of a query', [{ id: 'admin' }], /gave an array as the user/],
    ['an error', new Error('152 is banned'), /gave an error as the user/],
    ['a promise', Promise.resolve({ id: 'admin' }), /gave a promise as the user/],
    ['a query', queryFor(async () => ({ id: 'admin' })), /gave a promise as the user/],
  ]
  for (const [what, user, named] of wrong) {
    it(`logs nobody in by giving ${what} for the user, and the failure names it`, async () => {
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
