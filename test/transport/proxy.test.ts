import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect } from 'chai'
import { ExchangeError } from '../../lib/transport/message.js'
import { proxyFor } from '../../lib/transport/proxy.js'
import { LOOPBACK_TLS } from '../fixtures/loopback-tls.js'
import { CONTEXT, createClient, networkErrorOf } from '../oneaccess/support.js'
import { startUpstream, type Upstream } from '../support/upstream.js'

const ORIGIN = 'https://acme.huaweioneaccess.com'
const PROXY = 'http://proxy.corp:3128'

describe('proxyFor', () => {
  const FORMS: [form: string, env: Record<string, string>, expected: object][] = [
    ['a URL', { HTTPS_PROXY: PROXY }, { origin: PROXY }],
    [
      'a lower-case name before an upper-case one',
      { https_proxy: PROXY, HTTPS_PROXY: 'http://x' },
      { origin: PROXY },
    ],
    ['ALL_PROXY', { ALL_PROXY: PROXY }, { origin: PROXY }],
    [
      'HTTPS_PROXY before all_proxy',
      { all_proxy: 'http://x', HTTPS_PROXY: PROXY },
      { origin: PROXY },
    ],
    ['an empty variable as unset', { https_proxy: ' ', ALL_PROXY: PROXY }, { origin: PROXY }],
    ['a host and port without a scheme', { HTTPS_PROXY: 'proxy.corp:3128' }, { origin: PROXY }],
    ['a proxy over TLS', { HTTPS_PROXY: 'https://proxy.corp' }, { origin: 'https://proxy.corp' }],
    [
      'a user and password',
      { HTTPS_PROXY: 'http://u:p@proxy.corp:3128' },
      { origin: PROXY, auth: { username: 'u', password: 'p' } },
    ],
    [
      'a percent-encoded password',
      { HTTPS_PROXY: 'http://corp%5Cu:p%40ss%3A%23@proxy.corp:3128' },
      { origin: PROXY, auth: { username: 'corp\\u', password: 'p@ss:#' } },
    ],
    [
      'a password with a literal percent sign, without a scheme',
      { HTTPS_PROXY: 'u:100%@proxy.corp:3128' },
      { origin: PROXY, auth: { username: 'u', password: '100%' } },
    ],
  ]
  for (const [form, env, expected] of FORMS) {
    it(`reads ${form}`, () => {
      expect(proxyFor(ORIGIN, env)).to.deep.equal(expected)
    })
  }

  it('uses http_proxy for http only', () => {
    expect(proxyFor('http://localhost:1', { http_proxy: PROXY })).to.deep.equal({ origin: PROXY })
    expect(proxyFor(ORIGIN, { http_proxy: PROXY, HTTP_PROXY: PROXY })).to.equal(undefined)
    expect(proxyFor(ORIGIN, {})).to.equal(undefined)
  })

  const EXACT = ['*', 'acme.huaweioneaccess.com', 'huaweioneaccess.com', '.huaweioneaccess.com']
  const OTHER_FORMS = [
    'a, huaweioneaccess.com',
    'a huaweioneaccess.com',
    '*.huaweioneaccess.com',
    'HUAWEIONEACCESS.com:443',
  ]
  for (const list of [...EXACT, ...OTHER_FORMS]) {
    it(`returns no proxy when NO_PROXY is ${JSON.stringify(list)}`, () => {
      expect(proxyFor(ORIGIN, { HTTPS_PROXY: PROXY, NO_PROXY: list })).to.equal(undefined)
      expect(proxyFor(ORIGIN, { HTTPS_PROXY: PROXY, no_proxy: list })).to.equal(undefined)
    })
  }
  for (const list of [
    '',
    'access.com',
    'b.acme.huaweioneaccess.com',
    'huaweioneaccess.com:8443',
    '10.0.0.0/8',
  ]) {
    it(`returns the proxy when NO_PROXY is ${JSON.stringify(list)}`, () => {
      expect(proxyFor(ORIGIN, { HTTPS_PROXY: PROXY, NO_PROXY: list })).to.deep.equal({
        origin: PROXY,
      })
    })
  }

  const ADDRESSES: [origin: string, list: string, excepted: boolean][] = [
    ['http://127.0.0.1:8080', '127.0.0.1', true],
    ['http://127.0.0.1:8080', '127.0.0.0/8', true],
    ['http://127.0.0.1:8080', '127.0.0.0/33', false],
    ['http://127.0.0.1:8080', '10.0.0.0/8', false],
    ['http://127.0.0.1:8080', '0.0.1', false],
    ['http://127.0.0.1:8080', '127.0.0.1:8080', true],
    ['http://127.0.0.1:8080', '127.0.0.1:80', false],
    ['http://[::1]:8080', '[::1]', true],
    ['http://[::1]:8080', '::1', true],
    ['http://[::1]:8080', '::/64', true],
    ['http://[::1]:8080', '[::1]:8080', true],
    ['http://[::1]:8080', '127.0.0.0/8', false],
  ]
  for (const [origin, list, excepted] of ADDRESSES) {
    it(`returns ${excepted ? 'no' : 'the'} proxy for ${origin} when NO_PROXY is ${list}`, () => {
      const found = proxyFor(origin, { HTTP_PROXY: PROXY, NO_PROXY: list })
      expect(found === undefined).to.equal(excepted)
    })
  }

  const WRONG = [
    'socks5://u:s3cret@proxy:1080',
    'http://u:s3#cret@proxy:1080',
    'http://',
    'ftp://proxy',
  ]
  for (const value of WRONG) {
    it(`rejects ${value.replace(/s3#?cret/, '…')} with an error that names the variable but not the password`, () => {
      let thrown: unknown
      try {
        proxyFor(ORIGIN, { HTTPS_PROXY: value })
      } catch (error) {
        thrown = error
      }
      expect(thrown).to.be.instanceOf(ExchangeError).and.include({ code: 'ERR_PROXY_SETTING' })
      const { message } = thrown as Error
      expect(message).to.include('HTTPS_PROXY').and.not.include('cret').and.not.include('1080')
      expect(message.includes('SOCKS')).to.equal(value.startsWith('socks'))
    })
  }
})

