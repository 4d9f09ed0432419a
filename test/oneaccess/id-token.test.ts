import { expect } from 'chai'
import { readIDToken } from '../../lib/oneaccess/id-token.js'

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const tokenOf = (payload: unknown) =>
  `${encode({ alg: 'RS256', kid: 'k1' })}.${encode(payload)}.c2ln`

const USER = { id: 'u1', userName: 'zhangsan', name: '张三', mobile: '+86-18310136755' }

describe('readIDToken (docs/wire.md#id_token)', () => {
  it('reads a token with a real issuer and the user as claims', () => {
    const claims = { iss: 'https://t.test', aud: 'c1', iat: 1767225600, exp: 1767225900, ...USER }
    expect(readIDToken(tokenOf(claims))).to.deep.equal({
      claims,
      issuedAt: 1767225600_000,
      expiresAt: 1767225900_000,
    })
  })

  it('reads a token with placeholder claims and the user as JSON in the claim api', () => {
    const words = { iss: 'Issuer', aud: 'Audience', sub: 'subject', api: JSON.stringify(USER) }
    const claims = { ...words, iat: 1767225600, exp: 1767232800 }
    const read = readIDToken(tokenOf(claims))
    expect(read?.claims).to.deep.equal(claims)
    expect(read?.expiresAt).to.equal(1767232800_000)
  })

  it('returns no expiresAt for a token without exp', () => {
    expect(readIDToken(tokenOf({ sub: 'u1' }))).to.deep.equal({ claims: { sub: 'u1' } })
  })

  for (const exp of ['1767225900', null, -1, 0, {}, true]) {
    it(`returns neither expiresAt nor issuedAt when exp and iat are ${JSON.stringify(exp)}`, () => {
      expect(readIDToken(tokenOf({ exp, iat: exp }))).to.not.have.any.keys('expiresAt', 'issuedAt')
    })
  }

  it('returns no expiresAt when exp is out of range', () => {
    expect(readIDToken(tokenOf('{"exp":1e999}'))).to.not.have.property('expiresAt')
    expect(readIDToken(tokenOf('{"exp":1e306}'))).to.not.have.property('expiresAt')
    expect(readIDToken(tokenOf('{"exp":8640000000001}'))).to.not.have.property('expiresAt')
  })

  const malformed: [name: string, token: string][] = [
    ['an empty string', ''],
    ['a word', 'opaque'],
    ['two parts', 'a.b'],
    ['a JWE of five parts', 'a.b.c.d.e'],
    ['three empty parts', '..'],
    ['a payload that is not base64', 'a.%%%.c'],
    ['a payload that is not JSON', tokenOf('not JSON')],
    ['a payload that is an array', tokenOf([1])],
    ['a payload that is null', tokenOf('null')],
    ['a payload that is a string', tokenOf('"text"')],
    ["the documentation's own sample", 'eyJraWQiOiI0NjJXEuY29tIn0.Jz3pZhvpVQDK99SSwR_SnJE1w0.69w'],
  ]
  for (const [name, token] of malformed) {
    it(`returns undefined for ${name}`, () => {
      expect(readIDToken(token)).to.equal(undefined)
    })
  }

  it('drops __proto__ from the claims', () => {
    const read = readIDToken(tokenOf('{"__proto__":{"admin":true},"id":"u1","a":{"__proto__":1}}'))
    expect(read?.claims).to.deep.equal({ id: 'u1', a: {} })
    expect(read?.claims.admin).to.equal(undefined)
  })
})
