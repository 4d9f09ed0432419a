import { expect } from 'chai'
import sinon from 'sinon'
import { OneAccessError, type OneAccessErrorCode, type Step } from '../../lib/index.js'
import {
  backoffAfter,
  backoffError,
  backoffLeft,
  endedError,
  expiredTokenIssued,
  type FailureKind,
  failureKindOf,
  leaseHeldTooLong,
  renewalFailed,
} from '../../lib/tokens/backoff.js'
import type { Backoff, TokenRecord } from '../../lib/tokens/record.js'

const errorOf = (code: OneAccessErrorCode, step: Step = 'refresh') =>
  new OneAccessError(code, { step, status: 502, hint: 'the hint of OneAccess’s error' })

const CODES_BY_KIND: [FailureKind, OneAccessErrorCode[]][] = [
  ['definitive', ['session_ended']],
  [
    'transient',
    [
      ...(['unreachable', 'busy', 'rate_limited', 'tls_untrusted', 'misconfigured'] as const),
      ...(['credential_refused', 'credential_spent', 'request_incomplete', 'refused'] as const),
    ],
  ],
  ['ambiguous', ['timeout', 'connection_lost', 'upstream_failed', 'unexpected_answer']],
]

describe('failureKindOf', () => {
  for (const [kind, codes] of CODES_BY_KIND) {
    for (const code of codes) {
      it(`classifies ${code} as ${kind}`, () => {
        expect(failureKindOf(errorOf(code))).to.equal(kind)
      })
    }
  }

  for (const step of ['credential', 'keys'] as const) {
    it(`classifies any failure of the step ${step} as transient: the session token was not sent`, () => {
      for (const code of ['timeout', 'connection_lost', 'refused'] as const) {
        expect(failureKindOf(errorOf(code, step))).to.equal('transient')
      }
    })
  }

  for (const httpStatus of [400, 403, 407, 418, 451, 499]) {
    it(`classifies HTTP ${httpStatus} without an error code of OneAccess as transient`, () => {
      const page = { step: 'refresh', status: 502, hint: 'a firewall', httpStatus } as const
      expect(failureKindOf(new OneAccessError('unexpected_answer', page))).to.equal('transient')
    })
  }

  for (const httpStatus of [200, 302, 399, 500]) {
    it(`classifies an unexpected response with HTTP ${httpStatus} as ambiguous`, () => {
      const page = { step: 'refresh', status: 502, hint: 'no JSON', httpStatus } as const
      expect(failureKindOf(new OneAccessError('unexpected_answer', page))).to.equal('ambiguous')
    })
  }

  it('classifies an error that is not a OneAccessError as ambiguous', () => {
    expect(failureKindOf(Object.assign(new Error('no'), { code: 'refused' }))).to.equal('ambiguous')
    expect(failureKindOf(undefined)).to.equal('ambiguous')
  })
})

