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
  it('joins repeated headers, and returns an empty string for a missing one', () => {
    const req = request({ headers: { 'user-agent': 'curl/8', 'x-purpose': ['a', 'b'] } })
    expect(headerOf(req, 'user-agent')).to.equal('curl/8')
    expect(headerOf(req, 'x-purpose')).to.equal('a, b')
    expect(headerOf(req, 'accept-language')).to.equal('')
  })
})

describe('addressOf', () => {
  const socket = { remoteAddress: '192.0.2.7' }
  it('returns req.ip, or the address of the socket without it', () => {
    expect(addressOf(request({ ip: '203.0.113.5', socket }))).to.equal('203.0.113.5')
    expect(addressOf(request({ socket }))).to.equal('192.0.2.7')
  })

  it('ignores X-Forwarded-For and Forwarded, and returns an empty string without a socket', () => {
    const headers = { 'x-forwarded-for': '203.0.113.5', forwarded: 'for=203.0.113.5' }
    expect(addressOf(request({ headers, socket }))).to.equal('192.0.2.7')
    expect(addressOf(request({ headers }))).to.equal('')
  })
})

describe('isJSON', () => {
  const of = (type?: string) => isJSON(request({ headers: { 'content-type': type } }))
  it('accepts application/json, and no content type that a form can send', () => {
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
  it('returns originalUrl, or url without it', () => {
    expect(urlOf(request({ originalUrl: '/a/b', url: '/b' }))).to.equal('/a/b')
    expect(urlOf(request({ url: '/b' }))).to.equal('/b')
  })
})

describe('setPrivateHeaders', () => {
  it('does nothing if req.res is missing or not a response', () => {
    expect(() => setPrivateHeaders(request({}), 'web')).to.not.throw()
    expect(() => setPrivateHeaders(request({ res: {} }), 'web')).to.not.throw()
  })
})

describe('passToErrorHandler', () => {
  it('calls req.next with the error', () => {
    const passed: unknown[] = []
    const error = new Error('thrown by the app')
    passToErrorHandler(request({ next: (one: unknown) => passed.push(one) }), error)
    expect(passed).to.deep.equal([error])
  })

  it('emits a warning and responds with 500 without req.next', async () => {
    const warned = new Promise((resolve) => process.once('warning', resolve))
    let ended = 0
    const res = { setHeader() {}, end: () => ended++, headersSent: false, statusCode: 200 }
    const error = new Error('thrown by the app')
    passToErrorHandler(request({ res }), error)
    expect(await warned).to.equal(error)
    expect([res.statusCode, ended]).to.deep.equal([500, 1])
  })

  it('does not touch a response whose headers have been sent', () => {
    process.once('warning', () => {})
    let ended = 0
    const res = { setHeader() {}, end: () => ended++, headersSent: true, statusCode: 200 }
    passToErrorHandler(request({ res }), undefined)
    expect([res.statusCode, ended]).to.deep.equal([200, 0])
  })
})

describe('readEagerly', () => {
  it('reads the value once, immediately', () => {
    let value = 1
    const later = readEagerly(() => value)
    value = 2
    expect([later(), later()]).to.deep.equal([1, 1])
  })

  it('throws the error of the read only when it is called', () => {
    const error = new Error('no tenant')
    const later = readEagerly(() => {
      throw error
    })
    expect(later).to.throw(error)
  })
})
