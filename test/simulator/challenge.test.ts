import { inflateSync } from 'node:zlib'
import { expect } from 'chai'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import {
  bearer,
  deviceMembers,
  login,
  personWith,
  type Result,
  sdkHeaders,
  send,
} from './support.js'

const BIND = '/api/v2/sdk/social/bind'
const REGISTER = '/api/v2/sdk/social/register-bind'
const MFA = '/api/v2/sdk/mfa/sms'
const WRONG_CODE = 'SDK.VERIFY.0001'

describe("the simulator's challenges", () => {
  let simulator: Simulator

  beforeEach(async () => {
    simulator = await startSimulator()
  })
  afterEach(() => simulator.close())

  function get(path: string, headers: Record<string, string> = {}): Promise<Result> {
    const all = { ...sdkHeaders(simulator), 'content-type': '', ...headers }
    return send(simulator, path, { method: 'GET', headers: all })
  }

  function post(path: string, body: object, headers: Record<string, string> = {}): Promise<Result> {
    return send(simulator, path, { headers: { ...sdkHeaders(simulator), ...headers }, body })
  }

  async function stateToken(person: string): Promise<string> {
    return (await login(simulator, { person })).body.state_token ?? ''
  }

  async function solve(sender: string, off = 0): Promise<Result> {
    const token = (await get('/api/v2/sdk/captcha')).body.token ?? ''
    const x = (simulator.captchaAnswer(token) ?? Number.NaN) + off
    const point_json = JSON.stringify({ x, y: 5 })
    return post('/api/v2/sdk/captcha/verify', { token, point_json, sender })
  }

  async function sendCode(type: string, to: string): Promise<Result> {
    const captcha_token = (await solve(to)).body.captcha_token ?? ''
    const contact = to.includes('@') ? { email: to } : { mobile: to }
    return post('/api/v2/sdk/sms/send', { ...contact, type, captcha_token })
  }

  /** Requests a code and submits it. */
  async function finish(path: string, type: string, to: string, token: string): Promise<Result> {
    expect((await sendCode(type, to)).status).to.equal(200)
    const contact = to.includes('@') ? { email: to } : { mobile: to }
    const body = { ...contact, verify_code: simulator.lastCode(to) }
    return post(path, body, { 'x-state-token': token })
  }

  function bind(to: string, token: string): Promise<Result> {
    return finish(BIND, to.includes('@') ? 'BIND_EMAIL_EMS' : 'BIND_MOBILE_SMS', to, token)
  }

  function code({ body }: Result): string | undefined {
    return body.error_code
  }

  describe('the slider puzzle', () => {
    it('has two PNG images of equal height, of which the piece is narrower', async () => {
      const { status, body } = await get('/api/v2/sdk/captcha')
      expect(status).to.equal(200)
      expect(body).to.include({ secretKey: null, captchaId: null })
      const picture = pngSize(body.originalImageBase64)
      const piece = pngSize(body.jigsawImageBase64)
      expect(picture).to.deep.equal([310, 155])
      expect(piece[1]).to.equal(155)
      expect(piece[0]).to.be.below(60)
    })

    it('is different each time', async () => {
      const first = await get('/api/v2/sdk/captcha')
      const second = await get('/api/v2/sdk/captcha')
      expect(first.body.token).not.to.equal(second.body.token)
      expect(first.body.originalImageBase64).not.to.equal(second.body.originalImageBase64)
    })

    it('tolerates five pixels', async () => {
      for (const off of [-5, 5]) expect((await solve('15200000003', off)).status).to.equal(200)
      for (const off of [-6, 6]) {
        expect(code(await solve('15200000003', off))).to.equal('IDAAS.SDK.CAPTCHA.0002')
      }
    })

    it('allows one try', async () => {
      const token = (await get('/api/v2/sdk/captcha')).body.token ?? ''
      const x = simulator.captchaAnswer(token)
      const attempt = (at?: number) =>
        post('/api/v2/sdk/captcha/verify', {
          token,
          point_json: JSON.stringify({ x: at, y: 5 }),
          sender: '15200000003',
        })
      expect((await attempt(1)).status).to.equal(400)
      expect((await attempt(x)).status).to.equal(400)
    })

    it('requires a point of two numbers, and a mobile number or email as sender', async () => {
      const token = (await get('/api/v2/sdk/captcha')).body.token ?? ''
      const sent = { token, point_json: '{"x":1,"y":5}', sender: '15200000003' }
      for (const wrong of [
        { point_json: '{"x":"1","y":5}' },
        { point_json: '[' },
        { sender: 'me' },
      ]) {
        const answer = await post('/api/v2/sdk/captcha/verify', { ...sent, ...wrong })
        expect(code(answer)).to.equal('SIMULATOR.STRICT')
      }
    })

    it('returns a captcha_token in the form of the documented sample', async () => {
      const { body } = await solve('15200000003')
      expect(body.captcha_token).to.match(/^[0-9a-f]{32}---\{"x":\d+,"y":5\}$/)
    })
  })

  describe('a verification code', () => {
    it('is sent once per solved puzzle, and only to the contact that it was solved for', async () => {
      const captcha_token = (await solve('15200000003')).body.captcha_token
      const type = 'BIND_MOBILE_SMS'
      const sent = (mobile: string) => post('/api/v2/sdk/sms/send', { mobile, type, captcha_token })
      expect(code(await sent('15200000004'))).to.equal('IDAAS.SDK.CAPTCHA.0006')
      expect(code(await sent('15200000003'))).to.equal('IDAAS.SDK.CAPTCHA.0006')
      const first = await sendCode(type, '15200000003')
      expect([first.status, first.text]).to.deep.equal([200, ''])
      expect(simulator.lastCode('15200000003')).to.match(/^\d{6}$/)
    })

    it('is sent to the same contact again only after a minute', async () => {
      await sendCode('BIND_MOBILE_SMS', '15200000003')
      const first = simulator.lastCode('15200000003')
      simulator.clock.advance(58_000)
      const early = await sendCode('BIND_MOBILE_SMS', '15200000003')
      expect(code(early)).to.equal('IDAAS.SDK.CAPTCHA.0006')
      expect(simulator.lastCode('15200000003')).to.equal(first)
      simulator.clock.advance(2_000)
      expect((await sendCode('BIND_MOBILE_SMS', '15200000003')).status).to.equal(200)
    })

    it('is sent to a mobile by SMS types and to an email by EMS types only', async () => {
      const wrong = [
        await sendCode('BIND_EMAIL_EMS', '15200000003'),
        await sendCode('BIND_MOBILE_SMS', 'zhangmin@example.com'),
        await sendCode('LOGIN_SMS', '15200000003'),
      ]
      expect(wrong.map(code)).to.deep.equal(Array(3).fill('SIMULATOR.STRICT'))
      expect((await sendCode('REGISTER_EMS', 'zhangmin@example.com')).status).to.equal(200)
    })

    it('requires exactly one of mobile and email', async () => {
      const type = 'BIND_MOBILE_SMS'
      const both = { mobile: '15200000003', email: 'a@example.com' }
      for (const contact of [{}, both]) {
        const answer = await post('/api/v2/sdk/sms/send', { ...contact, type, captcha_token: 'x' })
        expect(code(answer)).to.equal('SIMULATOR.STRICT')
      }
    })

    it('expires after five minutes', async () => {
      const token = await stateToken(personWith(simulator, 'SOCIAL_BIND'))
      await sendCode('BIND_MOBILE_SMS', '15200000003')
      simulator.clock.advance(300_000)
      const body = { mobile: '15200000003', verify_code: simulator.lastCode('15200000003') }
      const late = await post(BIND, body, { 'x-state-token': token })
      expect(code(late)).to.equal('SDK.COMMON.1005')
    })

    it('is refused if wrong, and after five wrong ones even if right', async () => {
      const token = await stateToken(personWith(simulator, 'SOCIAL_BIND'))
      await sendCode('BIND_MOBILE_SMS', '15200000003')
      const right = simulator.lastCode('15200000003') ?? ''
      const wrong = right === '000000' ? '000001' : '000000'
      const attempt = (verify_code: string) =>
        post(BIND, { mobile: '15200000003', verify_code }, { 'x-state-token': token })
      for (let i = 0; i < 5; i++) expect(code(await attempt(wrong))).to.equal(WRONG_CODE)
      expect(code(await attempt(right))).to.equal(WRONG_CODE)
    })

    it('is accepted only for the type that it was sent for', async () => {
      const token = await stateToken(personWith(simulator, 'SOCIAL_BIND'))
      const answer = await finish(BIND, 'MFA_AUTH_SMS', '15200000003', token)
      expect(code(answer)).to.equal(WRONG_CODE)
    })
  })

  describe('social/bind', () => {
    it('logs in the user with that mobile number, and later logins need no challenge', async () => {
      const person = personWith(simulator, 'SOCIAL_BIND')
      const answer = await bind('15200000003', await stateToken(person))
      expect(answer.status).to.equal(200)
      expect(answer.body).to.include({ status: 'SUCCESS', expire: 604800 })
      expect(simulator.sessions(person)[0]?.sessionToken).to.equal(answer.body.session_token)
      expect((await login(simulator, { person })).body.status).to.equal('SUCCESS')
    })

    it('accepts an email address too', async () => {
      const token = await stateToken(personWith(simulator, 'SOCIAL_BIND'))
      expect((await bind('zhangmin@example.com', token)).body.status).to.equal('SUCCESS')
    })

    it('logs in the user with that contact, not the owner of the Alipay account', async () => {
      const token = await stateToken(personWith(simulator, 'SOCIAL_BIND'))
      const { body } = await bind('15200000002', token)
      expect(simulator.sessions().map(({ personID }) => personID)).to.deep.equal([
        simulator.people[1]?.id,
      ])
      const answer = await send(simulator, '/api/v2/tenant/sso/session-token/sso-ticket', {
        headers: await bearer(simulator),
        body: { session_token: body.session_token, ...deviceMembers },
      })
      expect(answer.status).to.equal(200)
    })

    it('refuses an unknown contact; the state token stays valid', async () => {
      const token = await stateToken(personWith(simulator, 'SOCIAL_BIND'))
      expect(code(await bind('15299999999', token))).to.equal('SDK.USER.0001')
      expect((await bind('15200000003', token)).body.status).to.equal('SUCCESS')
    })

    it('returns ACCESS_DENIED for a user whose outcome it is', async () => {
      const token = await stateToken(personWith(simulator, 'SOCIAL_BIND'))
      expect((await bind('15200000007', token)).body.status).to.equal('ACCESS_DENIED')
    })

    it('refuses a flow that was not offered', async () => {
      const person = simulator.people.find(({ outcome }) => outcome === 'SOCIAL_BIND')
      Object.assign(person ?? {}, { flows: ['VERIFY_PHONE'] })
      const token = await stateToken(person?.id ?? '')
      expect(code(await bind('zhangmin@example.com', token))).to.equal('SIMULATOR.STRICT')
    })
  })

  describe('social/register-bind', () => {
    it('creates a user, and later logins need no challenge', async () => {
      const person = personWith(simulator, 'USER_REGISTER')
      const token = await stateToken(person)
      const answer = await finish(REGISTER, 'REGISTER_SMS', '15288888888', token)
      expect(answer.body.status).to.equal('SUCCESS')
      expect((await login(simulator, { person })).body.status).to.equal('SUCCESS')
    })

    it('refuses the contact of an existing user, who can be bound instead', async () => {
      const token = await stateToken(personWith(simulator, 'USER_REGISTER'))
      const taken = await finish(REGISTER, 'REGISTER_SMS', '15200000001', token)
      expect(code(taken)).to.equal('SDK.USER.0001')
      simulator.clock.advance(60_000)
      expect((await bind('15200000001', token)).body.status).to.equal('SUCCESS')
    })

    it('refuses the state token of SOCIAL_BIND', async () => {
      const token = await stateToken(personWith(simulator, 'SOCIAL_BIND'))
      const answer = await finish(REGISTER, 'REGISTER_SMS', '15288888888', token)
      expect(code(answer)).to.equal('PARAM.0014')
    })
  })

  describe('mfa/sms', () => {
    it('logs in with a code sent to the number that mobile-by-token returns', async () => {
      const token = await stateToken(personWith(simulator, 'MFA_AUTH'))
      const known = await get('/api/v2/sdk/mobile-by-token', { 'x-state-token': token })
      expect(known.body).to.deep.equal({ mobile: '15200000005' })
      const answer = await finish(MFA, 'MFA_AUTH_SMS', '15200000005', token)
      expect(answer.body.status).to.equal('SUCCESS')
    })

    it('is required again at the next login', async () => {
      const person = personWith(simulator, 'MFA_AUTH')
      await finish(MFA, 'MFA_AUTH_SMS', '15200000005', await stateToken(person))
      expect((await login(simulator, { person })).body.status).to.equal('MFA_AUTH')
    })

    it("refuses a mobile number that is not the user's", async () => {
      const token = await stateToken(personWith(simulator, 'MFA_AUTH'))
      const answer = await finish(MFA, 'MFA_AUTH_SMS', '15200000001', token)
      expect(code(answer)).to.equal('SDK.USER.0001')
    })

    it('can follow a bind, with its own state token', async () => {
      const person = simulator.people.find(({ after }) => after === 'MFA_AUTH')?.id ?? ''
      const first = await stateToken(person)
      const bound = await bind('15200000006', first)
      expect(bound.body.status).to.equal('MFA_AUTH')
      const second = bound.body.state_token ?? ''
      expect(second).to.be.a('string').and.not.equal(first)
      simulator.clock.advance(60_000)
      const spent = await finish(MFA, 'MFA_AUTH_SMS', '15200000006', first)
      expect(code(spent)).to.equal('PARAM.0014')
      simulator.clock.advance(60_000)
      const done = await finish(MFA, 'MFA_AUTH_SMS', '15200000006', second)
      expect(done.body.status).to.equal('SUCCESS')
    })
  })

  describe('a state token', () => {
    it('is refused with each product’s code if missing or unknown', async () => {
      const attempt = (token: string) =>
        post(BIND, { mobile: '15200000003', verify_code: '1' }, { 'x-state-token': token })
      expect([code(await attempt('')), code(await attempt('x'))]).to.deep.equal([
        'PARAM.0013',
        'PARAM.0014',
      ])
      simulator.settings.product = 'ciam'
      expect([code(await attempt('')), code(await attempt('x'))]).to.deep.equal(
        Array(2).fill('IDAAS.SDK.COMMON.1007'),
      )
    })

    it('expires after ten minutes', async () => {
      const token = await stateToken(personWith(simulator, 'MFA_AUTH'))
      const read = () => get('/api/v2/sdk/mobile-by-token', { 'x-state-token': token })
      simulator.clock.advance(599_000)
      expect((await read()).status).to.equal(200)
      simulator.clock.advance(1_000)
      expect(code(await read())).to.equal('PARAM.0014')
    })

    it('is spent by the login that it completes', async () => {
      const token = await stateToken(personWith(simulator, 'SOCIAL_BIND'))
      await bind('15200000003', token)
      simulator.clock.advance(60_000)
      expect(code(await bind('15200000003', token))).to.equal('PARAM.0014')
    })

    it('is accepted only from the device of its login', async () => {
      const token = await stateToken(personWith(simulator, 'MFA_AUTH'))
      const answer = await get('/api/v2/sdk/mobile-by-token', {
        'x-state-token': token,
        'x-device-fingerprint': 'another',
      })
      expect(code(answer)).to.equal('SDK.COMMON.1003')
    })
  })

  const ENDPOINTS: [string, string][] = [
    ['GET', '/api/v2/sdk/captcha'],
    ['POST', '/api/v2/sdk/captcha/verify'],
    ['POST', '/api/v2/sdk/sms/send'],
    ['POST', BIND],
    ['POST', REGISTER],
    ['POST', MFA],
    ['GET', '/api/v2/sdk/mobile-by-token'],
  ]
  for (const [method, path] of ENDPOINTS) {
    it(`${method} ${path} requires the device headers and the client id`, async () => {
      const attempt = (headers: Record<string, string>) =>
        method === 'GET' ? get(path, headers) : post(path, {}, headers)
      expect(code(await attempt({ 'x-agent': '' }))).to.equal('SDK.COMMON.1003')
      expect(code(await attempt({ 'x-client-id': 'another' }))).to.equal('APP.0001')
    })
  }
})

/** Width and height of a PNG; checks that it has all its pixels. */
function pngSize(base64 = ''): [number, number] {
  const bytes = Buffer.from(base64, 'base64')
  expect(bytes.subarray(0, 8).toString('latin1')).to.equal('\x89PNG\r\n\x1a\n')
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
  const start = bytes.indexOf('IDAT')
  const pixels = inflateSync(bytes.subarray(start + 4, start + 4 + bytes.readUInt32BE(start - 4)))
  expect(pixels.length).to.equal((width * 4 + 1) * height)
  return [width, height]
}
