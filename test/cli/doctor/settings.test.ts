import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { checkVersions } from '../../../cli/doctor/versions.js'
import { findingsOf, PRODUCTION } from './support.js'

/** A changed setting, what the finding is about, its result, and a word of its text or advice. */
type Case = [broken: Record<string, string>, about: string, result: string, word: RegExp]

const TWICE = `${'a'.repeat(32)},${'a'.repeat(32)}`
const ROTATING = `${'a'.repeat(32)}, ${'b'.repeat(32)}`

const CASES: Case[] = [
  [{ ONEACCESS_DOMAIN: '' }, 'ONEACCESS_DOMAIN', 'error', /not set/],
  [{ ONEACCESS_DOMAIN: 'http://acme.example' }, 'ONEACCESS_DOMAIN', 'error', /https/],
  [
    { ONEACCESS_DOMAIN: 'https://acme.example/login' },
    'ONEACCESS_DOMAIN',
    'error',
    /without a path/,
  ],
  [{ ONEACCESS_CLIENT_ID: '' }, 'ONEACCESS_CLIENT_ID', 'error', /not set/],
  [{ ONEACCESS_CLIENT_ID: 'shop\n' }, 'ONEACCESS_CLIENT_ID', 'error', /whitespace/],
  [{ ONEACCESS_CLIENT_ID: 'my shop' }, 'ONEACCESS_CLIENT_ID', 'error', /visible ASCII/],
  [{ ONEACCESS_CLIENT_SECRET: '' }, 'ONEACCESS_CLIENT_SECRET', 'error', /not set/],
  [{ ONEACCESS_CLIENT_SECRET: '"quoted"' }, 'ONEACCESS_CLIENT_SECRET', 'error', /quotation/],
  [{ ONEACCESS_CLIENT_SECRET: 'your-secret' }, 'ONEACCESS_CLIENT_SECRET', 'error', /placeholder/],
  [{ ALIPAY_APP_ID: '' }, 'ALIPAY_APP_ID', 'error', /not set/],
  [{ ALIPAY_APP_ID: 'shop' }, 'the Alipay app_id', 'error', /digits/],
  [{ ALIPAY_APP_ID: '2021' }, 'the Alipay app_id', 'warning', /16/],
  [{ ALIPAY_AUTHORIZATION_URL: 'openauth' }, 'ALIPAY_AUTHORIZATION_URL', 'error', /absolute/],
  [
    { ALIPAY_AUTHORIZATION_URL: 'https://alipay.example/' },
    "Alipay's consent page",
    'warning',
    /not Alipay's/,
  ],
  [
    { ALIPAY_AUTHORIZATION_URL: 'http://127.0.0.1:9/' },
    "Alipay's consent page",
    'error',
    /loopback/,
  ],
  [{ ONEACCESS_DOMAIN: 'http://127.0.0.1:9' }, "Alipay's consent page", 'error', /simulated/],
  [{ CALLBACK_URL: '' }, 'CALLBACK_URL', 'error', /not set/],
  [{ CALLBACK_URL: '/auth/alipay/callback' }, 'CALLBACK_URL', 'error', /absolute/],
  [{ CALLBACK_URL: 'http://shop.example.com/back' }, 'CALLBACK_URL', 'error', /https/],
  [
    { CALLBACK_URL: 'alipays://platformapi/startapp?a=b' },
    'CALLBACK_URL',
    'error',
    /opens the Alipay app/,
  ],
  [{ CALLBACK_URL: 'ALIPAY:x' }, 'CALLBACK_URL', 'error', /opens the Alipay app/],
  [{ CALLBACK_URL: 'myshop://login' }, 'CALLBACK_URL', 'error', /myshop:.*flow app/s],
  [{ CALLBACK_URL: 'https://shop.example.com/back#a' }, 'CALLBACK_URL', 'error', /fragment/],
  [
    { CALLBACK_URL: 'https://a:b@shop.example.com/back' },
    'CALLBACK_URL',
    'error',
    /user or password/,
  ],
  [{ CALLBACK_URL: 'https://shop.example.com/back?state=1' }, 'CALLBACK_URL', 'error', /state/],
  [{ CALLBACK_URL: 'localhost:3000/back' }, 'CALLBACK_URL', 'error', /https/],
  [{ CALLBACK_URL: 'https://shop.example.com' }, 'the callback route', 'error', /root/],
  [{ CALLBACK_URL: 'https://shop.example.com/back?a=b' }, 'the callback route', 'warning', /query/],
  [{ CALLBACK_URL: 'http://127.0.0.1:3000/back' }, 'the callback route', 'warning', /public/],
  [{ ONEACCESS_LOGIN_VERSION: 'v1' }, 'ONEACCESS_LOGIN_VERSION', 'error', /v3, v2/],
  [{ ONEACCESS_REFRESH_WITH: 'cookie' }, 'ONEACCESS_REFRESH_WITH', 'error', /id-token/],
  [{ ONEACCESS_TENANT_ID: 'a b' }, 'ONEACCESS_TENANT_ID', 'error', /visible ASCII/],
  [{ SESSION_SECRET: '' }, 'SESSION_SECRET', 'error', /openssl/],
  [{ SESSION_SECRET: 'short' }, 'SESSION_SECRET', 'warning', /5 characters/],
  [{ SESSION_SECRET: 'a'.repeat(32) }, 'SESSION_SECRET', 'ok', /32 characters/],
  [{ TOKEN_SECRET: 'short' }, 'TOKEN_SECRET', 'error', /5 characters/],
  [{ TOKEN_SECRET: `${'a'.repeat(32)},b` }, 'TOKEN_SECRET', 'error', /1 characters/],
  [{ TOKEN_SECRET: TWICE }, 'TOKEN_SECRET', 'warning', /twice/],
  [{ TOKEN_SECRET: ROTATING }, 'TOKEN_SECRET', 'ok', /2 secrets.*before any process uses it/],
  [{ TOKEN_SECRET: '' }, 'TOKEN_SECRET', 'warning', /unencrypted/],
  [{ REDIS_URL: '' }, 'REDIS_URL', 'warning', /several processes/],
  [{ REDIS_URL: 'localhost:6379' }, 'REDIS_URL', 'error', /redis:/],
  [{ PORT: '65536' }, 'PORT', 'error', /not a port/],
  [
    { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    'NODE_TLS_REJECT_UNAUTHORIZED',
    'warning',
    /NODE_EXTRA_CA_CERTS/,
  ],
]

describe('doctor: settings', () => {
  it('reports no error or warning but DNS for a correct production environment', async () => {
    const findings = [...(await findingsOf({ env: PRODUCTION })).values()]
    const bad = findings.filter(({ result }) => result === 'error' || result === 'warning')
    expect(bad.map(({ about }) => about)).to.deep.equal(['DNS']) // a host that cannot exist
  })

  for (const [broken, about, result, word] of CASES) {
    const [[name, value] = ['', '']] = Object.entries(broken)
    it(`reports “${result}” for ${about} with ${name}=${JSON.stringify(value)}`, async () => {
      const finding = (await findingsOf({ env: { ...PRODUCTION, ...broken } })).get(about)
      expect(finding).to.include({ result })
      expect(`${finding?.says} ${finding?.change}`).to.match(word)
    })
  }

  it('prints no secret', async () => {
    const env = { ...PRODUCTION, ONEACCESS_CLIENT_SECRET: '"canary-1"', SESSION_SECRET: 'canary-2' }
    const findings = JSON.stringify([...(await findingsOf({ env })).values()])
    expect(findings).to.not.include('canary')
  })

  it('prints no password of REDIS_URL', async () => {
    const env = { ...PRODUCTION, REDIS_URL: 'redis://:canary@127.0.0.1:6379' }
    const findings = JSON.stringify([...(await findingsOf({ env })).values()])
    expect(findings).to.include('127.0.0.1:6379').and.not.include('canary')
  })

  it('skips the calls if a setting is wrong', async () => {
    const env = { ...PRODUCTION, ONEACCESS_CLIENT_ID: '' }
    expect((await findingsOf({ env, live: true })).get('the tenant')?.result).to.equal('skipped')
  })
})

describe('doctor: Node and packages', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doctor-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function install(name: string, version: string): Promise<void> {
    const place = join(folder, 'node_modules', name)
    await mkdir(place, { recursive: true })
    await writeFile(join(place, 'package.json'), JSON.stringify({ name, version }))
  }

  const resultOf = (about: string, node?: string) =>
    checkVersions(folder, node).find((finding) => finding.about === about)?.result

  for (const [version, result] of [
    ['18.20.8', 'error'],
    ['20.18.3', 'error'],
    ['20.19.0', 'ok'],
    ['21.7.3', 'error'],
    ['22.11.0', 'error'],
    ['22.12.0', 'ok'],
    ['24.0.0', 'ok'],
    ['26.0.0', 'ok'],
  ] as const) {
    it(`reports “${result}” for Node ${version}`, () => {
      expect(resultOf('Node', version)).to.equal(result)
    })
  }

  for (const [name, version, result] of [
    ['express', '3.21.2', 'error'],
    ['express', '4.21.0', 'ok'],
    ['express', '5.1.0', 'ok'],
    ['passport', '0.5.3', 'error'],
    ['passport', '0.6.0', 'ok'],
    ['passport', '0.7.0', 'ok'],
    ['express-session', '1.14.2', 'error'],
    ['express-session', '1.18.1', 'ok'],
  ] as const) {
    it(`reports “${result}” for ${name} ${version}`, async () => {
      await install(name, version)
      expect(resultOf(name)).to.equal(result)
    })
  }

  it('reports missing peer dependencies', () => {
    expect(resultOf('express')).to.equal('error')
    expect(resultOf('passport')).to.equal('error')
    expect(resultOf('express-session')).to.equal('warning')
  })
})
