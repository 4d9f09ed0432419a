import { expect } from 'chai'
import { OneAccessError } from '../../lib/errors.js'
import {
  codeRefused,
  eventOf,
  fail,
  failIncomplete,
  failNoUser,
  isChallenge,
  malformed,
  type Outcome,
} from '../../lib/login/outcome.js'
import type { FailureCode } from '../../lib/messages.js'
import type { PendingLogin } from '../../lib/session/pending-logins.js'

/** Each code with the status given to Passport and its message for users. */
const FAILURES: Record<FailureCode, [status: number | undefined, message: RegExp]> = {
  declined: [401, /cancelled/],
  code_missing: [401, /did not confirm/],
  parameters_malformed: [400, /malformed/],
  open_in_alipay: [401, /in the Alipay app/],
  open_in_browser: [401, /another browser/],
  state_missing: [403, /not started here/],
  state_unknown: [403, /not in progress in this browser/],
  state_expired: [403, /took too long/],
  state_spent: [403, /already been completed/],
  app_id_mismatch: [403, /another app/],
  code_refused: [401, /no longer valid/],
  access_denied: [401, /not allowed to log in here/],
  social_bind: [401, /not linked/],
  user_register: [401, /not linked/],
  mfa_auth: [401, /One more step/],
  login_incomplete: [401, /could not be completed/],
  no_user: [undefined, /not allowed to log in here/],
  challenge_missing: [403, /expired or is already finished/],
  contact_blocked: [429, /wait an hour/],
  challenge_over: [403, /Too many wrong codes/],
  verify_code_wrong: [401, /wrong or has expired/],
  verify_code_malformed: [400, /enter the code/],
  contact_malformed: [400, /mobile number or the email address/],
}

describe('fail', () => {
  for (const [code, [status, message]] of Object.entries(FAILURES)) {
    it(`gives ${code} status ${status} and a sentence for users`, () => {
      const failure = fail(code as FailureCode)
      expect(failure).to.deep.include({ verb: 'fail', status })
      expect(failure.info).to.have.all.keys('code', 'message')
      expect(failure.info.message)
        .to.match(message)
        .and.to.match(/^[A-Z].*\.$/)
    })
  }

  it("adds the app's state, unless it is undefined, and further fields to the info", () => {
    for (const state of [null, 0, '', false, { returnTo: '/' }]) {
      expect(fail('declined', { state }).info).to.have.property('state', state)
    }
    expect(fail('declined', { state: undefined }).info).to.not.have.property('state')
    expect(fail('verify_code_wrong', { triesLeft: 2 }).info).to.have.property('triesLeft', 2)
  })
})

describe('malformed', () => {
  it('adds the details to the message', () => {
    const { status, info } = malformed('Send JSON.')
    expect([status, info]).to.deep.equal([
      400,
      { code: 'parameters_malformed', message: 'The request is malformed. Send JSON.' },
    ])
  })
})

describe('codeRefused', () => {
  it("returns 'refused' for code_refused and rethrows every other error", () => {
    const least = { step: 'login', status: 401, hint: 'log in again' } as const
    expect(codeRefused(new OneAccessError('code_refused', least))).to.equal('refused')
    for (const other of [
      new OneAccessError('refused', least),
      Object.assign(new Error('of an app'), { code: 'code_refused' }),
      undefined,
    ]) {
      let thrown: unknown = 'nothing'
      try {
        codeRefused(other)
      } catch (error) {
        thrown = error
      }
      expect(thrown).to.equal(other)
    }
  })
})

const answer = (status: string, stateToken: string | undefined = 'st-1') =>
  ({ status, flows: ['VERIFY_PHONE'], stateToken }) as Parameters<typeof isChallenge>[0]

