import { expect } from 'chai'
import { OneAccessAlipayStrategy } from '../../lib/index.js'

describe('option maxConnections', () => {
  const make = (maxConnections: unknown) => () =>
    new OneAccessAlipayStrategy(
      {
        domain: 'acme.huaweioneaccess.com',
        clientID: 'client',
        clientSecret: 'secret',
        maxConnections: maxConnections as number,
      },
      () => ({}),
    )

  for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '8', null, true]) {
    it(`refuses ${String(wrong)} by name`, () => {
      expect(make(wrong)).to.throw(TypeError, 'option maxConnections must be a whole number')
    })
  }

  it('takes a whole number', () => {
    expect(make(1)).to.not.throw()
  })
})
