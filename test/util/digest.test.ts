import { expect } from 'chai'
import { randomHex, sha256 } from '../../lib/util/digest.js'

describe('sha256', () => {
  it('returns the hash of the UTF-8 text in hex', () => {
    expect(sha256('abc')).to.equal(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
    expect(sha256('支付宝')).to.equal(
      '276a8bc458036a1afdfcf2b9c8afac6572e5151ca79d8e716e260e8e28947aff',
    )
  })
})

describe('randomHex', () => {
  it('returns 40 hex digits that never repeat', () => {
    const all = Array.from({ length: 1_000 }, randomHex)
    for (const one of all) expect(one).to.match(/^[0-9a-f]{40}$/)
    expect(new Set(all).size).to.equal(1_000)
  })

  it('varies in every digit, also after a refill of its buffer', () => {
    const all = Array.from({ length: 500 }, randomHex)
    const seen = Array.from({ length: 40 }, (_, at) => new Set(all.map((one) => one[at])).size)
    expect(seen).to.deep.equal(Array.from({ length: 40 }, () => 16))
    expect(new Set(all.map((one) => one.slice(0, 16))).size).to.equal(500)
  })
})
