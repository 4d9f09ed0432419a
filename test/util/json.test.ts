import { expect } from 'chai'
import sinon from 'sinon'
import { OneAccessError } from '../../lib/index.js'
import { parseJson, ResponseReader } from '../../lib/util/json.js'

function errorOf(read: () => unknown): OneAccessError {
  try {
    read()
  } catch (error) {
    if (error instanceof OneAccessError) return error
    throw error
  }
  throw new Error('expected a OneAccessError')
}

describe('parseJson, limits for responses that are expensive to parse', () => {
  const EXPENSIVE: [name: string, text: string][] = [
    ['1 MiB of nesting', '['.repeat(2 ** 19) + ']'.repeat(2 ** 19)],
    [
      'nesting that is too deep for a recursive function',
      `${'{"a":'.repeat(2_001)}1${'}'.repeat(2_001)}`,
    ],
    ['too many objects', `[${'{},'.repeat(2_000)}{}]`],
    ['too many values', `[${'1,'.repeat(20_001)}1]`],
  ]
  for (const [name, text] of EXPENSIVE) {
    it(`rejects ${name} before parsing`, () => {
      const parse = sinon.spy(JSON, 'parse')
      try {
        expect(() => parseJson(text)).to.throw(SyntaxError)
        expect(parse.called).to.equal(false)
      } finally {
        parse.restore()
      }
    })
  }

  it('accepts the maximum number of objects and of values', () => {
    expect(parseJson(`[${'{},'.repeat(1_998)}{}]`)).to.have.lengthOf(1_999)
    expect(parseJson(`[${'1,'.repeat(20_000)}1]`)).to.have.lengthOf(20_001)
  })
})