describe('a proxy from the environment, for https', () => {
  const NAMES = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY', 'no_proxy', 'NO_PROXY']
  const former = new Map(NAMES.map((name) => [name, process.env[name]]))
  let secure: Upstream
  let proxy: Server
  let asked: (string | undefined)[][]
  let answer: string

  beforeEach(async () => {
    for (const name of NAMES) delete process.env[name]
    secure = await startUpstream(LOOPBACK_TLS)
    asked = []
    answer = 'HTTP/1.1 200 Connection established\r\n\r\n'
    proxy = createServer().listen(0, '127.0.0.1')
    proxy.on('connect', (req, socket) => {
      asked.push([req.url, req.headers['proxy-authorization'], req.headers.authorization])
      socket.on('error', () => {})
      if (!answer.includes(' 200 ')) return void socket.end(answer)
      const onwards = connect(Number(new URL(secure.url).port), '127.0.0.1', () => {
        socket.write(answer)
        socket.pipe(onwards).pipe(socket)
      })
      onwards.on('error', () => {})
    })
    await once(proxy, 'listening')
  })

  afterEach(async () => {
    for (const [name, value] of former) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    proxy.closeAllConnections()
    proxy.close()
    await secure.close()
  })

  const setProxy = (user = '') => {
    process.env.HTTPS_PROXY = `${user}127.0.0.1:${(proxy.address() as AddressInfo).port}`
  }

  for (const [way, options] of [
    ['with the default transport', {}],
    ['with axios settings', { http: {} }],
  ] as const) {
    const logIn = () =>
      networkErrorOf(createClient(secure, options).loginWithAlipay('code-1', CONTEXT))

    it(`receives a CONNECT request with the decoded password, ${way}`, async () => {
      setProxy('http://u:p%40ss@')
      const error = await logIn() // the tunnel is open, but the certificate of the server behind it is not trusted
      expect(error).to.include({ code: 'tls_untrusted', status: 503 })
      const pair = `Basic ${Buffer.from('u:p@ss').toString('base64')}`
      expect(asked).to.deep.equal([[new URL(secure.url).host, pair, undefined]])
    })

    it(`that responds with 407 is reported as unreachable, with a hint at HTTPS_PROXY, ${way}`, async () => {
      setProxy()
      answer = 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n'
      const error = await logIn()
      expect(error).to.include({ code: 'unreachable', status: 503, step: 'login' })
      expect(error.hint).to.include('HTTPS_PROXY')
      expect(secure.requests).to.have.lengthOf(0)
    })

    it(`that is a SOCKS proxy is reported as misconfigured and is not bypassed, ${way}`, async () => {
      setProxy('socks5://')
      const error = await logIn()
      expect(error).to.include({ code: 'misconfigured', status: 500, step: 'login' })
      expect(error.hint).to.include('SOCKS').and.include('HTTPS_PROXY')
      expect(secure.requests).to.have.lengthOf(0)
    })

    it(`that responds with 403 is reported as unreachable, with a hint to allow the domain, ${way}`, async () => {
      setProxy()
      for (const body of ['', '<h1>Forbidden</h1>']) {
        answer = `HTTP/1.1 403 Forbidden\r\nContent-Length: ${body.length}\r\n\r\n${body}`
        const error = await logIn()
        expect(error).to.include({ code: 'unreachable', status: 503, step: 'login' })
        expect(error.hint).to.include('403').and.include('allow the domain')
      }
    })
  }
})
