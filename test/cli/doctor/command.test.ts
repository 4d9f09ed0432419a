import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Simulator, startSimulator } from '../../../simulator/index.js'
import { EXPIRED_TLS } from '../../fixtures/expired-tls.js'
import { LOOPBACK_TLS } from '../../fixtures/loopback-tls.js'
import { startUpstream, type Upstream } from '../../support/upstream.js'
import { healthyEnv, PRODUCTION, runDoctor } from './support.js'

describe('passport-oneaccess-alipay doctor', function () {
  this.timeout(30_000)
  let simulator: Simulator
  let folder: string

  before(async () => {
    simulator = await startSimulator()
    folder = await mkdtemp(join(tmpdir(), 'doctor-'))
  })
  after(async () => {
    await simulator.close()
    await rm(folder, { recursive: true })
  })

  it('exits with 0 if nothing is wrong', async () => {
    const { code, stdout } = await runDoctor(['--live'], healthyEnv(simulator))
    expect(code).to.equal(0)
    expect(stdout).to.match(/^ {2}ok +the login version/m)
    expect(stdout).to.match(/^\d+ ok, 2 skipped$/m)
  })

  it('exits with 1 and says what to change if something is wrong', async () => {
    const { code, stdout } = await runDoctor([], { ...healthyEnv(simulator), CALLBACK_URL: 'x' })
    expect(code).to.equal(1)
    expect(stdout).to.match(/^ {2}error +CALLBACK_URL +must be an absolute URL\n +-> set it to /m)
  })

  it('prints its findings as one JSON object with --json, without secrets', async () => {
    const env = { ...healthyEnv(simulator), ONEACCESS_CLIENT_SECRET: 'canary of a secret' }
    const { code, stdout } = await runDoctor(['--json', '--live'], env)
    const { ok, counts, findings } = JSON.parse(stdout)
    expect({ code, ok, error: counts.error }).to.deep.equal({ code: 1, ok: false, error: 1 })
    const wrong = findings.find((one: { result: string }) => one.result === 'error')
    expect(wrong).to.have.all.keys('about', 'result', 'says', 'change')
    expect(stdout).to.not.include('canary')
  })

  it('reads settings from --env FILE; the environment takes precedence', async () => {
    const file = join(folder, 'env')
    const lines = Object.entries({ ...healthyEnv(simulator), ALIPAY_APP_ID: '7' })
    await writeFile(file, lines.map(([name, value]) => `${name}=${value}\n`).join(''))
    const alone = await runDoctor(['--env', file], {})
    expect(alone.stdout).to.match(/warning +the Alipay app_id/)
    const { stdout } = await runDoctor(['--env', file], { ALIPAY_APP_ID: '2021000000000001' })
    expect(stdout).to.match(/ok +the Alipay app_id/)
  })

  for (const args of [['--unknown'], ['more'], ['--env', '/there/is/none']]) {
    it(`exits with 2 and one line with the arguments ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await runDoctor(args, healthyEnv(simulator))
      expect({ code, stdout, lines: stderr.split('\n').length }).to.deep.equal({
        code: 2,
        stdout: '',
        lines: 2,
      })
    })
  }

  it('lists all settings with --help', async () => {
    const { code, stdout } = await runDoctor(['--help'], {})
    expect(code).to.equal(0)
    for (const name of Object.keys(PRODUCTION)) expect(stdout).to.include(name)
  })
})

describe('doctor: TLS of the domain', function () {
  this.timeout(30_000)
  let upstream: Upstream | undefined
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doctor-'))
  })
  afterEach(async () => {
    await upstream?.close()
    upstream = undefined
    await rm(folder, { recursive: true })
  })

  /** The finding about TLS for this domain, by a doctor that trusts this certificate. */
  async function tlsFinding(domain: string, trusted = '', more: Record<string, string> = {}) {
    const authority = join(folder, 'authority.pem')
    await writeFile(authority, trusted)
    const proxies = { HTTPS_PROXY: '', https_proxy: '', ALL_PROXY: '', all_proxy: '' }
    const env = { ...PRODUCTION, ...proxies, ONEACCESS_DOMAIN: domain, ...more }
    const extra: Record<string, string> = trusted === '' ? {} : { NODE_EXTRA_CA_CERTS: authority }
    const { stdout } = await runDoctor(['--json'], { ...env, ...extra })
    const { findings } = JSON.parse(stdout)
    const { result, says, change } = findings.find((one: { about: string }) => one.about === 'TLS')
    return `${result}: ${says} ${change}`
  }

  it('is ok with a trusted certificate', async () => {
    upstream = await startUpstream(LOOPBACK_TLS)
    expect(await tlsFinding(upstream.url, LOOPBACK_TLS.cert)).to.match(/^ok: .*trusted/)
    expect(upstream.requests).to.deep.equal([])
  })

  it('is a warning with a certificate that expires in a week', async () => {
    upstream = await startUpstream(LOOPBACK_TLS)
    const later = 'data:text/javascript,Date.now=()=>Date.UTC(2119,11,25)'
    const said = await tlsFinding(upstream.url, LOOPBACK_TLS.cert, {
      NODE_OPTIONS: `--import=${later}`,
    })
    expect(said).to.match(/^warning: .* in 7 days renew/)
  })

  it('is an error with an untrusted certificate', async () => {
    upstream = await startUpstream(LOOPBACK_TLS)
    expect(await tlsFinding(upstream.url)).to.match(/^error: .*not trusted.*NODE_EXTRA_CA_CERTS/)
  })

  it('is an error with an expired certificate', async () => {
    upstream = await startUpstream(EXPIRED_TLS)
    expect(await tlsFinding(upstream.url, EXPIRED_TLS.cert)).to.match(
      /^error: .*has expired.*clock/,
    )
  })

  it('is an error with a certificate for another name', async () => {
    upstream = await startUpstream(LOOPBACK_TLS)
    const other = upstream.url.replace('127.0.0.1', 'localhost')
    expect(await tlsFinding(other, LOOPBACK_TLS.cert)).to.match(
      /^error: the certificate is not for/,
    )
  })

  it('is an error if the server does not speak TLS', async () => {
    upstream = await startUpstream()
    expect(await tlsFinding(upstream.url.replace('http:', 'https:'))).to.match(
      /^error: .*does not speak TLS/,
    )
  })

  it('is an error if nothing listens', async () => {
    const closed = await startUpstream()
    await closed.close()
    expect(await tlsFinding(closed.url.replace('http:', 'https:'))).to.match(
      /^error: nothing answers/,
    )
  })

  it('is skipped if the host does not exist', async () => {
    expect(await tlsFinding('acme.invalid')).to.match(/^skipped: there is no host/)
  })

  for (const name of ['HTTPS_PROXY', 'all_proxy']) {
    it(`is skipped if ${name} sets a proxy`, async () => {
      const said = await tlsFinding('acme.invalid', '', { [name]: 'http://127.0.0.1:9' })
      expect(said).to.match(/^skipped: a proxy is set/)
    })
  }
})
