import { expect } from 'chai'
import { redact } from '../../lib/oneaccess/error-codes.js'
import { startUpstream } from '../support/upstream.js'
import { CONTEXT, createClient, LOGIN_V3, networkErrorOf } from './support.js'

describe('redact', () => {
  it('replaces a secret anywhere in the text, plain or URL-encoded', () => {
    const secret = 'a b/c+d'
    for (const form of [secret, 'a+b%2Fc%2Bd', 'a%20b%2Fc%2Bd']) {
      expect(redact(`no ${form}, ${form}!`, ['other', secret], 99)).to.equal('no ***, ***!')
    }
  })

  it('ignores secrets of up to 3 characters, which ordinary words contain', () => {
    expect(redact('abc abcd', ['abc'], 99)).to.equal('abc abcd')
    expect(redact('abc abcd', ['abcd'], 99)).to.equal('abc ***')
  })

  it('replaces a secret that contains a lone surrogate', () => {
    expect(redact('no ab%EF%BF%BDcd', ['ab\ud800cd'], 99)).to.equal('no ***')
  })

  it('keeps Chinese and ASCII text', () => {
    const text = '系统繁忙,请稍后再试。「Error」(~!) 一鿿　〿＀￯'
    expect(redact(text, [], 99)).to.equal(text)
  })

  it('replaces other characters with a question mark, such as terminal controls and lookalikes', () => {
    for (const sign of [
      '\n',
      '\0',
      '\x1b',
      '\x7f',
      '\x1f',
      'é',
      '\u202e',
      '😀',
      '\ufeff',
      '\u3040',
    ]) {
      expect(redact(`a${sign}b`, [], 99)).to.equal('a?b')
    }
  })

  it('replaces possible tokens and phone numbers that are not listed as secrets', () => {
    expect(redact(`x ${'a'.repeat(23)} 12345`, [], 99)).to.equal(`x ${'a'.repeat(23)} 12345`)
    expect(redact(`x ${'a+/=-_Z9'.repeat(3)} 123456.`, [], 99)).to.equal('x *** ***.')
  })

  it('replaces phone numbers and email addresses in any notation', () => {
    for (const personal of [
      '+86-15200000001',
      '152-0000-0001',
      '152 0000 0001',
      '(021) 5555.0101',
      '１５２００００００１',
      '＋８６１５２００００００１',
      'li.wei+shop@mail.example.com',
      'li＠example．com',
    ]) {
      const said = redact(`用户 ${personal} 已冻结 (3 left)`, [], 99)
      expect(said).to.match(/^用户 [+(]?\*\*\* 已冻结 \(3 left\)$/)
    }
  })

  it('truncates the text after the replacements', () => {
    expect(redact(`${'ab '.repeat(9)}secret`, ['secret'], 29)).to.equal(`${'ab '.repeat(9)}**`)
  })

  it('limits an error to 64 characters of the error code and 200 of the message', async () => {
    const upstream = await startUpstream()
    try {
      const body = { error_code: 'A.'.repeat(99), error_msg: 'b '.repeat(300) }
      upstream.script(LOGIN_V3, { status: 400, body })
      const error = await networkErrorOf(createClient(upstream).loginWithAlipay('code-1', CONTEXT))
      expect(error.errorCode).to.equal('A.'.repeat(32))
      expect(error.message).to.include('b '.repeat(100).trim())
      expect(error.message).to.not.include('b '.repeat(101).trim())
    } finally {
      await upstream.close()
    }
  })

  it('searches only the part of a 1 MiB message that it may return', () => {
    const lengths: number[] = []
    const { replaceAll } = String.prototype
    String.prototype.replaceAll = function (this: string, ...args: unknown[]) {
      lengths.push(this.length)
      return Reflect.apply(replaceAll, this, args) as string
    } as typeof replaceAll
    try {
      redact('a b '.repeat(2 ** 18), ['secret-1'], 200)
    } finally {
      String.prototype.replaceAll = replaceAll
    }
    expect(Math.max(...lengths)).to.be.within(200, 300)
  })

  it('leaves no part of a secret that the end of the searched part cuts in two', () => {
    const secret = 'se(cr)et!'
    for (let shift = 0; shift < 40; shift++) {
      const text = ' '.repeat(shift) + `${secret} `.repeat(1_000)
      expect(redact(text, [secret], 60)).to.match(/^( |\*\*\*)*\**$/)
    }
  })
})
