import { expect } from 'chai'
import sinon from 'sinon'
import { type Reply, startUpstream, type Upstream } from '../support/upstream.js'
import { EVERY_CALL, LOGIN, makeCall } from './every-call.js'
import { networkErrorOf } from './support.js'

const BUSY = { error_code: 'IDAAS.SDK.COM.0002', error_msg: 'System busy' }

describe('OneAccessError.retryAfter', () => {
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
  })

  afterEach(async () => {
    sinon.restore()
    await upstream.close()
  })

  async function refused(reply: Reply) {
    upstream.script(LOGIN.path, reply)
    return networkErrorOf(makeCall(LOGIN, upstream))
  }

  const retryAfter = (value: string) => ({ 'Retry-After': value })

  for (const call of EVERY_CALL) {
    for (const [status, body] of [
      [429, ''],
      [503, '<html>'],
      [400, BUSY],
    ] as const) {
      it(`is read from ${status} at ${call.name}, and is in the headers of the error`, async () => {
        upstream.script(call.path, { status, headers: retryAfter('7'), body })
        const error = await networkErrorOf(makeCall(call, upstream))
        expect(error).to.include({ status: 503, retryAfter: 7 })
        expect(error.headers).to.deep.equal({ 'Retry-After': '7' })
      })
    }
  }

  it('counts from now when the header is a date', async () => {
    sinon.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12), toFake: ['Date'] })
    const headers = retryAfter('Thu, 01 Jan 2026 12:00:30 GMT')
    expect(await refused({ status: 503, headers })).to.include({ retryAfter: 30 })
  })

  it('is 0 for a date in the past', async () => {
    sinon.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12), toFake: ['Date'] })
    const headers = retryAfter('Thu, 01 Jan 2026 11:00:00 GMT')
    expect(await refused({ status: 503, headers })).to.include({ retryAfter: 0 })
  })

  it('is at most a day for a date, rounded up to whole seconds', async () => {
    sinon.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12, 0, 0, 1), toFake: ['Date'] })
    const at = async (date: string) =>
      (await refused({ status: 503, headers: retryAfter(date) })).retryAfter
    expect(await at('Thu, 01 Jan 2026 12:00:30 GMT')).to.equal(30)
    expect(await at('Fri, 02 Jan 2026 11:59:59 GMT')).to.equal(86_399)
    expect(await at('Sat, 03 Jan 2026 12:00:00 GMT')).to.equal(86_400)
  })

  it('is at most a day for a number, even with 400 digits', async () => {
    for (const value of ['86400', '86401', '123456', '9'.repeat(400)]) {
      const error = await refused({ status: 503, headers: retryAfter(value) })
      expect(error, value).to.include({ retryAfter: 86_400 })
    }
  })

  for (const value of [
    '7s',
    'Never GMT',
    'Thu, 01 Jan 2026 12:00:30 GMT+8',
    '',
    'soon',
    '-5',
    '1.5',
    '7, 8',
    '1e3',
  ]) {
    it(`is undefined when the header is "${value}"`, async () => {
      const error = await refused({ status: 503, headers: retryAfter(value) })
      expect([error.retryAfter, error.headers]).to.deep.equal([undefined, undefined])
    })
  }

  it('is undefined without the header', async () => {
    const error = await refused({ status: 503 })
    expect([error.retryAfter, error.headers]).to.deep.equal([undefined, undefined])
  })

  it('is undefined for an error that a retry cannot fix', async () => {
    const error = await refused({
      status: 400,
      headers: retryAfter('7'),
      body: { error_code: 'APP.0001' },
    })
    expect(error).to.include({ status: 500 })
    expect([error.retryAfter, error.headers]).to.deep.equal([undefined, undefined])
  })
})