describe('backoff', () => {
  const NOW = 1_800_000_000_000
  beforeEach(() => {
    sinon.useFakeTimers({ now: NOW, toFake: ['Date'] })
  })
  afterEach(() => sinon.restore())

  const recordWith = (setback?: Backoff) => (setback ? { setback } : {}) as unknown as TokenRecord
  const until = (notBefore: number): Backoff => ({ count: 1, notBefore, code: 'busy' })

  it('refuses a refresh until the next attempt is due', () => {
    expect(backoffError(recordWith())).to.equal(undefined)
    expect(backoffError(recordWith(until(NOW)))).to.equal(undefined)
    const error = backoffError(recordWith(until(NOW + 1)))
    expect(error).to.include({ code: 'busy', step: 'refresh', status: 503, retryAfter: 1 })
    expect(error?.hint).to.include('the next attempt is due shortly')
  })

  it('waits for Retry-After, capped at 5 minutes, plus a jitter of up to 100 %', () => {
    for (const retryAfter of [7, 150, 300, 86_400]) {
      const asked = Math.min(retryAfter, 300)
      const busy = new OneAccessError('busy', {
        step: 'refresh',
        status: 503,
        hint: '',
        retryAfter,
      })
      for (const share of [0, 0.5, 0.999]) {
        sinon.stub(Math, 'random').returns(share)
        const error = backoffError(recordWith(backoffAfter(recordWith(), busy)))
        expect(error?.retryAfter).to.be.within(asked, 2 * asked)
        sinon.restore()
        sinon.useFakeTimers({ now: NOW, toFake: ['Date'] })
      }
    }
  })

  it('is ignored if a clock 5 minutes ahead wrote it, and kept if the clock was 5 seconds ahead', () => {
    const written = (ahead: number) => {
      sinon.restore()
      sinon.useFakeTimers({ now: NOW + ahead, toFake: ['Date'] })
      const setback = backoffAfter(recordWith(), errorOf('busy'))
      sinon.restore()
      sinon.useFakeTimers({ now: NOW, toFake: ['Date'] })
      return recordWith(setback)
    }
    expect([backoffLeft(written(300_000)), backoffError(written(300_000))]).to.deep.equal([
      0,
      undefined,
    ])
    expect(backoffLeft(written(-300_000))).to.equal(0)
    expect(backoffLeft(written(5_000))).to.be.within(5_500, 6_000)
  })

  it('lasts at most 10 minutes if an older release wrote it without its start', () => {
    expect(backoffError(recordWith(until(NOW + 600_000)))).to.include({ retryAfter: 600 })
    expect(backoffError(recordWith(until(NOW + 610_001)))).to.equal(undefined)
  })

  it('has the code connection_lost after an error that is not a OneAccessError', () => {
    const { code, notBefore } = backoffAfter(recordWith(), new Error('no'))
    expect(code).to.equal('connection_lost')
    expect(notBefore).to.be.within(NOW + 500, NOW + 1_000)
  })

  it('keeps the detail, the error codes and the cause that a login would show', () => {
    const details = { step: 'refresh', status: 502, hint: 'look', httpStatus: 200 } as const
    const page = { ...details, detail: 'the body is not JSON', errorCode: 'SDK.1' }
    const answered = renewalFailed(until(NOW), new OneAccessError('unexpected_answer', page))
    expect(answered).to.deep.include({ detail: page.detail, errorCode: 'SDK.1', httpStatus: 200 })
    expect(answered.message).to.include('SDK.1 (the body is not JSON): look')
    const refused = new OneAccessError('unreachable', { ...details, cause: 'ECONNREFUSED' })
    expect(renewalFailed(until(NOW), refused).cause).to.have.property('message', 'ECONNREFUSED')
  })

  it('gives waiting requests the OneAccessError, or a general hint for any other error', () => {
    const known = renewalFailed(until(NOW + 2_000), errorOf('busy', 'credential'))
    expect(known).to.include({ step: 'credential', status: 503, retryAfter: 2 })
    expect(known.hint).to.include('the hint of')
    const unknown = renewalFailed(until(NOW + 2_000), new Error('no'))
    expect(unknown).to.include({ step: 'refresh', status: 503, hint: 'the refresh failed' })
  })
})

describe('endedError, leaseHeldTooLong and expiredTokenIssued', () => {
  it('have a code, a step, a status and a hint that says what to do', () => {
    const all = [endedError('refused'), leaseHeldTooLong(), expiredTokenIssued()]
    expect(all.map(({ code, step, status }) => [code, step, status])).to.deep.equal([
      ['session_ended', 'session', 401],
      ['timeout', 'refresh', 503],
      ['unexpected_answer', 'refresh', 503],
    ])
    expect(all[0]?.hint).to.include('log in again')
    expect(all[1]?.hint).to.include('holds the lease')
    expect(all[2]?.hint).to.include('check their lifetime')
  })
})
