import { expect } from 'chai'
import { type Reply, startUpstream, type Upstream } from '../support/upstream.js'
import {
  type AnyCall,
  BEARER_CALLS,
  EVERY_CALL,
  FETCH,
  GET_TICKET,
  GET_USER,
  LOGIN,
  makeCall,
  REFRESH,
  REFRESH_BY_BEARER,
  REFRESH_BY_SIGNATURE,
} from './every-call.js'
import { CONTEXT, createClient, networkErrorOf } from './support.js'

const SDK_CALLS = [LOGIN, REFRESH, REFRESH_BY_SIGNATURE]
const REFRESHES = [REFRESH, REFRESH_BY_BEARER, REFRESH_BY_SIGNATURE]
const WITH_DEVICE = EVERY_CALL.filter((call) => call !== FETCH)

/** The rows of docs/wire.md#error-codes: a response, the calls that it answers, and the error. */
const ROWS: [
  httpStatus: number,
  errorCode: string,
  calls: readonly AnyCall[],
  code: string,
  status: number,
  hint?: RegExp,
][] = [
  [400, 'IDAAS.SDK.PARAM.0001', WITH_DEVICE, 'request_incomplete', 500, /device/],
  [400, 'IDAAS.SDK.PARAM.0002', SDK_CALLS, 'misconfigured', 500, /clientID/],
  [400, 'IDAAS.SDK.PARAM.0003', SDK_CALLS, 'misconfigured', 500, /clientID/],
  [400, 'IDAAS.SDK.PARAM.0022', [...REFRESHES, GET_TICKET], 'request_incomplete', 500],
  [400, 'IDAAS.SDK.PARAM.0023', [...REFRESHES, GET_TICKET], 'session_ended', 401],
  [400, 'IDAAS.SDK.COM.0002', EVERY_CALL, 'busy', 503],
  [500, 'IDAAS.TENANT.COM.0002', EVERY_CALL, 'busy', 503],
  [500, 'SDK.COMMON.1008', EVERY_CALL, 'busy', 503],
  [400, 'SDK.COMMON.1003', WITH_DEVICE, 'request_incomplete', 500, /device/],
  [400, 'SDK.COMMON.1012', SDK_CALLS, 'misconfigured', 500, /clientID/],
  [400, 'APP.0001', SDK_CALLS, 'misconfigured', 500, /clientID/],
  [400, 'APP.0002', SDK_CALLS, 'misconfigured', 500, /clientID/],
  [400, 'SDK.COMMON.1005', [LOGIN], 'code_refused', 401],
  [400, 'SDK.COMMON.1005', [...REFRESHES, GET_TICKET], 'session_ended', 401],
  [400, 'PARAM.0030', [REFRESH_BY_SIGNATURE], 'signature_refused', 503],
  [400, 'PARAM.0031', [GET_USER], 'request_incomplete', 500],
  [400, 'invalid_token', BEARER_CALLS, 'credential_spent', 503],
  [401, 'invalid_token', BEARER_CALLS, 'credential_spent', 503],
  [400, 'invalid_client', [FETCH], 'credential_refused', 500, /clientSecret/],
  [401, 'invalid_client', [FETCH], 'credential_refused', 500, /clientSecret/],
  [400, 'unauthorized', [FETCH], 'credential_refused', 500, /clientSecret/],
  [401, 'unauthorized', [FETCH, ...BEARER_CALLS], 'credential_refused', 500, /credential/],
]

/** Both documented shapes of an error. */
const SHAPES: [name: string, shape: (code: string, message: string) => object][] = [
  ['error_code', (code, message) => ({ error_code: code, error_msg: message })],
  ['error', (code, message) => ({ error: code, error_description: message })],
]

