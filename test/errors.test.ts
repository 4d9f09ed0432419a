import { expect } from 'chai'
import { OneAccessError, type OneAccessErrorCode, unexpectedAnswer } from '../lib/errors.js'

const REQUIRED = { step: 'login', status: 503, hint: 'try again' } as const

describe('OneAccessError', () => {
  it('has only the given details, and a default publicMessage', () => {
    const error = new OneAccessError('busy', REQUIRED)
    expect(error).to.be.instanceOf(Error)
    expect(String(error)).to.equal('OneAccessError: login: busy: try again')
    expect(JSON.parse(JSON.stringify(error))).to.deep.equal({
      name: 'OneAccessError',
      code: 'busy',
      ...REQUIRED,
      publicMessage: 'Login is unavailable right now. Please try again later.',
    })
    expect(error.cause).to.equal(undefined)
    expect('cause' in error).to.equal(false)
  })

  it('has all details in its message, and headers with Retry-After', () => {
    const error = new OneAccessError('rate_limited', {
      ...REQUIRED,
      errorCode: 'SDK.429',
      detail: 'too many',
      httpStatus: 429,
      retryAfter: 0,
      cause: 'ECONNRESET',
      publicMessage: 'Slowly, please.',
    })
    expect(error.message).to.equal('login: rate_limited SDK.429 (too many): try again')
    expect(error).to.deep.include({
      errorCode: 'SDK.429',
      detail: 'too many',
      httpStatus: 429,
      retryAfter: 0,
      headers: { 'Retry-After': '0' },
      publicMessage: 'Slowly, please.',
    })
    expect(error.cause).to.be.instanceOf(Error).with.property('message', 'ECONNRESET')
  })

  const PUBLIC_MESSAGES: [code: OneAccessErrorCode, status: number, message: RegExp][] = [
    ['puzzle_refused', 400, /^The puzzle was not solved/],
    ['code_not_sent', 400, /^The code could not be sent/],
    ['session_ended', 401, /^Please log in again/],
    ['input_malformed', 400, /^Please check what you entered/],
    ['refused', 499, /^Please check what you entered/],
    ['misconfigured', 500, /^Login is unavailable right now/],
    ['unexpected_answer', 502, /^Login is unavailable right now/],
  ]
  for (const [code, status, message] of PUBLIC_MESSAGES) {
    it(`has a publicMessage for ${code} with status ${status}`, () => {
      expect(new OneAccessError(code, { ...REQUIRED, status }).publicMessage).to.match(message)
    })
  }
})

describe('unexpectedAnswer', () => {
  it('names the step, the field and its value', () => {
    const error = unexpectedAnswer('verify', 'id', 'is missing or empty')
    expect(error).to.include({ code: 'unexpected_answer', step: 'verify', status: 502 })
    expect(error.message).to.match(
      /^verify: unexpected_answer \(id is missing or empty\): OneAccess/,
    )
    expect(error.hint)
      .to.include('the verify call')
      .and.to.match(/check id$/)
  })
})
