import axios, { type AxiosAdapter } from 'axios'
import { expect } from 'chai'
import { type Reply, startUpstream, type Upstream } from '../support/upstream.js'
import { CONTEXT, createClient, LOGIN_V3, networkErrorOf, REFRESH_ID_TOKEN } from './support.js'

const SEND_CODE = '/api/v2/sdk/sms/send'
const ORDER = { contact: { mobile: '13800000000' }, type: 'MFA_AUTH_SMS', captchaToken: 'ct-1' }
const SESSION = { status: 'SUCCESS', session_token: 's1' }

describe('Http.send', () => {
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
  })

  afterEach(() => upstream.close())

  const logIn = (reply: Reply, options = {}) => {
    upstream.script(LOGIN_V3, reply)
    return createClient(upstream, options).loginWithAlipay('code-1', CONTEXT)
  }

  const refresh = (reply: Reply) => {
    upstream.script(REFRESH_ID_TOKEN, reply)
    return createClient(upstream).refresh('s1', CONTEXT)
  }

  /** A call that returns nothing. */
  const sendCode = (reply: Reply) => {
    upstream.script(SEND_CODE, reply)
    return createClient(upstream).sendCode(ORDER, CONTEXT)
  }

  for (const status of [200, 201, 299]) {
    it(`accepts a response with ${status}`, async () => {
      expect((await logIn({ status, body: SESSION })).status).to.equal('SUCCESS')
    })
  }

  it('treats a response with an error_code as an error, even with HTTP 200', async () => {
    const over = { error_code: 'IDAAS.SDK.PARAM.0023', error_msg: 'expired' }
    expect(await networkErrorOf(refresh({ body: { ...SESSION, ...over } }))).to.include({
      code: 'session_ended',
      status: 401,
      errorCode: over.error_code,
      httpStatus: 200,
    })
    const unknown = { error_code: 'USER.0815', error_msg: 'no' }
    expect(await networkErrorOf(sendCode({ body: unknown }))).to.include({
      code: 'code_not_sent',
      status: 400,
      errorCode: 'USER.0815',
      httpStatus: 200,
    })
  })

  it('reads Retry-After from a busy response with HTTP 200', async () => {
    const body = { error_code: 'IDAAS.SDK.COM.0002', error_msg: 'System busy' }
    const error = await networkErrorOf(refresh({ headers: { 'Retry-After': '7' }, body }))
    expect(error).to.include({ code: 'busy', status: 503, retryAfter: 7 })
  })

  for (const none of ['', '0', 0, null]) {
    it(`ignores the error_code ${JSON.stringify(none)}`, async () => {
      const login = await logIn({ body: { ...SESSION, error_code: none } })
      expect(login.session?.sessionToken).to.equal('s1')
    })
  }

  for (const body of ['', ' \r\n']) {
    it(`accepts the body ${JSON.stringify(body)} for a call that returns nothing`, async () => {
      expect(await sendCode({ body })).to.equal(undefined)
    })
  }

  it('rejects an HTML page even for a call that returns nothing', async () => {
    const error = await networkErrorOf(sendCode({ body: '<html>Welcome</html>' }))
    expect(error).to.include({ code: 'unexpected_answer', status: 502 })
    expect(error.message).to.include('the body is not JSON')
  })

  for (const status of [300, 302]) {
    it(`errors on ${status} with a message that redirects are not followed`, async () => {
      const { message } = await networkErrorOf(logIn({ status, body: SESSION }))
      expect(message).to.include(`the HTTP status is ${status}, and redirects are not followed`)
    })
  }

  it('rejects a body that an interceptor of the app has parsed', async () => {
    const http = axios.create()
    http.interceptors.response.use((answer) => ({ ...answer, data: JSON.parse(answer.data) }))
    const error = await networkErrorOf(logIn({ body: SESSION }, { http }))
    expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'login' })
  })

  it('rejects a response with status 0', async () => {
    const adapter: AxiosAdapter = async (config) => {
      const data = JSON.stringify(SESSION)
      return { data, status: 0, statusText: '', headers: {}, config }
    }
    const error = await networkErrorOf(logIn({}, { http: { adapter } }))
    expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'login' })
  })

  for (const [setup, options] of [
    ['without the option http', {}],
    ['with settings', { http: {} }],
    ['with a setting that is undefined', { http: { adapter: undefined } }],
  ] as [string, object][]) {
    it(`ignores axios.defaults ${setup}`, async () => {
      const { adapter, headers, baseURL } = axios.defaults
      Object.assign(axios.defaults, {
        adapter: () => Promise.reject(new Error('meant for others')),
        baseURL: 'https://others.test',
        headers: { ...headers, common: { Authorization: 'Bearer of-others' } },
      })
      try {
        expect((await logIn({ body: SESSION }, options)).status).to.equal('SUCCESS')
      } finally {
        Object.assign(axios.defaults, { adapter, headers, baseURL })
      }
      const sent = new Headers(upstream.requests[0]?.headers)
      expect(sent.get('authorization')).to.equal(null)
    })
  }
})
