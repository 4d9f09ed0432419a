import { expect } from 'chai'
import type { OneAccessError } from '../../lib/index.js'
import { readUser, userIn, wrongUserError } from '../../lib/oneaccess/user.js'

const USER = { id: 'u1', userName: 'zhangsan', name: '张三', mobile: '+86-18310136755' }

describe('userIn', () => {
  it('finds the user in either documented shape', () => {
    expect(userIn({ sub: 'x', ...USER })).to.include(USER)
    expect(userIn({ sub: 'subject', api: JSON.stringify(USER) })).to.deep.equal(USER)
    expect(userIn({ api: USER })).to.deep.equal(USER)
  })

  const WITHOUT_USER: [name: string, claims: Record<string, unknown> | undefined][] = [
    ['undefined', undefined],
    ['claims with only sub', { sub: 'u1' }],
    ['claims with an empty id', { id: '' }],
    ['claims with a number as id', { id: 7 }],
    ['claims whose api is not JSON', { api: 'zhangsan' }],
    ['claims whose api has no id', { api: '{"userName":"u"}' }],
    ['claims whose api is null', { api: 'null' }],
  ]
  for (const [name, claims] of WITHOUT_USER) {
    it(`returns undefined for ${name}`, () => {
      expect(userIn(claims)).to.equal(undefined)
    })
  }
})

describe('readUser', () => {
  it('accepts a user with or without a success code', () => {
    for (const around of [{}, { code: null }, { code: 0 }, { code: '0' }]) {
      expect(readUser({ ...around, ...USER }, [])).to.include(USER)
      expect(readUser({ ...around, data: { user: USER } }, [])).to.equal(USER)
    }
  })

  const errorOf = (body: unknown, secrets: string[] = []) => {
    try {
      return readUser(body, secrets)
    } catch (error) {
      return error as OneAccessError
    }
  }

  it('errors with unexpected_answer on a malformed response, and names the problem', () => {
    for (const [body, message] of [
      ['a page', 'the body is not a JSON object'],
      [{ data: {} }, 'id is missing, empty or not a string'],
    ] as const) {
      const error = errorOf(body)
      expect(error).to.include({ code: 'unexpected_answer', step: 'verify', status: 502 })
      expect(`${(error as OneAccessError).message} ${(error as OneAccessError).hint}`).to.include(
        message,
      )
    }
  })

  it('repeats the message of a rejection without secrets, and ignores one that is not a string', () => {
    const said = { code: 'E1', message: 'the ticket s3cret-ticket is unknown' }
    const error = errorOf(said, ['s3cret-ticket']) as OneAccessError
    expect(error).to.include({ code: 'refused', step: 'verify', status: 502, errorCode: 'E1' })
    expect(error.message).to.include('the ticket').and.not.include('s3cret')
    expect(error.hint).to.include('try again')
    const odd = errorOf({ code: 'E1', message: { password: 'hunter2' } }) as OneAccessError
    expect(odd.message).to.include('E1').and.not.include('object')
  })
})

describe('wrongUserError', () => {
  it('says that the response was discarded, and asks to report it to OneAccess', () => {
    const error = wrongUserError('refresh')
    expect(error).to.include({ code: 'id_token_invalid', step: 'refresh', status: 502 })
    expect(error.message).to.include('names another user')
    expect(error.hint).to.include('discarded').and.include('report this to OneAccess')
  })
})