describe('ResponseReader', () => {
  it('token() rejects more than 65,536 characters', () => {
    const answer = (length: number) => new ResponseReader('login', { a: 'x'.repeat(length) })
    expect(answer(65_536).token('a')).to.have.lengthOf(65_536)
    expect(errorOf(() => answer(65_537).token('a')).message).to.include('too long for a token')
  })

  const STRANGE = [7, true, {}, ['a'], Number.NaN]

  for (const body of [undefined, null, 'text', 7, true, [], [{}]]) {
    it(`errors with 502 and names the step when the body is ${JSON.stringify(body)}`, () => {
      const error = errorOf(() => new ResponseReader('ticket', body))
      expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'ticket' })
      expect(error.hint).to.include('the ticket call').and.to.include('the body')
    })
  }

  for (const read of ['text', 'token'] as const) {
    for (const value of [undefined, null, '', ...STRANGE]) {
      it(`${read}() rejects ${JSON.stringify(value)} and names the field`, () => {
        const error = errorOf(() =>
          new ResponseReader('verify', { field_1: value })[read]('field_1'),
        )
        expect(error).to.include({ code: 'unexpected_answer', step: 'verify' })
        expect(error.message).to.include('field_1')
      })
    }
  }

  for (const read of ['optionalText', 'optionalToken'] as const) {
    for (const value of [undefined, null, '']) {
      it(`${read}() returns undefined for ${JSON.stringify(value)}`, () => {
        expect(new ResponseReader('login', { a: value })[read]('a')).to.equal(undefined)
      })
    }

    for (const value of STRANGE) {
      it(`${read}() rejects ${JSON.stringify(value)}`, () => {
        expect(errorOf(() => new ResponseReader('login', { a: value })[read]('a')).hint).to.match(
          / a$/,
        )
      })
    }
  }

  for (const value of ['a b', 'a\n', '\0', 'é', '支付宝', '\x7f', ' ']) {
    it(`token() rejects ${JSON.stringify(value)}, which cannot be sent in a header or URL`, () => {
      const answer = new ResponseReader('login', { a: value })
      expect(errorOf(() => answer.token('a')).code).to.equal('unexpected_answer')
      expect(errorOf(() => answer.optionalToken('a')).code).to.equal('unexpected_answer')
      expect(answer.text('a')).to.equal(value)
    })
  }

  it('does not repeat a rejected value in the error', () => {
    const answer = new ResponseReader('login', { a: 'canary 1', b: { canary: 1 } })
    for (const read of [() => answer.token('a'), () => answer.text('b')])
      expect(errorOf(read).message).to.not.include('canary')
    expect(errorOf(() => answer.optionalSeconds('a')).message).to.not.include('canary')
  })

  it('token() accepts every visible ASCII character', () => {
    const visible = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i)).join('')
    expect(new ResponseReader('login', { a: visible }).token('a')).to.equal(visible)
  })

  for (const [value, seconds] of [
    [604800, 604800],
    [0, 0],
    ['1719', 1719],
    [1.5, 1.5],
    [1e308, 315_360_000],
    [9_999_999_999_999, 315_360_000],
    [undefined, undefined],
    [null, undefined],
    ['', undefined],
  ] as const) {
    it(`optionalSeconds() reads ${JSON.stringify(value)} as ${seconds}`, () => {
      expect(new ResponseReader('login', { a: value }).optionalSeconds('a')).to.equal(seconds)
    })
  }

  for (const value of [-1, 'soon', '-1', {}, [], true, Number.POSITIVE_INFINITY, Number.NaN]) {
    it(`optionalSeconds() rejects ${String(value)}`, () => {
      const answer = new ResponseReader('login', { expire: value })
      expect(errorOf(() => answer.optionalSeconds('expire')).hint).to.match(/expire$/)
    })
  }

  for (const type of ['png', 'jpeg']) {
    it(`base64() accepts an image as plain base64 and as the data URL of a ${type}`, () => {
      for (const image of ['iVBORw0KGgo=', 'iVBORw0KGg==', 'iVBORw0KGgoA', '/9j+']) {
        expect(new ResponseReader('captcha', { a: image }).base64('a')).to.equal(image)
        const url = `data:image/${type};base64,${image}`
        expect(new ResponseReader('captcha', { a: url }).base64('a')).to.equal(image)
      }
    })
  }

  for (const value of [
    '"><script>',
    'iVBO "x"',
    '"iVBO',
    'iVBO"',
    'iVBO=a',
    'xdata:image/png;base64,iVBO',
  ]) {
    it(`base64() rejects ${value}, which a page would embed`, () => {
      const error = errorOf(() => new ResponseReader('captcha', { a: value }).base64('a'))
      expect(error).to.include({ code: 'unexpected_answer', step: 'captcha' })
      expect(error.message).to.include('a is not base64')
    })
  }

  it('does not read inherited properties as fields', () => {
    const answer = new ResponseReader('login', {})
    for (const field of ['toString', 'constructor', '__proto__'])
      expect(errorOf(() => answer.text(field)).code).to.equal('unexpected_answer')
  })
})

describe('parseJson', () => {
  const poisoned = [
    '{"a":1,"__proto__":{"admin":true}}',
    '{"a":1,"\\u005f_proto__":{"admin":true}}',
    '{"a":1,"constructor":{"prototype":{"admin":true}}}',
    '{"a":1,"prototype":{"admin":true}}',
    '{"a":1,"\\u0063onstructor":{"admin":true}}',
  ]
  for (const text of poisoned) {
    it(`drops the prototype key from ${text}, at any depth`, () => {
      expect(parseJson(text)).to.deep.equal({ a: 1 })
      expect(parseJson(`{"b":[{"c":${text}}]}`)).to.deep.equal({ b: [{ c: { a: 1 } }] })
      const copy = Object.assign({}, parseJson(text)) as Record<string, unknown>
      expect(copy.admin).to.equal(undefined)
      expect(Object.hasOwn(copy, 'constructor')).to.equal(false)
    })
  }

  for (const text of [
    '{"a":"__proto__"}',
    '["constructor"]',
    '{"prototypes":1}',
    '"\\u4e2d"',
    '7',
  ]) {
    it(`returns ${text} unchanged`, () => {
      expect(parseJson(text)).to.deep.equal(JSON.parse(text))
    })
  }

  for (const text of ['', '{', '{"a":1}x', '{"constructor":', 'undefined']) {
    it(`throws a SyntaxError for ${JSON.stringify(text)}`, () => {
      expect(() => parseJson(text)).to.throw(SyntaxError)
    })
  }
})