describe('failIncomplete', () => {
  for (const status of ['SOCIAL_BIND', 'USER_REGISTER', 'MFA_AUTH']) {
    it(`adds info.challenge for ${status} only if there is a state token`, () => {
      const flows = ['VERIFY_PHONE']
      const { info } = failIncomplete(answer(status), 'cart')
      expect(info).to.deep.include({
        code: status.toLowerCase(),
        challenge: { status, flows },
        state: 'cart',
      })
      expect(isChallenge(answer(status))).to.equal(true)
      const without = { status, flows } as Parameters<typeof isChallenge>[0]
      expect(failIncomplete(without, 'cart').info).to.deep.include({
        code: status.toLowerCase(),
        state: 'cart',
      })
      expect(failIncomplete(without, 'cart').info).to.not.have.property('challenge')
      expect(isChallenge(without)).to.equal(false)
    })
  }

  it('offers no challenge for ACCESS_DENIED, even with a state token', () => {
    const { info } = failIncomplete(answer('ACCESS_DENIED'), 'cart')
    expect(info).to.include({ code: 'access_denied', state: 'cart' })
    expect(info).to.not.have.any.keys('challenge', 'status')
    expect(isChallenge(answer('ACCESS_DENIED'))).to.equal(false)
  })

  for (const status of ['BRAND_NEW', 'social_bind', 'toString', '__proto__', 'constructor']) {
    it(`fails with login_incomplete for the undocumented status ${status}`, () => {
      const { info } = failIncomplete(answer(status), 'cart')
      expect(info).to.include({ code: 'login_incomplete', status, state: 'cart' })
      expect(info).to.not.have.property('challenge')
      expect(isChallenge(answer(status))).to.equal(false)
    })
  }
})

describe('failNoUser', () => {
  it('adds the info from verify and the state; our own detail replaces that of verify', () => {
    const given = { detail: 'blocked', why: 7 }
    expect(failNoUser(given, 'kept', undefined).info).to.deep.include({ ...given, state: 'kept' })
    expect(failNoUser(given, 'kept', 'verify gave true').info).to.include({
      code: 'no_user',
      detail: 'verify gave true',
    })
  })
})

describe('eventOf', () => {
  const waiting = { step: 'login', status: 503, hint: 'wait' } as const
  const error = new OneAccessError('busy', waiting)
  const events: [outcome: Outcome, event: object][] = [
    [
      { verb: 'success', user: { id: 'u1' }, info: {}, login: {} as PendingLogin },
      { outcome: 'success' },
    ],
    [fail('declined', { state: 'cart' }), { outcome: 'fail', code: 'declined' }],
    [
      failNoUser({ why: 7 }, undefined, 'verify gave true'),
      { outcome: 'fail', code: 'no_user', detail: 'verify gave true' },
    ],
    [
      failNoUser({ detail: 'Key (mobile)=(+86-15200000001) exists' }, undefined, undefined),
      { outcome: 'fail', code: 'no_user' },
    ],
    [
      { verb: 'error', error },
      { outcome: 'error', code: 'busy', step: 'login', hint: 'wait' },
    ],
    [
      { verb: 'error', error: new OneAccessError('busy', { ...waiting, errorCode: 'COM.0002' }) },
      { outcome: 'error', code: 'busy', step: 'login', hint: 'wait', errorCode: 'COM.0002' },
    ],
    [
      { verb: 'error', error: Object.assign(new Error('no database'), { code: 'ECONNREFUSED' }) },
      { outcome: 'error', code: 'app' },
    ],
  ]
  for (const [outcome, event] of events) {
    it(`returns exactly ${JSON.stringify(event)}`, () => {
      expect(eventOf('web', outcome, 7)).to.deep.equal({ flow: 'web', ...event, duration: 7 })
    })
  }

  it('returns undefined for a redirect or a prefetch', () => {
    expect(eventOf('web', { verb: 'redirect', url: 'https://alipay.example' }, 7)).to.equal(
      undefined,
    )
    expect(eventOf('web', { verb: 'hold-off' }, 7)).to.equal(undefined)
  })
})
