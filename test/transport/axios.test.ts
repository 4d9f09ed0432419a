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

  /** What an interceptor of the app is told of a failure. */
  async function toldOf(more: { origin?: string; callDeadline?: number }): Promise<AxiosError> {
    const http = axios.create()
    let told: unknown
    http.interceptors.response.use(undefined, (error) => {
      told = error
      throw error
    })
    const client = createClient(upstream, { http, ...more })
    await networkErrorOf(client.loginWithAlipay('code-1', CONTEXT))
    if (!(told instanceof AxiosError)) throw new Error(`expected an AxiosError: ${told}`)
    return told
  }

  it('that finds nobody tells interceptors the code and the settings of the call', async () => {
    const gone = await startUpstream()
    await gone.close()
    const told = await toldOf({ origin: gone.url })
    expect(told.code).to.equal('ECONNREFUSED')
    expect(told.config?.url).to.equal(gone.url + LOGIN_V3)
  })

  it('that is too slow tells interceptors that it was cancelled', async () => {
    upstream.script(LOGIN_V3, () => undefined)
    expect(await toldOf({ callDeadline: 50 })).to.be.instanceOf(CanceledError)
  })

  it('that is answered with too much tells interceptors so', async () => {
    upstream.script(LOGIN_V3, { body: 'a'.repeat(2 ** 20 + 1) })
    expect((await toldOf({})).code).to.equal('ERR_BAD_RESPONSE')
  })

  it('honours a setting that an interceptor makes for it', async () => {
    const http = axios.create()
    http.interceptors.request.use((config) => ({ ...config, params: { trace: '1' } }))
    upstream.script(LOGIN_V3, LOGGED_IN)
    await createClient(upstream, { http }).loginWithAlipay('code-1', CONTEXT)
    expect(wireOf(upstream.requests[0]).line).to.equal(`POST ${LOGIN_V3}?trace=1`)
  })

  it('honours a timeout of its own', async () => {
    upstream.script(LOGIN_V3, () => undefined)
    const client = createClient(upstream, { http: { timeout: 50 } })
    const error = await networkErrorOf(client.loginWithAlipay('code-1', CONTEXT))
    expect(error).to.include({ code: 'timeout', status: 504 })
  })

  it('that an interceptor sends elsewhere goes there', async () => {
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

describe('what interceptors of the app are told', () => {
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
    upstream.script(LOGIN_V3, LOGGED_IN)
  })

  afterEach(() => upstream.close())

  it('holds the status in words and the headers', async () => {
    const http = axios.create()
    let told: AxiosResponse | undefined
    http.interceptors.response.use((answer) => {
      told = answer
      return answer
    })
    upstream.script(LOGIN_V3, { status: 202, headers: { 'X-Trace': 't1' }, ...LOGGED_IN })
    await createClient(upstream, { http }).loginWithAlipay('code-1', CONTEXT)
    expect(told).to.include({ status: 202, statusText: 'Accepted' })
    expect(new AxiosHeaders(told?.headers as AxiosHeaders).get('X-TRACE')).to.equal('t1')
    expect(told?.config.url).to.equal(upstream.url + LOGIN_V3)
  })

  it('keeps the query of an address that they have changed', async () => {
    const http = axios.create()
    http.interceptors.request.use((config) => ({ ...config, url: `${config.url}?trace=1` }))
    await createClient(upstream, { http }).loginWithAlipay('code-1', CONTEXT)
    expect(wireOf(upstream.requests[0]).line).to.equal(`POST ${LOGIN_V3}?trace=1`)
  })
})

describe('a proxy in the environment', () => {
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
    for (const [what, options] of [
      ['a call', {}],
      ['a call of an axios instance', { http: axios.create() }],
    ] as const) {
      it(`by ${name} is where ${what} goes`, async () => {
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

  it('is not used where the option http says so', async () => {
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
