import { expect } from 'chai'
import type { Request } from 'express'
import {
  addressOf,
  headerOf,
  isJSON,
  passToErrorHandler,
  readEagerly,
  setPrivateHeaders,
  urlOf,
} from '../lib/incoming-request.js'

const request = (parts: object) => ({ headers: {}, ...parts }) as unknown as Request

describe('headerOf', () => {
  it('reads a header without the help of Express, and an absent one as empty', () => {
    const req = request({ headers: { 'user-agent': 'curl/8', 'x-purpose': ['a', 'b'] } })
    expect(headerOf(req, 'user-agent')).to.equal('curl/8')
    expect(headerOf(req, 'x-purpose')).to.equal('a, b')
    expect(headerOf(req, 'accept-language')).to.equal('')
  })
})

describe('addressOf', () => {
  const socket = { remoteAddress: '192.0.2.7' }
  it("is Express's req.ip, and else the socket's", () => {
    expect(addressOf(request({ ip: '203.0.113.5', socket }))).to.equal('203.0.113.5')
    expect(addressOf(request({ socket }))).to.equal('192.0.2.7')
  })

  it('is never one that a header names, and empty where there is none', () => {
    const headers = { 'x-forwarded-for': '203.0.113.5', forwarded: 'for=203.0.113.5' }
    expect(addressOf(request({ headers, socket }))).to.equal('192.0.2.7')
    expect(addressOf(request({ headers }))).to.equal('')
  })
})

describe('isJSON', () => {
  const of = (type?: string) => isJSON(request({ headers: { 'content-type': type } }))
  it('is what no form of another site can claim to be', () => {
    for (const type of [
      'application/json',
      'Application/JSON',
      'application/json; charset=utf-8',
    ]) {
      expect(of(type), type).to.equal(true)
    }
    for (const type of [
      undefined,
      'text/plain',
      'text/plain; application/json',
      'application/jsonp',
    ]) {
      expect(of(type), type).to.equal(false)
    }
  })
})

describe('urlOf', () => {
  it('is the address that the app was asked at', () => {
    expect(urlOf(request({ originalUrl: '/a/b', url: '/b' }))).to.equal('/a/b')
    expect(urlOf(request({ url: '/b' }))).to.equal('/b')
  })
})

describe('setPrivateHeaders', () => {
  it('does nothing where the host hangs no response on the request', () => {
    expect(() => setPrivateHeaders(request({}), 'web')).to.not.throw()
    expect(() => setPrivateHeaders(request({ res: {} }), 'web')).to.not.throw()
  })
})

describe('passToErrorHandler', () => {
  it("gives an error to Express's next", () => {
    const given: unknown[] = []
    const error = new Error('thrown by the app')
    passToErrorHandler(request({ next: (one: unknown) => given.push(one) }), error)
    expect(given).to.deep.equal([error])
  })

  it('warns, and answers what is not answered, where there is no next', async () => {
    const warned = new Promise((resolve) => process.once('warning', resolve))
    let ended = 0
    const res = { setHeader() {}, end: () => ended++, headersSent: false, statusCode: 200 }
    const error = new Error('thrown by the app')
    passToErrorHandler(request({ res }), error)
    expect(await warned).to.equal(error)
    expect([res.statusCode, ended]).to.deep.equal([500, 1])
  })

  it('leaves an answer alone that is on its way', () => {
    process.once('warning', () => {})
    let ended = 0
    const res = { setHeader() {}, end: () => ended++, headersSent: true, statusCode: 200 }
    passToErrorHandler(request({ res }), undefined)
    expect([res.statusCode, ended]).to.deep.equal([200, 0])
  })
})

describe('readEagerly', () => {
  it('reads once, at once', () => {
    let value = 1
    const later = readEagerly(() => value)
    value = 2
    expect([later(), later()]).to.deep.equal([1, 1])
  })

  it('throws what reading threw when it is asked, and not before', () => {
    const error = new Error('no tenant')
    const later = readEagerly(() => {
      throw error
    })
    expect(later).to.throw(error)
  })
})
