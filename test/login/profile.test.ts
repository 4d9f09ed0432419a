import { expect } from 'chai'
import { profileOf } from '../../lib/login/profile.js'

describe('profileOf', () => {
  it('maps all fields that a tenant returns', () => {
    const user = {
      id: 'u1',
      userName: 'limei',
      name: '李梅',
      mobile: '+86-15200000001',
      email: 'limei@example.com',
      department: 'sales',
    }
    expect(profileOf(user)).to.deep.equal({
      provider: 'oneaccess-alipay',
      id: 'u1',
      username: 'limei',
      displayName: '李梅',
      emails: [{ value: 'limei@example.com' }],
      phoneNumbers: [{ value: '+86-15200000001' }],
      _json: user,
    })
  })

  for (const nothing of [undefined, null, '', 7, ['limei'], { value: 'limei' }]) {
    it(`contains only the id when the other fields are ${JSON.stringify(nothing)}`, () => {
      const user = { id: 'u1', userName: nothing, name: nothing, mobile: nothing, email: nothing }
      expect(profileOf(user as never)).to.deep.equal({
        provider: 'oneaccess-alipay',
        id: 'u1',
        displayName: '',
        _json: user,
      })
    })
  }

  it('uses the user name as displayName when the name is empty', () => {
    expect(profileOf({ id: 'u1', userName: 'limei', name: '' })).to.include({
      username: 'limei',
      displayName: 'limei',
    })
  })
})
