import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import type { Request } from 'express'
import type sinon from 'sinon'
import type { Profile, Tokens } from '../../lib/index.js'
import { verifyBy } from '../../lib/login/verify.js'
import type { TokenRecord } from '../../lib/tokens/record.js'
import { fakeClock } from '../support/clock.js'

type Done = (error?: unknown, user?: unknown, info?: unknown) => void

const REQUEST = { path: '/callback' } as Request
const PROFILE = { id: 'u1' } as Profile
const device = { osVersion: 'o', fingerprint: 'f', ip: '127.0.0.1', agent: 'a' }
const RECORD: TokenRecord = { sessionToken: 's1', refreshedAt: 1, device }

describe('verifyBy', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    clock = fakeClock()
  })
  afterEach(() => clock.restore())

  const timeouts = { verify: 5_000 } as never
  const run = (verify: unknown, { passReqToCallback = false, tokens = RECORD } = {}) =>
    verifyBy(verify, { passReqToCallback, timeouts })(REQUEST, tokens, PROFILE)
  const rejection = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error) => error,
    )

  it('throws a TypeError if verify is not a function', () => {
    for (const none of [undefined, null, {}, 'verify']) {
      expect(() => verifyBy(none, { passReqToCallback: false, timeouts })).to.throw(
        TypeError,
        'verify is required and must be a function',
      )
    }
  })

  it('passes the tokens and their context, and no other field of the record', async () => {
    const seen: unknown[] = []
    const verify = async (tokens: Tokens) => {
      seen.push(tokens)
      return { id: 'u1' }
    }
    const whole = { sessionToken: 's1', idToken: 'i1', expiresAt: 7, sessionExpiresAt: 9 }
    await run(verify, { tokens: { ...RECORD, ...whole, tenantID: 't1', userID: 'u1' } })
    await run(verify)
    expect(seen).to.deep.equal([
      { ...whole, context: { device, tenantID: 't1' } },
      { sessionToken: 's1', context: { device } },
    ])
    expect(Object.keys(seen[1] as object)).to.deep.equal(['sessionToken', 'context'])
  })

  const falsy: [parameters: string, verify: unknown, passReqToCallback: boolean][] = [
    ['two', async (_t: Tokens, _p: Profile) => null, false],
    ['three', async (_r: Request, _t: Tokens, _p: Profile) => false, true],
  ]
  for (const [parameters, verify, passReqToCallback] of falsy) {
    it(`treats a promise of null or false from a function with ${parameters} parameters as no user`, async () => {
      const found = await run(verify, { passReqToCallback })
      expect(found).to.deep.equal({ user: undefined, info: {} })
    })
  }

  const waiting: [parameters: string, verify: unknown, passReqToCallback: boolean][] = [
    [
      'three',
      (_t: Tokens, _p: Profile, done: Done) => void setTimeout(done, 4_999, null, 'li'),
      false,
    ],
    [
      'four',
      (_r: Request, _t: Tokens, _p: Profile, done: Done) =>
        void setTimeout(done, 4_999, null, 'li', 'Welcome.'),
      true,
    ],
  ]
  for (const [parameters, verify, passReqToCallback] of waiting) {
    it(`waits for the callback of a function with ${parameters} parameters until the deadline`, async () => {
      const work = run(verify, { passReqToCallback })
      await clock.tickAsync(4_999)
      expect(await work).to.include({ user: 'li' })
    })
  }

  const ignored: [result: string, verify: unknown, passReqToCallback: boolean, hint: string][] = [
    [
      'a promise of a user from a function with done',
      async (_t: Tokens, _p: Profile, _done: Done) => ({ id: 'u1' }),
      false,
      'call done, which it declares: the promise that it returned does not count',
    ],
    [
      'a promise of a user from a function with the request and done',
      async (_r: Request, _t: Tokens, _p: Profile, _done: Done) => ({ id: 'u1' }),
      true,
      'call done',
    ],
    [
      'a user from a function with done',
      (_t: Tokens, _p: Profile, _done: Done) => ({ id: 'u1' }),
      false,
      'it must call done;',
    ],
    [
      'a user that is not in a promise',
      (_t: Tokens, _p: Profile) => ({ id: 'u1' }),
      false,
      'return a promise of the user, or call done: it returned a value that is not a promise',
    ],
    [
      'a thenable',
      () => Object.fromEntries([['then', (resolve: Done) => resolve({ id: 'u1' })]]), // such as a Knex query
      false,
      'return a promise of the user, or call done: it returned a value that is not a promise',
    ],
    [
      'a promise that is never settled',
      (_t: Tokens, _p: Profile) => new Promise(() => {}),
      false,
      'settle the promise that it returned, or call done',
    ],
    [
      'the lack of a result',
      (_t: Tokens, _p: Profile) => {},
      false,
      'return a promise of the user, or call done: it returned nothing',
    ],
    [
      'a promise of undefined',
      async (_t: Tokens, _p: Profile) => undefined,
      false,
      'not with undefined',
    ],
  ]
  for (const [result, verify, passReqToCallback, hint] of ignored) {
    it(`ignores ${result} and times out with a hint`, async () => {
      const work = rejection(run(verify, { passReqToCallback }))
      await clock.tickAsync(5_000)
      const error = await work
      expect(error).to.have.property('code', 'verify_timeout')
      expect(error.hint).to.include(hint)
    })
  }

  it('accepts a promise of another realm, such as that of a test runner', async () => {
    const verify = runInNewContext('async () => ({ id: "u1" })')
    expect((await run(verify)).user).to.deep.equal({ id: 'u1' })
  })

  it('accepts done() after a promise of undefined', async () => {
    const verify = async (...given: unknown[]) => void setTimeout(given[2] as Done, 10, null, 'li')
    const work = run(verify)
    await clock.tickAsync(10)
    expect(await work).to.include({ user: 'li' })
  })

  it('errors with verify_timeout at the deadline; the hint names timeouts.verify', async () => {
    const work = rejection(run((_t: Tokens, _p: Profile, _done: Done) => {}))
    await clock.tickAsync(4_999)
    expect(clock.countTimers()).to.equal(1)
    await clock.tickAsync(1)
    const error = await work
    expect(error).to.include({ code: 'verify_timeout', step: 'app', status: 504 })
    expect(error.hint).to.include('5000 ms').and.to.include('timeouts.verify')
  })

  it('leaves no timer after a success or an error', async () => {
    await run(async () => ({ id: 'u1' }))
    await rejection(run(() => Promise.reject(new Error('no database'))))
    expect(clock.countTimers()).to.equal(0)
  })

  const infos: [given: unknown, read: unknown][] = [
    ['Closed.', { message: 'Closed.' }],
    [{ why: 7 }, { why: 7 }],
    [undefined, {}],
    [null, {}],
    [7, {}],
    [['a'], {}],
  ]
  for (const [given, read] of infos) {
    it(`reads the info ${JSON.stringify(given)} as ${JSON.stringify(read)}`, async () => {
      const verify = (_t: Tokens, _p: Profile, done: Done) => done(null, { id: 'u1' }, given)
      expect(await run(verify)).to.deep.equal({ user: { id: 'u1' }, info: read })
    })
  }

  it('keeps only the message of an Error given as info', async () => {
    const why = Object.assign(new Error('blocked'), { request: { secret: 's' } })
    const { info } = await run((_t: Tokens, _p: Profile, done: Done) => done(null, false, why))
    expect(info).to.deep.equal({ message: 'blocked' })
  })

  it('accepts a string as the user, like Passport', async () => {
    expect((await run(async () => 'li')).user).to.equal('li')
  })

  const named: [user: unknown, name: string][] = [
    [7, 'a number'],
    [true, 'true'],
    [Symbol('li'), 'a symbol'],
    [10n, 'a bigint'],
    [() => 'li', 'a function'],
  ]
  for (const [user, name] of named) {
    it(`treats ${name} as no user, and says so in detail`, async () => {
      expect(await run(async () => user)).to.deep.equal({
        user: undefined,
        info: {},
        detail: `verify gave ${name} as the user, which must be an object`,
      })
    })
  }

  for (const none of [false, null, 0, '']) {
    it(`treats ${JSON.stringify(none)} as no user, without a detail`, async () => {
      expect(await run(async () => none)).to.deep.equal({ user: undefined, info: {} })
    })
  }

  const withoutError: [behavior: string, verify: () => unknown][] = [
    ['throws', () => throwUndefined()],
    ['rejects with', () => Promise.reject()],
  ]
  for (const [behavior, verify] of withoutError) {
    it(`errors with an explanation when verify ${behavior} undefined`, async () => {
      const error = await rejection(run(verify))
      expect(error).to.be.instanceOf(Error)
      expect(error.message).to.equal('verify threw or rejected without an error')
    })
  }
})

function throwUndefined(): never {
  throw undefined
}
