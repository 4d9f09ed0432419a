import { expect } from 'chai'
import { OneAccessError } from '../../lib/index.js'
import { boundedKeySet } from '../../lib/oneaccess/key-set.js'

const KEY = { kty: 'RSA', kid: 'k1', n: 'AQAB', e: 'AQAB', alg: 'RS256', use: 'sig' }

describe('boundedKeySet', () => {
  it('returns a body that is not a key set unchanged, and null for undefined', () => {
    for (const body of [[], 'text', {}, { keys: {} }]) expect(boundedKeySet(body)).to.equal(body)
    expect(boundedKeySet(undefined)).to.equal(null)
  })

  it('keeps the public fields of a key, and drops certificates and private fields', () => {
    const keys = [{ ...KEY, x5c: ['a'.repeat(2 ** 20)], d: 'private' }]
    expect(boundedKeySet({ keys })).to.deep.equal({ keys: [KEY] })
  })

  it('drops a key with a field of more than 4096 characters, and keeps the others', () => {
    const keys = [{ ...KEY, n: 'a'.repeat(4_097) }, { ...KEY, n: 'a'.repeat(4_096) }, KEY]
    expect(boundedKeySet({ keys })).to.deep.equal({ keys: keys.slice(1) })
    expect(boundedKeySet({ keys: [{ ...KEY, key_ops: ['a'.repeat(4_097)] }] })).to.deep.equal({
      keys: [],
    })
  })

  it('errors with 502 on more than 100 keys', () => {
    expect(boundedKeySet({ keys: Array(100).fill(KEY) }))
      .to.have.property('keys')
      .with.lengthOf(100)
    expect(() => boundedKeySet({ keys: Array(101).fill(KEY) }))
      .to.throw(OneAccessError)
      .which.includes({ code: 'unexpected_answer', status: 502, step: 'keys' })
  })
})
