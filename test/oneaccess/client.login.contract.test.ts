import { expect } from 'chai'
import { type Reply, startUpstream, type Upstream } from '../support/upstream.js'
import {
  CLIENT_ID,
  CONTEXT,
  createClient,
  DEVICE_HEADERS,
  LOGIN_V2,
  LOGIN_V3,
  networkErrorOf,
  TENANTS,
  wireOf,
} from './support.js'

const MINI_PROGRAM = '/api/v2/sdk/login/alipay-miniprogram'
const CODE = 'ad12sasdsfe3dfdg3sc'
const LOGGED_IN: Reply = {
  body: { status: 'SUCCESS', session_token: 'bts******2VO', expire: 604800 },
}

describe('OneAccessClient.loginWithAlipay (docs/wire.md#log-in-with-the-code)', () => {
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
  })

  afterEach(() => upstream.close())

  function answered(body: unknown) {
    upstream.script(LOGIN_V3, { body })
    return createClient(upstream).loginWithAlipay(CODE, CONTEXT)
  }

  for (const { name, login, options, context, headers } of TENANTS) {
    it(`sends the documented request to ${name}, and nothing else`, async () => {
      upstream.script(login, LOGGED_IN)
      await createClient(upstream, options).loginWithAlipay(CODE, context)
      expect(upstream.requests.map(wireOf)).to.deep.equal([
        {
          line: `POST ${login}`,
          headers: {
            'content-type': 'application/json;charset=utf8',
            ...DEVICE_HEADERS,
            'x-client-id': CLIENT_ID,
            ...headers,
          },
          body: { code: CODE },
        },
      ])
    })
  }

  it("loginWithMiniProgram() sends the same request to CIAM's mini program endpoint", async () => {
    upstream.script(MINI_PROGRAM, LOGGED_IN)
    const answer = await createClient(upstream).loginWithMiniProgram(CODE, CONTEXT)
    expect(answer.session).to.deep.equal({ sessionToken: 'bts******2VO', expiresIn: 604800 })
    expect(upstream.requests.map(wireOf)).to.deep.equal([
      {
        line: `POST ${MINI_PROGRAM}`,
        headers: {
          'content-type': 'application/json;charset=utf8',
          ...DEVICE_HEADERS,
          'x-client-id': CLIENT_ID,
        },
        body: { code: CODE },
      },
    ])
  })

  it('sends X-L only when language is set', async () => {
    upstream.script(LOGIN_V3, LOGGED_IN)
    await createClient(upstream, { language: 'zh' }).loginWithAlipay(CODE, CONTEXT)
    await createClient(upstream).loginWithAlipay(CODE, CONTEXT)
    const sent = upstream.requests.map((request) => wireOf(request).headers)
    expect(sent.map((headers) => headers['x-l'])).to.deep.equal(['zh', undefined])
    expect(sent[1]).to.not.have.property('x-l')
  })

  it('sends a code with quotes, backslashes and Chinese characters as UTF-8 JSON', async () => {
    upstream.script(LOGIN_V3, LOGGED_IN)
    const code = 'a"b\\c/支付宝'
    await createClient(upstream).loginWithAlipay(code, CONTEXT)
    expect(wireOf(upstream.requests[0]).body).to.deep.equal({ code })
  })

  it('sends device values of visible Latin-1 characters unchanged', async () => {
    upstream.script(LOGIN_V3, LOGGED_IN)
    const device = { ...CONTEXT.device, agent: 'Café/1.0 (¡hola!) ÿ' }
    await createClient(upstream).loginWithAlipay(CODE, { device })
    expect(wireOf(upstream.requests[0]).headers['x-agent']).to.equal('Café/1.0 (¡hola!) ÿ')
  })

  describe('responses', () => {
    it('reads SUCCESS without an id_token, as documented', async () => {
      expect(await answered(LOGGED_IN.body)).to.deep.equal({
        status: 'SUCCESS',
        session: { sessionToken: 'bts******2VO', expiresIn: 604800 },
      })
    })

    it('reads SUCCESS with an id_token', async () => {
      const body = { status: 'SUCCESS', session_token: 's1', id_token: 'a.b.c', expire: 432000 }
      expect(await answered(body)).to.deep.equal({
        status: 'SUCCESS',
        session: { sessionToken: 's1', idToken: 'a.b.c', expiresIn: 432000 },
      })
    })

    it('treats null fields as missing', async () => {
      const nulls = { id_token: null, state_token: null, data: null }
      const body = { status: 'SUCCESS', session_token: 's1', expire: 1, ...nulls }
      const answer = await answered(body)
      expect(answer.session).to.deep.equal({ sessionToken: 's1', expiresIn: 1 })
    })

    for (const status of ['SOCIAL_BIND', 'USER_REGISTER', 'MFA_AUTH', 'ACCESS_DENIED', 'NEW_ONE']) {
      it(`reads ${status} with its state_token and flows, without a session`, async () => {
        const data = '{"socialBindOrRegisterFlow":["VERIFY_PHONE","VERIFY_EMAIL"]}'
        const answer = await answered({ status, state_token: 'st-1', data })
        expect(answer).to.deep.equal({
          status,
          stateToken: 'st-1',
          flows: ['VERIFY_PHONE', 'VERIFY_EMAIL'],
        })
      })
    }

    it('ignores the session_token of a status other than SUCCESS', async () => {
      const answer = await answered({ status: 'MFA_AUTH', session_token: 's1', state_token: 't1' })
      expect(answer.session).to.equal(undefined)
      expect(JSON.stringify(answer)).to.not.include('s1')
    })

    for (const data of [undefined, null, '', 'not JSON', '7', '{"a":{"b":1}}']) {
      it(`reads no flows from data ${JSON.stringify(data)}`, async () => {
        expect(await answered({ status: 'SOCIAL_BIND', data })).to.deep.equal({
          status: 'SOCIAL_BIND',
          flows: [],
        })
      })
    }
  })

  describe('unexpected responses', () => {
    const broken: [problem: string, body: unknown, field: string][] = [
      ['SUCCESS without a session token', { status: 'SUCCESS' }, 'session_token'],
      [
        'SUCCESS with an empty session token',
        { status: 'SUCCESS', session_token: '' },
        'session_token',
      ],
      [
        'a session token that is a number',
        { status: 'SUCCESS', session_token: 7 },
        'session_token',
      ],
      [
        'a session token with a line break',
        { status: 'SUCCESS', session_token: 'a\r\nb' },
        'session_token',
      ],
      [
        'an id_token that is an object',
        { status: 'SUCCESS', session_token: 's', id_token: {} },
        'id_token',
      ],
      [
        'an expire that is not a number',
        { status: 'SUCCESS', session_token: 's', expire: 'soon' },
        'expire',
      ],
      ['a negative expire', { status: 'SUCCESS', session_token: 's', expire: -1 }, 'expire'],
      ['no status', { session_token: 's' }, 'status'],
      ['a status that is a number', { status: 200, session_token: 's' }, 'status'],
      ['a state token that is an array', { status: 'MFA_AUTH', state_token: ['s'] }, 'state_token'],
    ]
    for (const [problem, body, field] of broken) {
      it(`errors with 502 on ${problem} and names login and ${field}`, async () => {
        const error = await networkErrorOf(answered(body))
        expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'login' })
        expect(error.hint).to.match(new RegExp(`\\blogin\\b.*\\b${field}$`))
      })
    }
  })

  describe('a failed login', () => {
    const failures: [failure: string, reply: Reply][] = [
      ['404', { status: 404 }],
      ['405', { status: 405 }],
      ['a spent code', { status: 400, body: { error_code: 'X.1', error_msg: 'code spent' } }],
      ['401 invalid_token', { status: 401, body: { error: 'invalid_token' } }],
      ['500', { status: 500 }],
      ['503', { status: 503, headers: { 'Retry-After': '0' } }],
      ['a response that is not JSON', { body: '<html>' }],
    ]
    for (const [failure, reply] of failures) {
      it(`is not repeated, with either version, after ${failure}`, async () => {
        upstream.script(LOGIN_V3, reply)
        upstream.script(LOGIN_V2, LOGGED_IN)
        await networkErrorOf(createClient(upstream).loginWithAlipay(CODE, CONTEXT))
        expect(upstream.requests).to.have.lengthOf(1)
      })
    }

    it('is not repeated, with either version, after a lost connection', async () => {
      upstream.script(LOGIN_V3, (_request, res) => void res.destroy())
      upstream.script(LOGIN_V2, LOGGED_IN)
      await networkErrorOf(createClient(upstream).loginWithAlipay(CODE, CONTEXT))
      expect(upstream.requests).to.have.lengthOf(1)
    })
  })
})
