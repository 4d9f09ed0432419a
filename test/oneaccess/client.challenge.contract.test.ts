import { expect } from 'chai'
import type { OneAccessClient } from '../../lib/index.js'
import { type Reply, startUpstream, type Upstream } from '../support/upstream.js'
import {
  CLIENT_ID,
  CONTEXT,
  createClient,
  DEVICE_HEADERS,
  networkErrorOf,
  TENANTS,
  wireOf,
} from './support.js'

const JSON_TYPE = { 'content-type': 'application/json;charset=utf8' }
const MOBILE = { mobile: '15200000000' }
const EMAIL = { email: 'zhangsan@example.com' }
const CAPTCHA: Reply = {
  body: {
    token: 'puzzle-1',
    originalImageBase64: 'iVBORw0KGgo=',
    jigsawImageBase64: 'iVBORw0KGgp=',
    secretKey: null,
    captchaId: 'c1',
  },
}
const LOGGED_IN: Reply = { body: { status: 'SUCCESS', session_token: 's1', expire: 604800 } }

interface Row {
  name: string
  line: string
  reply: Reply
  call: (client: OneAccessClient, context: typeof CONTEXT) => Promise<unknown>
  headers?: Record<string, string>
  body?: object
}

function completing(
  action: 'bind' | 'register' | 'second-factor',
  path: string,
  contact: typeof MOBILE | typeof EMAIL,
): Row {
  const [by] = Object.keys(contact)
  return {
    name: `${action} by ${by}`,
    line: `POST /api/v2/sdk/${path}`,
    reply: LOGGED_IN,
    call: (client, context) =>
      client.complete({ action, contact, verifyCode: '482910', stateToken: 'state-1' }, context),
    headers: { ...JSON_TYPE, 'x-state-token': 'state-1' },
    body: { ...contact, verify_code: '482910' },
  }
}

/** The rows of docs/wire.md#first-logins-and-second-factors. */
const ROWS: Row[] = [
  {
    name: 'captcha',
    line: 'GET /api/v2/sdk/captcha',
    reply: CAPTCHA,
    call: (client, context) => client.captcha(context),
  },
  {
    name: 'sms/send',
    line: 'POST /api/v2/sdk/sms/send',
    reply: { body: '' },
    call: (client, context) =>
      client.sendCode({ contact: MOBILE, type: 'BIND_MOBILE_SMS', captchaToken: 'ct-1' }, context),
    headers: JSON_TYPE,
    body: { ...MOBILE, type: 'BIND_MOBILE_SMS', captcha_token: 'ct-1' },
  },
  completing('bind', 'social/bind', MOBILE),
  completing('bind', 'social/bind', EMAIL),
  completing('register', 'social/register-bind', MOBILE),
  completing('register', 'social/register-bind', EMAIL),
  completing('second-factor', 'mfa/sms', MOBILE),
  {
    name: 'mobile-by-token',
    line: 'GET /api/v2/sdk/mobile-by-token',
    reply: { body: MOBILE },
    call: (client, context) => client.mobileByToken('state-1', context),
    headers: { 'x-state-token': 'state-1' },
  },
]

