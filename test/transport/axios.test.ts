import axios, { AxiosError, AxiosHeaders, type AxiosResponse, CanceledError } from 'axios'
import { expect } from 'chai'
import { CONTEXT, createClient, LOGIN_V3, networkErrorOf, wireOf } from '../oneaccess/support.js'
import { startUpstream, type Upstream } from '../support/upstream.js'

const LOGGED_IN = { body: { status: 'SUCCESS', session_token: 's1' } }

describe('a call through axios', () => {
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
    upstream.script(LOGIN_V3, LOGGED_IN)
  })

  afterEach(() => upstream.close())

  /** The error that a response interceptor of the app receives. */
  async function interceptedError(more: {
    origin?: string
    callDeadline?: number
  }): Promise<AxiosError> {
    const http = axios.create()
    let received: unknown
    http.interceptors.response.use(undefined, (error) => {
      received = error
      throw error
    })
    const client = createClient(upstream, { http, ...more })
    await networkErrorOf(client.loginWithAlipay('code-1', CONTEXT))
    if (!(received instanceof AxiosError)) throw new Error(`expected an AxiosError: ${received}`)
    return received
  }

  it('passes the error code and the config to interceptors when nothing listens', async () => {
    const gone = await startUpstream()
    await gone.close()
    const error = await interceptedError({ origin: gone.url })
    expect(error.code).to.equal('ECONNREFUSED')
    expect(error.config?.url).to.equal(gone.url + LOGIN_V3)
  })

  it('passes a CanceledError to interceptors after the deadline', async () => {
    upstream.script(LOGIN_V3, () => undefined)
    expect(await interceptedError({ callDeadline: 50 })).to.be.instanceOf(CanceledError)
  })

  it('passes ERR_BAD_RESPONSE to interceptors when the response is too large', async () => {
    upstream.script(LOGIN_V3, { body: 'a'.repeat(2 ** 20 + 1) })
    expect((await interceptedError({})).code).to.equal('ERR_BAD_RESPONSE')
  })

  it('sends the params that an interceptor sets', async () => {
    const http = axios.create()
    http.interceptors.request.use((config) => ({ ...config, params: { trace: '1' } }))
    upstream.script(LOGIN_V3, LOGGED_IN)
    await createClient(upstream, { http }).loginWithAlipay('code-1', CONTEXT)
    expect(wireOf(upstream.requests[0]).line).to.equal(`POST ${LOGIN_V3}?trace=1`)
  })

  it('times out after the timeout in the settings', async () => {
    upstream.script(LOGIN_V3, () => undefined)
    const client = createClient(upstream, { http: { timeout: 50 } })
    const error = await networkErrorOf(client.loginWithAlipay('code-1', CONTEXT))
    expect(error).to.include({ code: 'timeout', status: 504 })
  })

  it('goes to the URL that an interceptor sets', async () => {
    const other = await startUpstream()
    try {
      other.script('/gateway', LOGGED_IN)
      const http = axios.create()
      http.interceptors.request.use((config) => ({ ...config, url: `${other.url}/gateway` }))
      await createClient(upstream, { http }).loginWithAlipay('code-1', CONTEXT)
      expect(other.requests).to.have.lengthOf(1)
    } finally {
      await other.close()
    }
  })
})

describe('interceptors of an axios instance', () => {
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
    upstream.script(LOGIN_V3, LOGGED_IN)
  })

  afterEach(() => upstream.close())

  it('receive the status, the status text, the headers and the config', async () => {
    const http = axios.create()
    let received: AxiosResponse | undefined
    http.interceptors.response.use((response) => {
      received = response
      return response
    })
    upstream.script(LOGIN_V3, { status: 202, headers: { 'X-Trace': 't1' }, ...LOGGED_IN })
    await createClient(upstream, { http }).loginWithAlipay('code-1', CONTEXT)
    expect(received).to.include({ status: 202, statusText: 'Accepted' })
    expect(new AxiosHeaders(received?.headers as AxiosHeaders).get('X-TRACE')).to.equal('t1')
    expect(received?.config.url).to.equal(upstream.url + LOGIN_V3)
  })

  it('can add a query to the URL', async () => {
    const http = axios.create()
    http.interceptors.request.use((config) => ({ ...config, url: `${config.url}?trace=1` }))
    await createClient(upstream, { http }).loginWithAlipay('code-1', CONTEXT)
    expect(wireOf(upstream.requests[0]).line).to.equal(`POST ${LOGIN_V3}?trace=1`)
  })
})

describe('a proxy from the environment, for http', () => {
  const NAMES = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY', 'no_proxy', 'NO_PROXY']
  const former = new Map(NAMES.map((name) => [name, process.env[name]]))
  let proxy: Upstream

  beforeEach(async () => {
    for (const name of NAMES) delete process.env[name]
    proxy = await startUpstream()
    proxy.script(`http://oneaccess.localhost${LOGIN_V3}`, LOGGED_IN)
  })

  afterEach(async () => {
    for (const [name, value] of former) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    await proxy.close()
  })

  for (const name of ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY']) {
    for (const [calls, options] of [
      ['calls with the default transport', {}],
      ['calls through an axios instance', { http: axios.create() }],
    ] as const) {
      it(`receives ${calls} when ${name} names it`, async () => {
        process.env[name] = proxy.url
        const client = createClient({ url: 'http://oneaccess.localhost' }, options)
        expect((await client.loginWithAlipay('c', CONTEXT)).status).to.equal('SUCCESS')
        expect(proxy.requests).to.have.lengthOf(1)
      })
    }
  }

  it('is not used for a host that no_proxy names', async () => {
    process.env.http_proxy = proxy.url
    process.env.no_proxy = '127.0.0.1'
    const upstream = await startUpstream()
    try {
      upstream.script(LOGIN_V3, LOGGED_IN)
      await createClient(upstream).loginWithAlipay('c', CONTEXT)
      expect(proxy.requests).to.have.lengthOf(0)
    } finally {
      await upstream.close()
    }
  })

  it('is not used with http: { proxy: false }', async () => {
    process.env.http_proxy = proxy.url
    const upstream = await startUpstream()
    try {
      upstream.script(LOGIN_V3, LOGGED_IN)
      await createClient(upstream, { http: { proxy: false } }).loginWithAlipay('c', CONTEXT)
      expect(proxy.requests).to.have.lengthOf(0)
    } finally {
      await upstream.close()
    }
  })
})
