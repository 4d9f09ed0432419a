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
    ['123456', '123456'],
    ['123456789012345', '123456789012345'],
    ['+1234-567890', '+1234-567890'],
  ]
  for (const [typed, read] of mobiles) {
    it(`reads the mobile number ${typed} as ${read}`, () => {
      expect(readContact({ mobile: typed })).to.deep.equal({ mobile: read })
    })
  }

  it('reads an email of 254 characters, with several parts, and empty text beside it', () => {
    for (const email of [`${'a'.repeat(244)}@b.example`, 'min+shop@mail.example.com.cn']) {
      expect(readContact({ email, mobile: '' })).to.deep.equal({ email })
      expect(readContact({ email, mobile: null })).to.deep.equal({ email })
    }
  })

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
    { mobile: '1-2-3-4-5' },
    { mobile: null, email: null },
    { mobile: '+12345-67890123456' },
    { mobile: `${' '.repeat(320)}15200000003` },
    { mobile: '1234567890123456' },
    { mobile: '+86' },
    { mobile: '-152-0000' },
    { mobile: '15200000003;15200000004' },
    { mobile: ['15200000003'] },
    { mobile: 15200000003 },
    { email: 'nobody' },
    { email: 'nobody@' },
    { email: 'a@b@c.example' },
    { email: 'a@b.example,' },
    { email: 'a@b..example' },
    { email: 'a b@c.example' },
    { email: 'min@localhost' },
    { email: ['min@example.com'] },
    { email: `${'a'.repeat(245)}@b.example` },
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
  const read = (body: unknown, site?: string) =>
    readCompletion({
      body,
      headers: { 'sec-fetch-site': site },
    } as unknown as Request)
  const verify_code = '123456'

  it('reads a code with spaces, or as wide as Chinese characters', () => {
    for (const typed of ['123 456', ' 123456', '１２３４５６']) {
      expect(read({ verify_code: typed })).to.deep.equal({
        contact: undefined,
        verifyCode: '123456',
      })
    }
    expect(read({ verifyCode: 'aB3d' })).to.have.property('verifyCode', 'aB3d')
  })

  it('reads to whom it was sent, where the form says so', () => {
    const none = { contact: undefined, verifyCode: verify_code }
    expect(read({ verify_code, mobile: '15200000003', email: '' })).to.deep.equal({
      ...none,
      contact: { mobile: '15200000003' },
    })
    expect(read({ verify_code, email: 'a@b.example' })).to.deep.equal({
      ...none,
      contact: { email: 'a@b.example' },
    })
    for (const nothing of ['', null]) {
      expect(read({ verify_code, mobile: nothing, email: nothing })).to.deep.equal(none)
    }
  })

  it('refuses what is no contact before it looks at the code', () => {
    for (const contact of [
      { mobile: 'call me' },
      { email: 'nobody' },
      { mobile: '15200000003', email: 'a@b.example' },
    ]) {
      expect(read({ verify_code: '1', ...contact })).to.have.nested.property(
        'info.code',
        'contact_malformed',
      )
    }
  })

  it('refuses what is no code', () => {
    for (const code of [undefined, '', '12', '123', '12345678901', '12-34', ['123456'], 123456]) {
      expect(read({ verify_code: code })).to.have.nested.property(
        'info.code',
        'verify_code_malformed',
      )
    }
  })

  it('refuses a form of another site, and none of this one', () => {
    expect(read({ verify_code }, 'cross-site')).to.have.nested.property(
      'info.code',
      'challenge_missing',
    )
    for (const site of ['same-origin', 'same-site', 'none']) {
      expect(read({ verify_code }, site)).to.have.property('verifyCode')
    }
  })

  it('says what to send where there is no form', () => {
    for (const body of [undefined, null, 'verify_code=123456', ['123456']]) {
      const failure = read(body)
      expect(failure).to.have.property('status', 400)
      expect(failure).to.have.nested.property('info.message').that.includes('express.urlencoded()')
    }
  })
})