describe('errors of OneAccessClient', () => {
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
  })

  afterEach(() => upstream.close())

  async function refused(call: AnyCall, reply: Reply) {
    upstream.script(call.path, reply)
    return networkErrorOf(makeCall(call, upstream))
  }

  describe('documented error codes (docs/wire.md#error-codes)', () => {
    for (const [httpStatus, errorCode, calls, code, status, hint] of ROWS) {
      for (const call of calls) {
        it(`${call.name} errors with ${status} ${code} on ${httpStatus} ${errorCode}`, async () => {
          for (const [name, shape] of SHAPES) {
            const body = shape(errorCode, '系统繁忙,请稍后再试')
            const error = await refused(call, { status: httpStatus, body })
            const expected = { code, status, step: call.step, errorCode, httpStatus }
            expect(error, name).to.include(expected)
            expect(error.message, name).to.include('系统繁忙,请稍后再试')
            if (hint) expect(error.hint).to.match(hint)
          }
        })
      }
    }

    for (const errorCode of ['PARAM.0013', 'PARAM.0014', 'IDAAS.SDK.COMMON.1007']) {
      it(`a challenge call errors with 401 state_token_refused on 400 ${errorCode}`, async () => {
        const body = { error_code: errorCode, error_msg: 'invalid state token' }
        upstream.script('/api/v2/sdk/mobile-by-token', { status: 400, body })
        const error = await networkErrorOf(createClient(upstream).mobileByToken('st-1', CONTEXT))
        expect(error).to.include({ code: 'state_token_refused', status: 401, errorCode })
      })
    }
  })

  describe('error codes that end the session', () => {
    const ENDED = { error_code: 'IDAAS.SDK.PARAM.0023', error_msg: 'session token invalid' }
    const OVER = { error: 'SDK.COMMON.1005', error_description: 'the token has expired' }

    for (const body of [ENDED, OVER]) {
      for (const status of [400, 401, 403]) {
        it(`refresh errors with session_ended on ${status} ${Object.values(body)[0]}`, async () => {
          expect(await refused(REFRESH, { status, body })).to.include({ code: 'session_ended' })
        })
      }

      for (const [status, code] of [
        [302, 'unexpected_answer'],
        [407, 'unreachable'],
        [429, 'rate_limited'],
        [500, 'upstream_failed'],
        [502, 'upstream_failed'],
        [503, 'upstream_failed'],
      ] as const) {
        it(`refresh errors with ${code}, not session_ended, on ${status} ${Object.values(body)[0]}`, async () => {
          expect(await refused(REFRESH, { status, body })).to.include({ code })
        })
      }
    }
  })

  describe('undocumented error codes and other responses', () => {
    const UNKNOWN = { error_code: 'USER.0815', error_msg: 'three attempts left' }

    for (const status of [400, 401, 403, 409, 422]) {
      it(`login errors with 401 code_refused on ${status}`, async () => {
        const error = await refused(LOGIN, { status, body: UNKNOWN })
        expect(error).to.include({ code: 'code_refused', status: 401, errorCode: 'USER.0815' })
      })

      it(`refresh under /sdk/ errors with refused, which does not end the session, on ${status}`, async () => {
        const error = await refused(REFRESH, { status, body: UNKNOWN })
        expect(error).to.include({ code: 'refused', step: 'refresh', errorCode: 'USER.0815' })
      })

      it(`credential errors with 500 credential_refused on ${status}`, async () => {
        const error = await refused(FETCH, { status, body: UNKNOWN })
        expect(error).to.include({ code: 'credential_refused', status: 500 })
      })
    }

    it('login errors with 401 code_refused on 400 without a body', async () => {
      const error = await refused(LOGIN, { status: 400 })
      expect(error).to.include({ code: 'code_refused', status: 401, httpStatus: 400 })
    })

    it('login errors with 401 code_refused on 400 even if the code contains a lone surrogate', async () => {
      upstream.script(LOGIN.path, { status: 400, body: UNKNOWN })
      const error = await networkErrorOf(
        createClient(upstream).loginWithAlipay('a\ud800b', CONTEXT),
      )
      expect(error).to.include({ code: 'code_refused', status: 401 })
    })

    for (const call of [GET_TICKET, GET_USER]) {
      it(`${call.name} errors with 502 refused on 400, because the login has just succeeded`, async () => {
        const error = await refused(call, { status: 400, body: UNKNOWN })
        expect(error).to.include({ code: 'refused', status: 502, errorCode: 'USER.0815' })
      })
    }

    for (const call of BEARER_CALLS) {
      it(`${call.name} errors with 503 credential_spent on 401 without a body`, async () => {
        const error = await refused(call, { status: 401 })
        expect(error).to.include({ code: 'credential_spent', status: 503, step: call.step })
      })

      it(`${call.name} errors with 500 misconfigured on 403`, async () => {
        const error = await refused(call, { status: 403 })
        expect(error).to.include({ code: 'misconfigured', status: 500, step: call.step })
        expect(error.hint).to.include('credential')
      })
    }

    for (const call of EVERY_CALL) {
      for (const status of [404, 405]) {
        it(`${call.name} errors with 500 misconfigured on ${status}`, async () => {
          const error = await refused(call, { status, body: '<html>no</html>' })
          expect(error).to.include({ code: 'misconfigured', status: 500, step: call.step })
          expect(error.hint).to.include(call.path).and.to.include('domain')
        })
      }

      for (const status of [500, 502, 503, 504]) {
        it(`${call.name} errors with 503 upstream_failed on ${status}`, async () => {
          for (const body of [UNKNOWN, '<html>Bad gateway</html>', '']) {
            const error = await refused(call, { status, body })
            expect(error).to.include({ code: 'upstream_failed', status: 503, httpStatus: status })
          }
        })
      }

      it(`${call.name} errors with 503 rate_limited on 429`, async () => {
        const error = await refused(call, { status: 429 })
        expect(error).to.include({ code: 'rate_limited', status: 503, step: call.step })
      })
    }

    for (const status of [400, 401, 403, 413, 418, 451]) {
      for (const call of EVERY_CALL) {
        it(`${call.name} errors with 502 on ${status} with an HTML page, with a hint at a firewall`, async () => {
          const error = await refused(call, { status, body: '<html>Request blocked</html>' })
          const expected = { code: 'unexpected_answer', status: 502, httpStatus: status }
          expect(error).to.include({ ...expected, step: call.step })
          expect(error.hint).to.include('firewall')
        })
      }
    }

    for (const status of [401, 403, 413, 418, 451]) {
      it(`login errors with 502, not with code_refused, on ${status} without a body`, async () => {
        const error = await refused(LOGIN, { status })
        expect(error).to.include({ code: 'unexpected_answer', status: 502, httpStatus: status })
      })
    }

    for (const call of EVERY_CALL) {
      it(`${call.name} errors with 503 unreachable on 407, with a hint at the proxy`, async () => {
        for (const body of ['', '<html>Proxy Authentication Required</html>']) {
          const error = await refused(call, { status: 407, body })
          expect(error).to.include({ code: 'unreachable', status: 503, httpStatus: 407 })
          expect(error.hint).to.include('proxy')
        }
      })
    }

    it('login names loginVersion in the hint on 404', async () => {
      expect((await refused(LOGIN, { status: 404 })).hint).to.include('loginVersion')
    })

    for (const call of REFRESHES) {
      it(`${call.name} names refreshWith and its two other values in the hint on 404`, async () => {
        const all = ['id-token', 'session-token', 'signed-id-token']
        const others = all.filter((one) => one !== (call.options.refreshWith ?? 'id-token'))
        const { hint } = await refused(call, { status: 404 })
        expect(hint).to.match(new RegExp(`, or set refreshWith to ${others.join(' or ')}$`))
      })
    }
  })
})
