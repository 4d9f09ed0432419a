import { expect } from 'chai'
import type { Request } from 'express'
import { readCompletion, readContact } from '../../lib/login/contact.js'

describe('readContact', () => {
  const mobiles: [typed: string, read: string][] = [
    ['15200000003', '15200000003'],
    [' 152 0000 0003 ', '15200000003'],
    ['152-0000-0003', '15200000003'],
    ['１５２０００００００３', '15200000003'],
    ['+86-152-0000-0003', '+86-15200000003'],
    ['+86 152 0000 0003', '+8615200000003'],
    ['(010) 6655-4433', '01066554433'],
  ]
  for (const [typed, read] of mobiles) {
    it(`reads the mobile number ${typed} as ${read}`, () => {
      expect(readContact({ mobile: typed })).to.deep.equal({ mobile: read })
    })
  }

  it('reads an email as people and Chinese keyboards type it', () => {
    for (const email of [
      'min@example.com',
      ' min@example.com\n',
      'ｍｉｎ＠ｅｘａｍｐｌｅ．ｃｏｍ',
    ]) {
      expect(readContact({ email })).to.deep.equal({ email: 'min@example.com' })
    }
  })

  const malformed: object[] = [
    {},
    { mobile: '' },
    { mobile: '12345' },
    { mobile: '1234567890123456' },
    { mobile: '+86' },
    { mobile: '-152-0000' },
    { mobile: '15200000003;15200000004' },
    { mobile: ['15200000003'] },
    { mobile: 15200000003 },
    { email: 'nobody' },
    { email: 'nobody@' },
    { email: 'a@b@c.example' },
    { email: `${'a'.repeat(250)}@b.example` },
    { email: 'a@b.example', mobile: '15200000003' },
  ]
  for (const input of malformed) {
    it(`refuses ${JSON.stringify(input).slice(0, 60)}`, () => {
      expect(readContact(input)).to.equal(undefined)
    })
  }
})

describe('readCompletion', () => {
  const read = (body: unknown) =>
    readCompletion({ body, get: () => undefined } as unknown as Request)

  it('reads a code with spaces, or as wide as Chinese characters', () => {
    for (const verify_code of ['123 456', ' 123456', '１２３４５６']) {
      expect(read({ verify_code })).to.deep.equal({ contact: undefined, verifyCode: '123456' })
    }
  })

  it('refuses what is no code', () => {
    for (const verify_code of [undefined, '', '12', '12345678901', '12-34', ['123456'], 123456]) {
      expect(read({ verify_code }))
        .to.have.nested.property('info.code')
        .that.equals('verify_code_malformed')
    }
  })
})
