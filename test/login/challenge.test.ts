import { inspect } from 'node:util'
import { expect } from 'chai'
import { Challenge, defaultActionFor } from '../../lib/login/challenge.js'
import type { ChallengeStore, OpenChallenge } from '../../lib/login/challenge-store.js'
import { CONTEXT, createClient, networkErrorOf } from '../oneaccess/support.js'
import { startUpstream, type Upstream } from '../support/upstream.js'

const CAPTCHA = '/api/v2/sdk/captcha'
const SOLVE = '/api/v2/sdk/captcha/verify'
const SEND = '/api/v2/sdk/sms/send'
const KNOWN = '/api/v2/sdk/mobile-by-token'

describe('Challenge', () => {
  let upstream: Upstream
  let noted: unknown[]
  beforeEach(async () => {
    noted = []
    upstream = await startUpstream()
    upstream.script(SOLVE, { body: { captcha_token: 'ct-1' } })
    upstream.script(SEND, { status: 200 })
    upstream.script(KNOWN, { body: { mobile: '+86-15200000001' } })
  })
  afterEach(() => upstream.close())

  const challenge = (status: string) => {
    const open: OpenChallenge = {
      status,
      flows: ['VERIFY_PHONE'],
      stateToken: 'st-1',
      context: CONTEXT,
      at: 7,
      tries: 0,
    }
    const challenges = {
      note: async (session: string, meant: OpenChallenge, sent: object) => {
        noted.push([session, meant === open, sent])
      },
    } as unknown as ChallengeStore
    return new Challenge(createClient(upstream), challenges, 'session-1', open, 600_007)
  }
  /** The bodies of the requests to this path, parsed as JSON. */
  const sentTo = (path: string) =>
    upstream.at(path).map(({ body }) => JSON.parse(body.toString() || 'null'))

  it('exposes only status, flows and expiresAt as JSON', () => {
    expect(JSON.parse(JSON.stringify(challenge('SOCIAL_BIND')))).to.deep.equal({
      status: 'SOCIAL_BIND',
      flows: ['VERIFY_PHONE'],
      expiresAt: 600_007,
    })
  })

  it('returns the captcha images as data URLs', async () => {
    upstream.script(CAPTCHA, {
      body: { token: 'p-1', originalImageBase64: 'QUJD', jigsawImageBase64: 'REVG' },
    })
    expect(await challenge('SOCIAL_BIND').captcha()).to.deep.equal({
      token: 'p-1',
      picture: 'data:image/png;base64,QUJD',
      piece: 'data:image/png;base64,REVG',
    })
  })

  const contacts: [contact: string, sender: string][] = [
    ['152 0000 0003', '15200000003'],
    ['min@example.com', 'min@example.com'],
    ['ｍｉｎ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'min@example.com'],
  ]
  for (const [contact, sender] of contacts) {
    it(`sends a solution for the contact ${contact} as ${sender}, and stores the contact`, async () => {
      const solved = await challenge('SOCIAL_BIND').solveCaptcha({ token: 'p-1', x: 237, contact })
      expect(solved).to.deep.equal({ captchaToken: 'ct-1' })
      expect(sentTo(SOLVE)).to.deep.equal([{ token: 'p-1', point_json: '{"x":237,"y":5}', sender }])
      const stored = sender.includes('@') ? { email: sender } : { mobile: sender }
      expect(noted).to.deep.equal([['session-1', true, { contact: stored }]])
    })
  }

  it('uses the number that OneAccess has for a second factor, not the contact that the app gives', async () => {
    await challenge('MFA_AUTH').solveCaptcha({ token: 'p-1', x: 1.5, y: 0 })
    await challenge('MFA_AUTH').solveCaptcha({ ...right, x: 1.5, y: 0 })
    for (const { point_json, sender } of sentTo(SOLVE)) {
      expect([point_json, sender]).to.deep.equal(['{"x":1.5,"y":0}', '+86-15200000001'])
    }
    expect(upstream.at(KNOWN)).to.have.length(2)
  })

  it('requests that number once for the captcha and the code', async () => {
    const one = challenge('MFA_AUTH')
    const { captchaToken } = await one.solveCaptcha({ token: 'p-1', x: 1 })
    await one.sendCode({ captchaToken })
    expect(upstream.at(KNOWN)).to.have.length(1)
  })

  const right = { token: 'p-1', x: 1, contact: '15200000003' }
  const unsolved: [solution: object, field: string][] = [
    [{ token: undefined }, 'puzzle'],
    [{ token: '' }, 'puzzle'],
    [{ token: 'a b' }, 'puzzle'],
    [{ token: 'a\n' }, 'puzzle'],
    [{ token: ['p-1'] }, 'puzzle'],
    [{ token: 'p'.repeat(513) }, 'puzzle'],
    [{ x: undefined }, 'puzzle'],
    [{ x: '1' }, 'puzzle'],
    [{ x: Number.NaN }, 'puzzle'],
    [{ y: '1' }, 'puzzle'],
    [{ y: Number.POSITIVE_INFINITY }, 'puzzle'],
    [{ contact: '' }, 'mobile number or the email address'],
    [{ contact: 15200000003 }, 'mobile number or the email address'],
    [{ contact: 'a@' }, 'mobile number or the email address'],
    [{ contact: ['a@b.example'] }, 'mobile number or the email address'],
    [{ contact: undefined }, 'mobile number or the email address'],
  ]
  for (const [change, field] of unsolved) {
    it(`rejects a solution with ${inspect(change, { breakLength: Infinity }).slice(0, 40)} without a request`, async () => {
      const work = challenge('SOCIAL_BIND').solveCaptcha({ ...right, ...change } as typeof right)
      const error = await networkErrorOf(work)
      expect(error).to.include({ code: 'input_malformed', step: 'app', status: 400 })
      expect(error).to.include({ publicMessage: `Please check the ${field}.` })
      expect(upstream.requests).to.deep.equal([])
    })
  }

  it('rejects input that is not an object, such as the body of a request without a parser', async () => {
    for (const body of [undefined, null, 'text', ['token']]) {
      for (const call of ['solveCaptcha', 'sendCode'] as const) {
        const error = await networkErrorOf(challenge('SOCIAL_BIND')[call](body as never))
        expect(error, String(body)).to.include({ code: 'input_malformed', status: 400 })
      }
    }
    expect(upstream.requests).to.deep.equal([])
  })

  it('accepts a token of 512 characters', async () => {
    const token = 'p'.repeat(512)
    await challenge('SOCIAL_BIND').solveCaptcha({ ...right, token })
    expect(sentTo(SOLVE)[0]).to.have.property('token', token)
  })

  const mobile = '15200000003'
  const email = 'min@example.com'
  const orders: [status: string, order: object, contact: object, type: string, action: string][] = [
    ['SOCIAL_BIND', { mobile }, { mobile }, 'BIND_MOBILE_SMS', 'bind'],
    ['SOCIAL_BIND', { email, action: 'bind' }, { email }, 'BIND_EMAIL_EMS', 'bind'],
    ['USER_REGISTER', { mobile }, { mobile }, 'REGISTER_SMS', 'register'],
    ['USER_REGISTER', { email, action: 'register' }, { email }, 'REGISTER_EMS', 'register'],
    ['USER_REGISTER', { mobile, action: 'bind' }, { mobile }, 'BIND_MOBILE_SMS', 'bind'],
    ['MFA_AUTH', { mobile }, { mobile: '+86-15200000001' }, 'MFA_AUTH_SMS', 'second-factor'],
    ['MFA_AUTH', { mobile: '' }, { mobile: '+86-15200000001' }, 'MFA_AUTH_SMS', 'second-factor'],
    ['MFA_AUTH', {}, { mobile: '+86-15200000001' }, 'MFA_AUTH_SMS', 'second-factor'],
  ]
  for (const [status, order, contact, type, action] of orders) {
    it(`requests ${type} for ${status} with ${JSON.stringify(order)}, and stores the contact`, async () => {
      await challenge(status).sendCode({ ...order, captchaToken: 'ct-1' })
      expect(sentTo(SEND)).to.deep.equal([{ ...contact, type, captcha_token: 'ct-1' }])
      expect(noted).to.deep.equal([['session-1', true, { sent: { contact, action } }]])
    })
  }

  const unsent: [status: string, order: object, field: string][] = [
    ['SOCIAL_BIND', {}, 'mobile or email'],
    ['USER_REGISTER', {}, 'mobile or email'],
    ['SOCIAL_BIND', { mobile, email }, 'mobile or email'],
    ['SOCIAL_BIND', { mobile: 'call me' }, 'mobile or email'],
    ['SOCIAL_BIND', { mobile, action: 'register' }, 'action'],
    ['MFA_AUTH', { action: 'register' }, 'action'],
    ['USER_REGISTER', { mobile, action: 'second-factor' }, 'action'],
    ['USER_REGISTER', { mobile, action: null }, 'action'],
    ['SOCIAL_BIND', { mobile, captchaToken: '' }, 'captchaToken'],
    ['SOCIAL_BIND', { mobile, captchaToken: undefined }, 'captchaToken'],
    ['SOCIAL_BIND', { mobile, captchaToken: ['ct-1'] }, 'captchaToken'],
  ]
  for (const [status, order, field] of unsent) {
    it(`rejects a code request for ${status} with ${inspect(order, { breakLength: Infinity })}`, async () => {
      const work = challenge(status).sendCode({ captchaToken: 'ct-1', ...order } as never)
      const error = await networkErrorOf(work)
      expect(error).to.include({ code: 'input_malformed', status: 400 })
      expect(error).to.include({ publicMessage: `Please check the ${field}.` })
      expect(error.message).to.include(`(${field})`).and.to.include('show publicMessage')
      expect([upstream.requests, noted]).to.deep.equal([[], []])
    })
  }

  it('sends the code to the contact that the captcha was solved for by default', async () => {
    const one = challenge('SOCIAL_BIND')
    const { captchaToken } = await one.solveCaptcha({ token: 'p-1', x: 1, contact: email })
    await one.sendCode({ captchaToken })
    expect(sentTo(SEND)).to.deep.equal([{ email, type: 'BIND_EMAIL_EMS', captcha_token: 'ct-1' }])
  })

  it('stores nothing when OneAccess refuses to send a code', async () => {
    upstream.script(SEND, { status: 400, body: { error_code: 'IDAAS.SDK.CAPTCHA.0006' } })
    const work = challenge('SOCIAL_BIND').sendCode({ mobile, captchaToken: 'ct-1' })
    expect(await networkErrorOf(work)).to.include({ code: 'code_not_sent' })
    expect(noted).to.deep.equal([])
  })
})

describe('defaultActionFor', () => {
  it('is the action that completes each status', () => {
    const all = ['MFA_AUTH', 'USER_REGISTER', 'SOCIAL_BIND'].map(defaultActionFor)
    expect(all).to.deep.equal(['second-factor', 'register', 'bind'])
  })
})