describe('OneAccessClient, challenges (docs/wire.md#first-logins-and-second-factors)', () => {
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
  })

  afterEach(() => upstream.close())

  for (const { name, line, reply, call, headers, body = '' } of ROWS) {
    for (const { name: tenant, options, context, headers: ofTenant } of TENANTS) {
      it(`sends the documented ${name} request to ${tenant}, and nothing else`, async () => {
        upstream.script(line.split(' ')[1] ?? '', reply)
        await call(createClient(upstream, options), context)
        const all = { ...DEVICE_HEADERS, 'x-client-id': CLIENT_ID, ...headers, ...ofTenant }
        expect(upstream.requests.map(wireOf)).to.deep.equal([{ line, headers: all, body }])
      })
    }
  }

  it('sends a captcha solution whose point_json is a string of JSON', async () => {
    const path = '/api/v2/sdk/captcha/verify'
    upstream.script(path, { body: { captcha_token: 'ct-1' } })
    const solution = { token: 'puzzle-1', x: 237, y: 5, sender: MOBILE.mobile }
    expect(await createClient(upstream).verifyCaptcha(solution, CONTEXT)).to.equal('ct-1')
    const sent = wireOf(upstream.requests[0])
    const { point_json: point, ...rest } = sent.body as Record<string, unknown>
    expect(JSON.parse(String(point))).to.deep.equal({ x: 237, y: 5 })
    expect({ ...sent, body: rest }).to.deep.equal({
      line: `POST ${path}`,
      headers: { ...JSON_TYPE, ...DEVICE_HEADERS, 'x-client-id': CLIENT_ID },
      body: { token: 'puzzle-1', sender: MOBILE.mobile },
    })
  })

  it('reads a captcha whose secretKey is null', async () => {
    upstream.script('/api/v2/sdk/captcha', CAPTCHA)
    expect(await createClient(upstream).captcha(CONTEXT)).to.include({
      token: 'puzzle-1',
      picture: 'iVBORw0KGgo=',
      piece: 'iVBORw0KGgp=',
    })
  })

  it('reads the mobile number of a second factor', async () => {
    upstream.script('/api/v2/sdk/mobile-by-token', { body: MOBILE })
    expect(await createClient(upstream).mobileByToken('st', CONTEXT)).to.equal(MOBILE.mobile)
  })

  it('reads the response to complete() as a login, which may require another challenge', async () => {
    const data = '{"mfa":["SMS"]}'
    const next = { status: 'MFA_AUTH', state_token: 'state-2', data }
    upstream.script('/api/v2/sdk/social/bind', LOGGED_IN, { body: next })
    const completion = {
      action: 'bind',
      contact: MOBILE,
      verifyCode: '1',
      stateToken: 's',
    } as const
    const client = createClient(upstream)
    expect(await client.complete(completion, CONTEXT)).to.deep.equal({
      status: 'SUCCESS',
      session: { sessionToken: 's1', expiresIn: 604800 },
    })
    expect(await client.complete(completion, CONTEXT)).to.deep.equal({
      status: 'MFA_AUTH',
      stateToken: 'state-2',
      flows: ['SMS'],
    })
  })

  for (const [path, errorCode, code] of [
    ['/api/v2/sdk/captcha/verify', 'IDAAS.SDK.CAPTCHA.0002', 'puzzle_refused'],
    ['/api/v2/sdk/sms/send', 'IDAAS.SDK.CAPTCHA.0006', 'code_not_sent'],
    ['/api/v2/sdk/social/bind', 'IDAAS.SDK.COMMON.1007', 'state_token_refused'],
    ['/api/v2/sdk/social/bind', 'PARAM.0014', 'state_token_refused'],
  ] as const) {
    it(`reports ${errorCode} as ${code}, without the mobile number or the codes in the message`, async () => {
      const text = `${MOBILE.mobile} 48291 state-1 ct-1`
      upstream.script(path, { status: 400, body: { error_code: errorCode, error_msg: text } })
      const client = createClient(upstream)
      const calls = {
        '/api/v2/sdk/captcha/verify': () =>
          client.verifyCaptcha({ token: 'ct-1', x: 1, y: 5, sender: MOBILE.mobile }, CONTEXT),
        '/api/v2/sdk/sms/send': () =>
          client.sendCode({ contact: MOBILE, type: 'MFA_AUTH_SMS', captchaToken: 'ct-1' }, CONTEXT),
        '/api/v2/sdk/social/bind': () =>
          client.complete(
            { action: 'bind', contact: MOBILE, verifyCode: '48291', stateToken: 'state-1' },
            CONTEXT,
          ),
      }
      const error = await networkErrorOf(calls[path]())
      expect(error).to.include({ code, errorCode })
      expect(error.message).to.not.include(MOBILE.mobile)
      if (path === '/api/v2/sdk/social/bind') expect(error.message).to.not.match(/48291|state-1/)
      else expect(error.message).to.not.include('ct-1')
    })
  }
})
