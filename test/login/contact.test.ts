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

  it('reads an email with 254 characters or several domain parts beside an empty mobile number', () => {
    for (const email of [`${'a'.repeat(244)}@b.example`, 'min+shop@mail.example.com.cn']) {
      expect(readContact({ email, mobile: '' })).to.deep.equal({ email })
      expect(readContact({ email, mobile: null })).to.deep.equal({ email })
    }
  })

  it('reads an email with spaces around it or in full-width characters', () => {
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
    it(`rejects ${JSON.stringify(input).slice(0, 60)}`, () => {
      expect(readContact(input)).to.equal(undefined)
    })
  }
})

describe('readCompletion', () => {
  const read = (body: unknown, headers: object = {}, site = 'https://shop.example/callback') =>
    readCompletion({ body, headers } as unknown as Request, site ? new URL(site) : undefined)
  const verify_code = '123456'

  it('reads a code with spaces or in full-width digits', () => {
    for (const typed of ['123 456', ' 123456', '１２３４５６']) {
      expect(read({ verify_code: typed })).to.deep.equal({
        contact: undefined,
        verifyCode: '123456',
      })
    }
    expect(read({ verifyCode: 'aB3d' })).to.have.property('verifyCode', 'aB3d')
  })

  it('reads the contact if the form contains one', () => {
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

  it('rejects a malformed contact before it checks the code', () => {
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

  it('rejects a malformed code', () => {
    for (const code of [undefined, '', '12', '123', '12345678901', '12-34', ['123456'], 123456]) {
      expect(read({ verify_code: code })).to.have.nested.property(
        'info.code',
        'verify_code_malformed',
      )
    }
  })

  const SAME_ORIGIN: [headers: object, callbackURL?: string][] = [
    [{}],
    [{}, ''],
    [{ 'sec-fetch-site': 'same-origin' }],
    [{ 'sec-fetch-site': 'none', origin: 'null' }],
    [{ 'sec-fetch-site': 'same-origin', origin: 'https://www.shop.example' }],
    [{ origin: 'https://shop.example' }],
    [{ origin: 'https://shop.example' }, 'https://shop.example:443/callback'],
  ]
  for (const [headers, callbackURL] of SAME_ORIGIN) {
    it(`accepts a same-origin form: ${JSON.stringify({ headers, callbackURL })}`, () => {
      expect(read({ verify_code }, headers, callbackURL)).to.have.property('verifyCode')
    })
  }

  const CROSS_ORIGIN: [headers: object, callbackURL?: string][] = [
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site', origin: 'https://shop.example' }],
    [{ 'sec-fetch-site': '' }],
    [{ 'sec-fetch-site': 'same-origin, same-site' }],
    [{ origin: 'null' }],
    [{ origin: '' }],
    [{ origin: 'https://evil.shop.example' }],
    [{ origin: 'http://shop.example' }],
    [{ origin: 'https://shop.example:8443' }],
    [{ origin: 'https://shop.example' }, ''],
  ]
  for (const [headers, callbackURL] of CROSS_ORIGIN) {
    it(`rejects a cross-origin form: ${JSON.stringify({ headers, callbackURL })}`, () => {
      const failure = read({ verify_code }, headers, callbackURL)
      expect(failure).to.have.nested.property('info.code', 'challenge_missing')
      expect(failure).to.have.nested.property('info.detail').that.includes('callbackURL')
    })
  }

  it('rejects a missing or unparsed body with a message that says what to send', () => {
    for (const body of [undefined, null, 'verify_code=123456', ['123456']]) {
      const failure = read(body)
      expect(failure).to.have.property('status', 400)
      expect(failure).to.have.nested.property('info.message').that.includes('express.urlencoded()')
    }
  })
})
