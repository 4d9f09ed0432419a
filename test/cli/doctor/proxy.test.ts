import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { adviceOn } from '../../../cli/doctor/advice.js'
import { networkErrorOf } from '../../../lib/oneaccess/network-errors.js'
import { proxyRefused } from '../../../lib/transport/message.js'
import { startSimulator } from '../../../simulator/index.js'
import { expectChinese, findingsOf, healthyEnv, PRODUCTION, runDoctor } from './support.js'

const { REDIS_URL: _, ...TENANT } = PRODUCTION

describe('doctor: the proxy', function () {
  this.timeout(30_000)
  let proxy: Server
  let url: string
  let asked: (string | undefined)[]
  let status: number
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doctor-'))
    asked = []
    status = 403
    proxy = createServer((req, res) => {
      asked.push(req.url)
      const onwards = request(String(req.url), { method: req.method, headers: req.headers })
      req.pipe(onwards)
      onwards.on('response', (answer) => {
        res.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(res)
      })
    }).listen(0, '127.0.0.1')
    proxy.on('connect', (req, socket) => {
      asked.push(req.url)
      socket.on('error', () => {})
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`)
    })
    await once(proxy, 'listening')
    url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    proxy.closeAllConnections()
    proxy.close()
    await rm(folder, { recursive: true })
  })

  /** The findings with these settings in the file, and these in the environment. */
  async function withFile(inFile: Record<string, string>, env: Record<string, string> = {}) {
    const file = join(folder, 'env')
    const lines = Object.entries({ ...TENANT, ...inFile })
    await writeFile(file, lines.map(([name, value]) => `${name}=${value}\n`).join(''))
    const args = ['--live', '--json', '--language', 'en', '--env', file]
    const { stdout } = await runDoctor(args, env)
    const findings: { about: string; result: string; says: string; change?: string }[] =
      JSON.parse(stdout).findings
    return new Map(findings.map((finding) => [finding.about, finding]))
  }

  for (const name of ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy']) {
    it(`is used for the calls if ${name} is in --env FILE only`, async () => {
      const findings = await withFile({ [name]: url.replace('http://', 'http://u:canary@') })
      expect(asked).to.deep.equal(['acme.invalid:443'])
      expect(findings.get('the proxy')).to.deep.include({ result: 'ok', says: `is ${url}` })
      expect(findings.get('TLS')?.result).to.equal('skipped')
      expect(JSON.stringify([...findings.values()])).to.not.include('canary')
    })
  }

  it('is the one in the environment if --env FILE has another', async () => {
    const findings = await withFile({ HTTPS_PROXY: 'http://127.0.0.1:1' }, { HTTPS_PROXY: url })
    expect(findings.get('the proxy')?.says).to.equal(`is ${url}`)
    expect(asked).to.deep.equal(['acme.invalid:443'])
  })

  for (const name of ['NO_PROXY', 'no_proxy']) {
    it(`is not used if ${name} in --env FILE excludes the domain, whose DNS is then checked`, async () => {
      const findings = await withFile({ HTTPS_PROXY: url, [name]: 'invalid' })
      expect(findings.has('the proxy')).to.equal(false)
      expect(findings.get('DNS')?.result).to.equal('error')
      expect(asked).to.deep.equal([])
    })
  }

  it('in HTTP_PROXY is used for a simulator, and every call succeeds', async () => {
    const simulator = await startSimulator()
    try {
      const env = { ...healthyEnv(simulator), HTTP_PROXY: url }
      const findings = await findingsOf({ env, live: true })
      expect([...findings.values()].filter(({ result }) => result === 'error')).to.deep.equal([])
      expect(asked).to.include(`${simulator.url}/api/v1/oauth2/keys`)
      expect(asked).to.have.lengthOf(simulator.calls.length)
    } finally {
      await simulator.close()
    }
  })

  for (const [value, says, zh] of [
    ['socks5://u:canary@proxy:1080', /^HTTPS_PROXY .* is a SOCKS proxy; only http/, /SOCKS 代理/],
    ['http://u:can#ary@proxy:1080', /^HTTPS_PROXY .* is not a valid URL; percent/, /百分号编码/],
  ] as const) {
    it(`is an error that names the variable and what is wrong, without --live: ${value.slice(0, 6)}`, async () => {
      const env = { ...TENANT, HTTPS_PROXY: value }
      const found = (await findingsOf({ env })).get('the proxy')
      expect(found).to.include({ result: 'error' })
      expect(found?.says).to.match(says).and.not.include('NO_PROXY')
      expect(found?.change).to.include('NO_PROXY').and.include('the option http')
      const chinese = await findingsOf({ env, live: true }, 'zh')
      expect(chinese.get('the proxy')?.says).to.match(zh).and.include('HTTPS_PROXY')
      expect([chinese.get('the tenant')?.result, chinese.has('the connection')]).to.deep.equal([
        'skipped',
        false,
      ])
      expect(JSON.stringify([...chinese.values(), found])).to.not.match(/canary|can#ary|1080/)
    })
  }

  for (const [refusal, en, zh] of [
    [403, 'ask its operator to allow the domain', '放行该域名'],
    [407, 'check its user and password', '用户名和密码'],
  ] as const) {
    it(`that responds with ${refusal} is reported with the hint of the error`, async () => {
      status = refusal
      const env = { ...TENANT, HTTPS_PROXY: url }
      const english = (await findingsOf({ env, live: true })).get('the connection')
      expect(english).to.include({ result: 'error' })
      expect(english?.change).to.include(`refused the connection with ${refusal}: ${en}`)
      const chinese = (await findingsOf({ env, live: true }, 'zh')).get('the connection')
      expect(chinese?.change).to.include(`返回 ${refusal}`).and.include(zh)
    })
  }
})

describe('adviceOn', () => {
  const call = { step: 'keys', method: 'GET', path: '/', headers: {}, deadline: 1, secrets: [] }
  const failed = (error: Error) => networkErrorOf(call as never, error)

  for (const error of [
    proxyRefused(403),
    proxyRefused(407),
    ...[
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'CERT_HAS_EXPIRED',
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      'ERR_SSL_UNSUPPORTED_PROTOCOL',
    ].map((code) => Object.assign(new Error(code), { code })),
  ]) {
    it(`is the hint of the error, in both languages: ${failed(error).hint}`, () => {
      const advice = adviceOn(failed(error))
      expect(advice.en).to.equal(failed(error).hint)
      expectChinese({ about: 'TLS', result: 'error', says: advice })
    })
  }

  it('is more specific than the hint where the doctor knows the setting', () => {
    const refused = Object.assign(new Error('no'), { code: 'ECONNREFUSED' })
    expect(adviceOn(failed(refused)).en).to.include('ONEACCESS_DOMAIN')
  })
})
