import { expect } from 'chai'
import { redact } from '../../lib/oneaccess/error-codes.js'
import { startUpstream } from '../support/upstream.js'
import { CONTEXT, createClient, LOGIN_V3, networkErrorOf } from './support.js'

describe('harmless', () => {
  it('hides a secret, as it is and as a form or an address writes it, wherever it stands', () => {
    const secret = 'a b/c+d'
    for (const form of [secret, 'a+b%2Fc%2Bd', 'a%20b%2Fc%2Bd']) {
      expect(redact(`no ${form}, ${form}!`, ['other', secret], 99)).to.equal('no ***, ***!')
    }
  })

  it('takes up to three characters for no secret: they are in every other word', () => {
    expect(redact('abc abcd', ['abc'], 99)).to.equal('abc abcd')
    expect(redact('abc abcd', ['abcd'], 99)).to.equal('abc ***')
  })

  it('hides a secret that is no sound text', () => {
    expect(redact('no ab%EF%BF%BDcd', ['ab\ud800cd'], 99)).to.equal('no ***')
  })

  it('keeps what users read in Chinese and in English', () => {
    const text = '系统繁忙,请稍后再试。「Error」(~!) 一鿿　〿＀￯'
    expect(redact(text, [], 99)).to.equal(text)
  })

  it('puts a question mark for all else: what steers a terminal, and what looks like something else', () => {
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

  it('hides what may be a token or a number of a phone, though nobody has named it', () => {
    expect(redact(`x ${'a'.repeat(23)} 12345`, [], 99)).to.equal(`x ${'a'.repeat(23)} 12345`)
    expect(redact(`x ${'a+/=-_Z9'.repeat(3)} 123456.`, [], 99)).to.equal('x *** ***.')
  })

  it('hides numbers of phones and email addresses, however they are written', () => {
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

  it('cuts to a length after all that', () => {
    expect(redact(`${'ab '.repeat(9)}secret`, ['secret'], 29)).to.equal(`${'ab '.repeat(9)}**`)
  })

  it('leaves 64 characters of a code and 200 of a message in an error', async () => {
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

  it('searches no more of a message of 1 MiB than it tells', () => {
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

  it('leaves nothing of a secret that the end of what is searched cuts in two', () => {
    const secret = 'se(cr)et!'
    for (let shift = 0; shift < 40; shift++) {
      const text = ' '.repeat(shift) + `${secret} `.repeat(1_000)
      expect(redact(text, [secret], 60)).to.match(/^( |\*\*\*)*\**$/)
    }
  })
})
