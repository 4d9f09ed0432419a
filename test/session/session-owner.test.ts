import { expect } from 'chai'
import type { Request } from 'express'
import {
  isOfAnotherUser,
  markOtherLogin,
  removeLogins,
  unmarkOtherLogin,
  userIDIn,
} from '../../lib/session/session-owner.js'

/** A request whose session holds `kept` as Passport's user. */
function requestOf(kept?: unknown, more: object = {}): Request {
  const session = kept === undefined ? more : { passport: { user: kept }, ...more }
  return { session } as unknown as Request
}

describe('userIDIn', () => {
  const LONGEST = 'u'.repeat(128)
  const CASES: [kept: unknown, id: string | undefined][] = [
    ['user-1', 'user-1'],
    [LONGEST, LONGEST],
    [`${LONGEST}u`, undefined], // a token, not an id
    [42, '42'],
    [{ id: 'user-1', role: 'admin' }, 'user-1'],
    [{ id: 42 }, '42'],
    [{ id: { value: 1 } }, undefined],
    [{}, undefined],
    [true, undefined],
    [null, undefined],
    [undefined, undefined],
  ]
  for (const [kept, id] of CASES) {
    it(`reads ${id?.slice(0, 20) ?? 'no id'} from ${JSON.stringify(kept)?.slice(0, 40)}`, () => {
      expect(userIDIn(kept)).to.equal(id)
    })
  }
})

describe('isOfAnotherUser', () => {
  it("is true if Passport's user in the session is another one", () => {
    expect(isOfAnotherUser(requestOf('victim'), { user: 'attacker' })).to.equal(true)
    expect(isOfAnotherUser(requestOf(42), { user: '43' })).to.equal(true)
  })

  it('is false for the same user, even if the app keeps a number or an object', () => {
    expect(isOfAnotherUser(requestOf('user-1'), { user: 'user-1' })).to.equal(false)
    expect(isOfAnotherUser(requestOf(42), { user: '42' })).to.equal(false)
    expect(isOfAnotherUser(requestOf({ id: 42, role: 'admin' }), { user: '42' })).to.equal(false)
  })

  it('is false if either side has no id to compare', () => {
    expect(isOfAnotherUser(requestOf('user-1'), {})).to.equal(false)
    expect(isOfAnotherUser(requestOf('user-1'), { user: 42 })).to.equal(false)
    expect(isOfAnotherUser(requestOf(), { user: 'user-1' })).to.equal(false)
    expect(isOfAnotherUser(requestOf({}), { user: 'user-1' })).to.equal(false)
  })

  it('is true after a login by other means, even of the same user, until a login of ours', () => {
    const req = requestOf('user-1')
    markOtherLogin(req)
    expect(isOfAnotherUser(req, { user: 'user-1' })).to.equal(true)
    expect(JSON.parse(JSON.stringify(req.session))).to.include({ 'oneaccess:#other-login': true })
    unmarkOtherLogin(req)
    expect(isOfAnotherUser(req, { user: 'user-1' })).to.equal(false)
  })

  it('marks nothing without a session', () => {
    const req = {} as Request
    markOtherLogin(req)
    expect(req).to.deep.equal({})
  })
})

describe('removeLogins', () => {
  it("removes this strategy's entry and the records of others; keeps the rest", () => {
    const session = {
      passport: { user: 'user-1' },
      cart: { record: 'vinyl' },
      'oneaccess:#other-login': true,
      'oneaccess:shop': { record: 'a', formerly: ['s1'] },
      'oneaccess:wholesale': { record: 'b', formerly: ['s2'] },
      'oneaccess:damaged': 'c',
      'my-oneaccess:': { record: 'd' },
    }
    removeLogins(session, 'oneaccess:shop')
    expect(session).to.deep.equal({
      passport: { user: 'user-1' },
      cart: { record: 'vinyl' },
      'oneaccess:wholesale': { formerly: ['s2'] },
      'oneaccess:damaged': 'c',
      'my-oneaccess:': { record: 'd' },
    })
  })
})
