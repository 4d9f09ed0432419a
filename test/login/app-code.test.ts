import { expect } from 'chai'
import type { Request } from 'express'
import { readAppCode } from '../../lib/login/app-code.js'

describe('readAppCode', () => {
  const read = (body: unknown, type = 'application/json') =>
    readAppCode({ body, headers: { 'content-type': type } } as unknown as Request)

  for (const name of ['auth_code', 'authCode', 'code']) {
    it(`reads the code from ${name} and ignores other fields`, () => {
      expect(read({ platform: 'ios', [name]: 'c1' })).to.equal('c1')
    })
  }

  it('fails with code_missing when there is no code, an empty one or an inherited one', () => {
    for (const body of [{}, { platform: 'ios' }, { code: '' }, Object.create({ code: 'c1' })]) {
      expect(read(body)).to.have.nested.property('info.code', 'code_missing')
    }
  })

  const malformed: [name: string, body: unknown, type: string, message: RegExp][] = [
    [
      'a form',
      { code: 'c1' },
      'application/x-www-form-urlencoded',
      /Content-Type: application\/json/,
    ],
    ['a body that no parser has read', undefined, 'application/json', /express\.json\(\)/],
    ['an array', ['c1'], 'application/json', /a JSON object/],
    ['two codes', { code: 'c1', authCode: 'c1' }, 'application/json', /auth_code .* once/],
    ['a number', { code: 7 }, 'application/json', /auth_code/],
    ['null', { code: null }, 'application/json', /auth_code/],
    ['513 characters', { code: 'a'.repeat(513) }, 'application/json', /short string/],
    ['a line feed', { code: 'a\nb' }, 'application/json', /short string/],
  ]
  for (const [name, body, type, message] of malformed) {
    it(`rejects ${name} with a message that says what to send`, () => {
      const failure = read(body, type)
      expect(failure).to.have.property('status', 400)
      expect(failure).to.have.nested.property('info.code', 'parameters_malformed')
      expect(failure).to.have.nested.property('info.message').that.matches(message)
    })
  }
})
