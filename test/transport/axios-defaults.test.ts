import axios, { type AxiosAdapter, type AxiosInstance, type CreateAxiosDefaults } from 'axios'
import { expect } from 'chai'
import sinon from 'sinon'
import {
  BEARER,
  CONTEXT,
  CREDENTIAL,
  createClient,
  GRANTED,
  LOGIN_V3,
  networkErrorOf,
  TICKET,
} from '../oneaccess/support.js'
import { startUpstream, type Upstream } from '../support/upstream.js'

const LOGGED_IN = { body: { status: 'SUCCESS', session_token: 's1' } }

/** Like the fetch adapter of older axios releases, which ignores `maxRedirects` and `maxContentLength`. */
const byFetch: AxiosAdapter = async (config) => {
  const { url = '', method = 'GET', data, headers, fetchOptions } = config
  const sent = { method, body: data, headers: headers.toJSON() as Record<string, string> }
  const answer = await fetch(url, { ...sent, ...(fetchOptions as RequestInit) })
  const text = await answer.text()
  return { status: answer.status, statusText: '', headers: {}, data: text, config }
}

describe('an axios instance that was made for other calls', () => {
  let upstream: Upstream
  let other: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
    other = await startUpstream()
    upstream.script(CREDENTIAL, GRANTED)
    upstream.script(LOGIN_V3, LOGGED_IN)
    upstream.script(TICKET, { body: { sso_ticket: 't1' } })
  })
  afterEach(() => Promise.all([upstream.close(), other.close()]))

  const DEFAULTS: Record<string, (elsewhere: string) => CreateAxiosDefaults> = {
    'a baseURL': (baseURL) => ({ baseURL }),
    'a baseURL that applies to absolute URLs': (baseURL) => ({ baseURL, allowAbsoluteUrls: false }),
    'a user and password': () => ({ auth: { username: 'u', password: 'p' } }),
    parameters: () => ({ params: { api_key: 'k' } }),
    'an Authorization header': () => ({
      headers: { common: { Authorization: 'Bearer internal' } },
    }),
    'another method and body': () => ({ method: 'get', data: 'x' }),
  }
  for (const [name, defaultsFor] of Object.entries(DEFAULTS)) {
    for (const kind of ['instance', 'settings'] as const) {
      it(`with ${name} sends nothing to another host, and no default to OneAccess: ${kind}`, async () => {
        const defaults = defaultsFor(other.url)
        const http = kind === 'instance' ? axios.create(defaults) : defaults
        const client = createClient(upstream, { http })
        await client.loginWithAlipay('code-1', CONTEXT)
        await client.ssoTicket('s1', CONTEXT)
        expect(other.requests).to.deep.equal([])
        const seen = upstream.requests.map(({ path, headers }) => [
          path,
          headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1],
        ])
        expect(seen).to.deep.equal([
          [LOGIN_V3, undefined],
          [CREDENTIAL, undefined],
          [TICKET, BEARER],
        ])
      })
    }
  }

  for (const status of [301, 302, 303, 307, 308]) {
    it(`follows no ${status} redirect, even if its adapter ignores maxRedirects`, async () => {
      other.script('/steal', LOGGED_IN)
      upstream.script(LOGIN_V3, { status, headers: { location: `${other.url}/steal` }, body: '' })
      const client = createClient(upstream, { http: { adapter: byFetch } })
      const error = await networkErrorOf(client.loginWithAlipay('code-1', CONTEXT))
      expect(error).to.include({ code: 'unexpected_answer', status: 502 })
      expect(other.requests).to.deep.equal([])
    })
  }

  it('rejects a response over 1 MiB, even if its adapter ignores maxContentLength', async () => {
    const body = { ...LOGGED_IN.body, more: 'x'.repeat(2 ** 20) }
    upstream.script(LOGIN_V3, { body })
    const client = createClient(upstream, { http: { adapter: byFetch } })
    const error = await networkErrorOf(client.loginWithAlipay('code-1', CONTEXT))
    expect(error).to.include({ code: 'unexpected_answer', status: 502 })
    expect(error.message + error.hint).to.include('too large')
  })

  it('errors with a hint when an interceptor returns undefined, over http and https', async () => {
    const adapter: AxiosAdapter = async (config) => ({
      status: 200,
      statusText: '',
      headers: {},
      data: '{}',
      config,
    })
    for (const origin of ['https://oneaccess.example', 'http://oneaccess.localhost']) {
      const http = axios.create({ adapter })
      http.interceptors.response.use(() => undefined as never)
      const client = createClient({ url: origin }, { http })
      const error = await networkErrorOf(client.loginWithAlipay('code-1', CONTEXT))
      expect(error, origin).to.include({ code: 'unexpected_answer' })
      expect(error.message + error.hint, origin).to.include('must return the whole response')
    }
  })

  const FAULTY: Record<string, (request: AxiosInstance['request']) => unknown> = {
    'throws synchronously': () => {
      throw new Error('refused by the wrapper')
    },
    'returns no promise': () => undefined,
  }
  for (const [behavior, faulty] of Object.entries(FAULTY)) {
    it(`fails only the calls whose wrapped request() ${behavior}, and frees their connection`, async () => {
      const http = axios.create()
      const { request } = http
      const wrapped = sinon.stub(http, 'request').callsFake(request)
      wrapped.onFirstCall().callsFake(faulty as never)
      wrapped.onSecondCall().callsFake(faulty as never)
      const client = createClient(upstream, { http, maxConnections: 1 })
      const [first, second, third] = await Promise.allSettled([
        client.loginWithAlipay('code-1', CONTEXT),
        client.loginWithAlipay('code-2', CONTEXT),
        client.loginWithAlipay('code-3', CONTEXT),
      ])
      expect([first.status, second.status, third.status]).to.deep.equal([
        'rejected',
        'rejected',
        'fulfilled',
      ])
    })
  }
})

describe('OneAccessClient', () => {
  it('errors with misconfigured when a value cannot be sent in a header', async () => {
    const device = { ...CONTEXT.device, agent: 'two\nlines' }
    const client = createClient({ url: 'http://127.0.0.1:9' })
    const error = await networkErrorOf(client.loginWithAlipay('code-1', { device }))
    expect(error).to.include({ code: 'misconfigured', status: 500 })
    expect(error.hint).to.include('cannot be sent in a header')
  })

  it('rejects http to another machine as origin and as jwksUri', () => {
    const build = (origin: string, jwksUri?: string) => () =>
      createClient({ url: origin }, jwksUri === undefined ? {} : { idToken: { jwksUri } })
    expect(build('http://acme.example')).to.throw(TypeError, /http:\/\/acme\.example must be https/)
    expect(build('ftp://acme.example')).to.throw(TypeError, /must be https/)
    expect(build('https://acme.example', 'http://keys.example/k')).to.throw(
      TypeError,
      /keys\.example/,
    )
    expect(build('https://acme.example/')).not.to.throw()
    expect(build('http://[::1]:8080')).not.to.throw()
  })
})
