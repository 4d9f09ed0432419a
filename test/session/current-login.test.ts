import { expect } from 'chai'
import type { Request } from 'express'
import { currentLogin, expectedUserOf, leftRecordIn } from '../../lib/session/current-login.js'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import type { TokenManager } from '../../lib/tokens/manager.js'
import { TokenRepository } from '../../lib/tokens/repository.js'
import { noSeal } from '../../lib/tokens/seal.js'

const KEY = 'oneaccess:shop'

interface Visit {
  /** What Passport answers when asked whether anyone is logged in. */
  isLoggedIn?: boolean
  /** Our entry in the session. */
  entry?: object
  /** What Passport keeps of the user in the session. */
  kept?: unknown
}

function requestOf({ isLoggedIn, entry, kept }: Visit): Request {
  const session = {
    ...(entry && { [KEY]: entry }),
    ...(kept !== undefined && { passport: { user: kept } }),
  }
  const isAuthenticated = isLoggedIn === undefined ? undefined : () => isLoggedIn
  return { session, isAuthenticated } as unknown as Request
}

describe('currentLogin', () => {
  const CASES: [name: string, visit: Visit, expected: object | undefined][] = [
    ['of nobody', {}, undefined],
    ['whose user Passport does not find', { isLoggedIn: false }, undefined],
    ['by another strategy', { isLoggedIn: true, kept: 'user-1' }, { record: undefined }],
    ['of ours', { isLoggedIn: true, entry: { record: 'a' } }, { record: 'a' }],
    ['of ours that Passport has not read', { entry: { record: 'a' } }, { record: 'a' }],
    [
      "with another user's record copied into it",
      { isLoggedIn: true, entry: { record: 'a', user: 'attacker' }, kept: 'victim' },
      { record: undefined },
    ],
  ]
  for (const [name, visit, expected] of CASES) {
    it(`is ${JSON.stringify(expected) ?? 'undefined'} for a session ${name}`, () => {
      expect(currentLogin(requestOf(visit), KEY)).to.deep.equal(expected)
    })
  }
})

describe('leftRecordIn', () => {
  const CASES: [name: string, visit: Visit, expected: string | undefined][] = [
    ['without a record', { isLoggedIn: false }, undefined],
    ['whose user is logged in', { isLoggedIn: true, entry: { record: 'a' }, kept: 'u' }, undefined],
    ['that Passport has not read', { entry: { record: 'a' }, kept: 'u' }, undefined],
    ['whose user the app has logged out', { isLoggedIn: false, entry: { record: 'a' } }, 'a'],
    [
      'whose user was deleted, but is still named in it',
      { isLoggedIn: false, entry: { record: 'a' }, kept: 'u' },
      undefined,
    ],
    [
      "with another user's record copied into it",
      { isLoggedIn: true, entry: { record: 'a', user: 'attacker' }, kept: 'victim' },
      'a',
    ],
  ]
  for (const [name, visit, expected] of CASES) {
    it(`is ${expected ?? 'undefined'} for a session ${name}`, () => {
      expect(leftRecordIn(requestOf(visit), KEY)).to.equal(expected)
    })
  }
})

describe('expectedUserOf', () => {
  let records: TokenRepository
  const managerOf = () => ({ records }) as unknown as TokenManager

  beforeEach(async () => {
    records = new TokenRepository(new MemoryTokenStore(), noSeal, 1_000)
    const device = { osVersion: 'Android 10', fingerprint: 'f', ip: '127.0.0.1', agent: 'a' }
    const record = { sessionToken: 's', refreshedAt: Date.now(), device }
    await records.create('named', { ...record, userID: 'user-1' })
    await records.create('unnamed', record)
  })

  it('is undefined when nobody is logged in, so that any user may log in', async () => {
    expect(await expectedUserOf(undefined, managerOf())).to.equal(undefined)
  })

  it("is the user of the login's record", async () => {
    expect(await expectedUserOf({ record: 'named' }, managerOf())).to.deep.equal({
      userID: 'user-1',
    })
  })

  it('matches no user for a login by another strategy, or whose record is missing or names none', async () => {
    for (const record of [undefined, 'missing', 'unnamed']) {
      expect(await expectedUserOf({ record }, managerOf())).to.deep.equal({ userID: undefined })
    }
  })
})
