import { expect } from 'chai'
import { OneAccessError } from '../../lib/index.js'
import { boundedKeySet } from '../../lib/oneaccess/key-set.js'

const KEY = { kty: 'RSA', kid: 'k1', n: 'AQAB', e: 'AQAB', alg: 'RS256', use: 'sig' }

describe('boundedKeySet', () => {
  it('hands on what is no key set', () => {
    for (const body of [[], 'text', {}, { keys: {} }]) expect(boundedKeySet(body)).to.equal(body)
    expect(boundedKeySet(undefined)).to.equal(null)
  })

  it('keeps what a key is read from, and no certificates', () => {
    const keys = [{ ...KEY, x5c: ['a'.repeat(2 ** 20)], d: 'private' }]
    expect(boundedKeySet({ keys })).to.deep.equal({ keys: [KEY] })
  })

  it('drops a key of a megabyte, and keeps the others', () => {
    const keys = [{ ...KEY, n: 'a'.repeat(4_097) }, { ...KEY, n: 'a'.repeat(4_096) }, KEY]
    expect(boundedKeySet({ keys })).to.deep.equal({ keys: keys.slice(1) })
    expect(boundedKeySet({ keys: [{ ...KEY, key_ops: ['a'.repeat(4_097)] }] })).to.deep.equal({
      keys: [],
    })
  })

  it('refuses more keys than any tenant publishes: 502', () => {
    expect(boundedKeySet({ keys: Array(100).fill(KEY) }))
      .to.have.property('keys')
      .with.lengthOf(100)
    expect(() => boundedKeySet({ keys: Array(101).fill(KEY) }))
      .to.throw(OneAccessError)
      .which.includes({ code: 'unexpected_answer', status: 502, step: 'keys' })
  })
})
