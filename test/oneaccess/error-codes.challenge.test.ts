import { expect } from 'chai'
import type { OneAccessClient } from '../../lib/index.js'
import { type Reply, startUpstream, type Upstream } from '../support/upstream.js'
import { CONTEXT, CREDENTIAL, createClient, GRANTED, networkErrorOf } from './support.js'

const CONTACT = { mobile: '13800000000' }
const SOLUTION = { token: 'captcha-1', x: 1, y: 5, sender: CONTACT.mobile }
const ORDER = { contact: CONTACT, type: 'MFA_AUTH_SMS', captchaToken: 'ct-1' }
const DONE = { contact: CONTACT, verifyCode: '48291', stateToken: 'state-1' }
const KEYS = '/api/v1/oauth2/keys'

/** A call, and its error on a rejection without a documented error code. */
type Row = [
  step: string,
  path: string,
  make: (client: OneAccessClient) => Promise<unknown>,
  code: string,
  status: number,
]

/** Calls that check what the user has done or entered. */
const INPUT_CALLS: Row[] = [
  [
    'captcha-verify',
    '/api/v2/sdk/captcha/verify',
    (client) => client.verifyCaptcha(SOLUTION, CONTEXT),
    'puzzle_refused',
    400,
  ],
  [
    'send-code',
    '/api/v2/sdk/sms/send',
    (client) => client.sendCode(ORDER, CONTEXT),
    'code_not_sent',
    400,
  ],
  [
    'bind',
    '/api/v2/sdk/social/bind',
    (client) => client.complete({ action: 'bind', ...DONE }, CONTEXT),
    'refused',
    401,
  ],
  [
    'register',
    '/api/v2/sdk/social/register-bind',
    (client) => client.complete({ action: 'register', ...DONE }, CONTEXT),
    'refused',
    401,
  ],
  [
    'second-factor',
    '/api/v2/sdk/mfa/sms',
    (client) => client.complete({ action: 'second-factor', ...DONE }, CONTEXT),
    'refused',
    401,
  ],
]

const OTHER_CALLS: Row[] = [
  ['captcha', '/api/v2/sdk/captcha', (client) => client.captcha(CONTEXT), 'refused', 401],
  [
    'mobile',
    '/api/v2/sdk/mobile-by-token',
    (client) => client.mobileByToken('state-1', CONTEXT),
    'refused',
    401,
  ],
  ['keys', KEYS, (client) => client.prepare(), 'misconfigured', 500],
]

describe('errors of the challenge and key calls', () => {
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
    upstream.script(CREDENTIAL, GRANTED)
  })

  afterEach(() => upstream.close())

  function refused([, path, make]: Row, reply: Reply) {
    upstream.script(path, reply)
    return networkErrorOf(
      make(createClient(upstream, { idToken: { jwksUri: upstream.url + KEYS } })),
    )
  }

  for (const row of [...INPUT_CALLS, ...OTHER_CALLS]) {
    const [step, path, , code, status] = row

    it(`${step} errors with ${status} ${code} on 400`, async () => {
      for (const body of ['', { error_code: 'USER.0815', error_msg: 'no' }]) {
        expect(await refused(row, { status: 400, body })).to.include({ code, status, step })
      }
    })

    it(`${step} errors with ${status} ${code} on 403 with an undocumented error code`, async () => {
      const body = { error_code: 'USER.0815', error_msg: 'no' }
      const expected = { code, status, step, errorCode: 'USER.0815', httpStatus: 403 }
      expect(await refused(row, { status: 403, body })).to.include(expected)
    })

    it(`${step} errors with 500 misconfigured on 404 and names the path`, async () => {
      const error = await refused(row, { status: 404, body: '<html>' })
      expect(error).to.include({ code: 'misconfigured', status: 500, step })
      expect(error.hint).to.include(`${path} does not exist on this host: check domain`)
      expect(error.hint.includes('idToken.jwksUri')).to.equal(step === 'keys')
    })

    it(`${step} errors with 401 refused on SDK.COMMON.1005, with a hint that something has expired`, async () => {
      const error = await refused(row, { status: 400, body: { error_code: 'SDK.COMMON.1005' } })
      expect(error).to.include({ code: 'refused', status: 401, step })
      expect(error.hint).to.include('expired')
    })
  }

  for (const row of [...INPUT_CALLS, ...OTHER_CALLS]) {
    it(`${row[0]} errors with 502 on 401 and 403 without an error code, with a hint at a firewall`, async () => {
      for (const status of [401, 403]) {
        const error = await refused(row, { status, body: '<html>' })
        expect(error).to.include({ code: 'unexpected_answer', status: 502, httpStatus: status })
        expect(error.hint).to.include(`${status} `).and.to.include('firewall')
      }
    })
  }

  it('keys names idToken.jwksUri in the hint on 400', async () => {
    const keys = OTHER_CALLS.find(([step]) => step === 'keys')
    if (keys === undefined) throw new Error('no such row')
    expect((await refused(keys, { status: 400 })).hint).to.include('idToken.jwksUri')
  })
})
