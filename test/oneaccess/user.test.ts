import { expect } from 'chai'
import { userIn } from '../../lib/oneaccess/user.js'

const USER = { id: 'u1', userName: 'zhangsan', name: '张三', mobile: '+86-18310136755' }

describe('userIn', () => {
  it('finds the user in either documented shape', () => {
    expect(userIn({ sub: 'x', ...USER })).to.include(USER)
    expect(userIn({ sub: 'subject', api: JSON.stringify(USER) })).to.deep.equal(USER)
    expect(userIn({ api: USER })).to.deep.equal(USER)
  })

  const NOBODY: [what: string, claims: Record<string, unknown> | undefined][] = [
    ['no JWT', undefined],
    ['only sub', { sub: 'u1' }],
    ['an empty id', { id: '' }],
    ['an id that is a number', { id: 7 }],
    ['an api that is no JSON', { api: 'zhangsan' }],
    ['an api without id', { api: '{"userName":"u"}' }],
    ['an api that is null', { api: 'null' }],
  ]
  for (const [what, claims] of NOBODY) {
    it(`finds nobody in ${what}`, () => {
      expect(userIn(claims)).to.equal(undefined)
    })
  }
})
