import { execFile } from 'node:child_process'
import http, { Agent } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import axios, { type AxiosAdapter, AxiosError } from 'axios'
import { expect } from 'chai'
import sinon from 'sinon'
import { startUpstream, type Upstream } from '../support/upstream.js'
import {
  CLIENT_ID,
  CONTEXT,
  CREDENTIAL,
  createClient,
  DEVICE_HEADERS,
  GRANTED,
  LOGIN_V3,
  networkErrorOf,
  REFRESH_ID_TOKEN,
  TICKET,
  VERIFY,
  wireOf,
} from './support.js'

const LOGGED_IN = { body: { status: 'SUCCESS', session_token: 's1' } }

describe('OneAccessClientOptions.http', () => {
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
    upstream.script(LOGIN_V3, LOGGED_IN)
  })

  afterEach(() => upstream.close())

  it('{} sends calls through node:http, which nock can block and mock, unlike the default transport', async () => {
    const program = fileURLToPath(new URL('guard-run.js', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [program])
    const { guarded, unguarded, mocked } = JSON.parse(stdout)
    expect(guarded.arrived).to.equal(0)
    expect(guarded.answer).to.include('ENETUNREACH') // nock's code for a connection that it blocks
    expect(unguarded.arrived).to.equal(1)
    expect(unguarded.answer).to.include('from-the-tenant')
    expect(mocked).to.deep.include({ arrived: 0 })
    expect(mocked.answer).to.include('from-nock')
  })

  describe('an axios instance', () => {
    it('sends every call, so that its interceptors see it', async () => {
      upstream.script(CREDENTIAL, GRANTED)
      upstream.script(TICKET, { body: { sso_ticket: 't1' } })
      upstream.script(VERIFY, { body: { id: 'u1' } })
      upstream.script(REFRESH_ID_TOKEN, { body: { session_token: 's2' } })
      const http = axios.create()
      const seen: (string | undefined)[] = []
      http.interceptors.request.use((config) => {
        seen.push(config.url?.replace(upstream.url, ''))
        return config
      })
      const client = createClient(upstream, { http })
      await client.loginWithAlipay('code-1', CONTEXT)
      await client.verifyTicket(await client.ssoTicket('s1', CONTEXT), CONTEXT)
      await client.refresh('s1', CONTEXT)
      expect(seen).to.deep.equal([LOGIN_V3, CREDENTIAL, TICKET, VERIFY, REFRESH_ID_TOKEN])
    })

    it('changes nothing about a request except what its interceptors add', async () => {
      const http = axios.create()
      http.interceptors.request.use((config) => {
        config.headers.set('traceparent', '00-1-2-01')
        return config
      })
      await createClient(upstream, { http }).loginWithAlipay('code-1', CONTEXT)
      expect(wireOf(upstream.requests[0])).to.deep.equal({
        line: `POST ${LOGIN_V3}`,
        headers: {
          'content-type': 'application/json;charset=utf8',
          ...DEVICE_HEADERS,
          'x-client-id': CLIENT_ID,
          traceparent: '00-1-2-01',
        },
        body: { code: 'code-1' },
      })
    })

    it('cannot override our limits on redirects, size and time, or the URL', async () => {
      const headers = { Location: `${upstream.url}/elsewhere` }
      upstream.script(LOGIN_V3, { status: 302, headers })
      upstream.script('/elsewhere', LOGGED_IN)
      const http = axios.create({
        maxRedirects: 5,
        maxContentLength: -1,
        responseType: 'arraybuffer',
        baseURL: `${upstream.url}/elsewhere`,
        validateStatus: () => false,
      })
      const client = createClient(upstream, { http, callDeadline: 100 })
      expect(await networkErrorOf(client.loginWithAlipay('c', CONTEXT))).to.include({ status: 502 })
      upstream.script(LOGIN_V3, { body: 'a'.repeat(1024 * 1024 + 1) })
      expect(await networkErrorOf(client.loginWithAlipay('c', CONTEXT))).to.include({ status: 502 })
      upstream.script(LOGIN_V3, () => undefined)
      expect(await networkErrorOf(client.loginWithAlipay('c', CONTEXT))).to.include({ status: 504 })
      expect(upstream.at('/elsewhere')).to.have.lengthOf(0)
    })

    for (const [value, interceptor] of [
      ['only the body', ({ data }: { data: unknown }) => data],
      ['undefined', () => undefined],
      ['null', () => null],
      ['another object', ({ data }: { data: unknown }) => ({ data, status: 200 })],
    ] as const) {
      it(`errors with a message that names the interceptor when it returns ${value}`, async () => {
        const http = axios.create()
        http.interceptors.response.use(interceptor as never)
        const error = await networkErrorOf(
          createClient(upstream, { http }).loginWithAlipay('code-1', CONTEXT),
        )
        expect(error).to.include({ code: 'unexpected_answer', step: 'login' })
        expect(error.message).to.include('an interceptor in the option http')
      })
    }

    it('errors with a OneAccessError when an interceptor rejects, and does not send the call', async () => {
      const http = axios.create()
      http.interceptors.request.use(() => Promise.reject(new Error('no proxy ticket')))
      const error = await networkErrorOf(
        createClient(upstream, { http }).loginWithAlipay('c', CONTEXT),
      )
      expect(error).to.include({ status: 503, step: 'login' })
      expect(upstream.requests).to.have.lengthOf(0)
    })
  })

  describe('settings', () => {
    it('{} sends calls through node:http', async () => {
      const request = sinon.spy(http, 'request')
      try {
        await createClient(upstream, { http: {} }).loginWithAlipay('c', CONTEXT)
        expect(request.calledOnce).to.equal(true)
      } finally {
        request.restore()
      }
    })

    it('adapter receives every call, and nothing else is sent', async () => {
      const seen: (string | undefined)[] = []
      const adapter: AxiosAdapter = async (config) => {
        seen.push(config.url)
        const data = JSON.stringify(LOGGED_IN.body)
        return { data, status: 200, statusText: 'OK', headers: {}, config }
      }
      const answer = await createClient(upstream, { http: { adapter } }).loginWithAlipay(
        'c',
        CONTEXT,
      )
      expect(answer.status).to.equal('SUCCESS')
      expect(seen).to.deep.equal([upstream.url + LOGIN_V3])
      expect(upstream.requests).to.have.lengthOf(0)
    })

    it('httpAgent provides the connections', async () => {
      const httpAgent = new Agent({ keepAlive: false })
      const client = createClient(upstream, { http: { httpAgent } })
      for (let i = 0; i < 2; i++) await client.loginWithAlipay('c', CONTEXT)
      expect(upstream.requests.map(({ connection }) => connection)).to.deep.equal([1, 2])
    })

    it('proxy receives the calls', async () => {
      const proxy = await startUpstream()
      try {
        proxy.script(`http://oneaccess.localhost${LOGIN_V3}`, LOGGED_IN)
        const { hostname, port } = new URL(proxy.url)
        const http = { proxy: { protocol: 'http', host: hostname, port: Number(port) } }
        const client = createClient({ url: 'http://oneaccess.localhost' }, { http })
        expect((await client.loginWithAlipay('c', CONTEXT)).status).to.equal('SUCCESS')
        expect(proxy.requests).to.have.lengthOf(1)
      } finally {
        await proxy.close()
      }
    })
  })

  /** The error of a call whose adapter rejects with this. */
  const failing = (thrown: unknown) => {
    const adapter = () => Promise.reject(thrown)
    return networkErrorOf(
      createClient(upstream, { http: { adapter } }).loginWithAlipay('c', CONTEXT),
    )
  }

  const codes: [system: string, code: string, status: number][] = [
    ['ENOTFOUND', 'unreachable', 503],
    ['EAI_AGAIN', 'unreachable', 503],
    ['EHOSTUNREACH', 'unreachable', 503],
    ['ENETUNREACH', 'unreachable', 503],
    ['UND_ERR_CONNECT_TIMEOUT', 'unreachable', 503],
    ['ECONNREFUSED', 'unreachable', 503],
    ['EADDRNOTAVAIL', 'unreachable', 503],
    ['UND_ERR_CONNECT_TIMEOUT', 'unreachable', 503],
    ['ETIMEDOUT', 'connection_lost', 503],
    ['ERR_UNHEARD_OF', 'connection_lost', 503],
    ['EPIPE', 'connection_lost', 503],
    ['ECONNRESET', 'connection_lost', 503],
    ['ECONNABORTED', 'timeout', 504],
    ['ERR_CANCELED', 'timeout', 504],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls_untrusted', 503],
    ['ERR_TLS_HANDSHAKE_TIMEOUT', 'tls_untrusted', 503],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls_untrusted', 503],
    ['EPROTO', 'tls_untrusted', 503],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls_untrusted', 503],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls_untrusted', 503],
    ['CERT_HAS_EXPIRED', 'tls_untrusted', 503],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls_untrusted', 503],
  ]
  for (const [system, code, status] of codes) {
    it(`errors with ${status} ${code} on ${system}, which is the message of the cause`, async () => {
      const error = await failing(new AxiosError('no', system))
      expect(error).to.include({ code, status, step: 'login' })
      expect((error.cause as Error).message).to.equal(system)
      expect(error.cause).to.not.be.instanceOf(AxiosError)
    })
  }

  for (const code of ['HPE_INVALID_CONSTANT', 'Z_DATA_ERROR', 'ERR_FR_TOO_MANY_REDIRECTS']) {
    it(`errors with 502 unexpected_answer on ${code}`, async () => {
      const error = await failing(new AxiosError('no', code))
      expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'login' })
    })
  }

  it('errors with unreachable on any failure to connect, and with connection_lost on one to read', async () => {
    const cause = Object.assign(new Error('no'), { code: 'ETIMEDOUT', syscall: 'connect' })
    for (const thrown of [cause, AxiosError.from(cause)]) {
      expect(await failing(thrown)).to.include({ code: 'unreachable', status: 503 })
    }
    const several = Object.assign(new AggregateError([cause, cause]), { code: 'ETIMEDOUT' })
    for (const thrown of [several, AxiosError.from(several)]) {
      expect(await failing(thrown)).to.include({ code: 'unreachable', status: 503 })
    }
    const words = 'Client network socket disconnected before secure TLS connection was established'
    const shaking = Object.assign(new Error(words), { code: 'ECONNRESET' })
    expect(await failing(shaking)).to.include({ code: 'unreachable', status: 503 })
    const reading = Object.assign(new Error('no'), { code: 'ETIMEDOUT', syscall: 'read' })
    expect(await failing(reading)).to.include({ code: 'connection_lost', status: 503 })
  })

  it('reads the hint for EPROTO from the text of the error, and does not repeat the text', async () => {
    const words =
      'write EPROTO 0A00045C:SSL routines:tlsv13 alert certificate required: alert number 116'
    const error = await failing(Object.assign(new Error(words), { code: 'EPROTO' }))
    expect(error).to.include({ code: 'tls_untrusted', status: 503 })
    expect(error.hint).to.include('client certificate')
    expect(error.message).to.not.include('SSL routines')
  })

  it('replaces a malformed code with UNKNOWN in the cause', async () => {
    for (const code of ['code-1 was refused', 'a'.repeat(65), '', 7]) {
      const error = await failing(Object.assign(new Error('no'), { code }))
      expect(error).to.include({ code: 'connection_lost', status: 503 })
      expect((error.cause as Error).message).to.equal('UNKNOWN')
    }
    const longest = Object.assign(new Error('no'), { code: 'A'.repeat(64) })
    expect(((await failing(longest)).cause as Error).message).to.equal('A'.repeat(64))
  })

  for (const [code, hint] of [
    ['ERR_CANCELED', 'within 10000 ms: see the option timeouts'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'NODE_EXTRA_CA_CERTS'],
    ['CERT_HAS_EXPIRED', 'clock'],
    ['CERT_NOT_YET_VALID', 'clock'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'another host name'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'client certificate'],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'client certificate'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'TLS version'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS version'],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'TLS version'],
    ['ENOTFOUND', 'check the option domain, DNS'],
    ['ECONNRESET', 'try again'],
  ] as const) {
    it(`hints "${hint}" on ${code}`, async () => {
      expect((await failing(new AxiosError('no', code))).hint).to.include(hint)
    })
  }

  for (const thrown of [undefined, null, 'no', 7, { code: 'ECONNREFUSED' }, new Error('no')]) {
    it(`errors with a OneAccessError when the adapter rejects with ${String(thrown)}`, async () => {
      const error = await failing(thrown)
      expect(error).to.include({ status: 503, step: 'login' })
    })
  }
})
