import { expect } from 'chai'
import type { Finding } from '../../../cli/doctor/finding.js'
import {
  type Endpoint,
  type Fault,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../../simulator/index.js'
import { findingsOf, healthyEnv } from './support.js'

const REFUSED = { status: 400, body: { error: 'invalid_client', error_description: 'no' } }
/** A `Date` header that is this many seconds behind when it is sent. */
const dateBehind = (seconds: number): Fault => ({
  headers: {
    get date() {
      return new Date(Date.now() - seconds * 1000).toUTCString()
    },
  },
})

/** A tenant or setting with a fault, and the finding that it causes. */
interface Case {
  when: string
  options?: SimulatorOptions
  env?: Record<string, string>
  faults?: [Endpoint, Fault][]
  about: string
  result: Finding['result']
  word: RegExp
}

const CASES: Case[] = [
  {
    when: 'the client secret is wrong',
    env: { ONEACCESS_CLIENT_SECRET: 'error' },
    about: 'the API credential',
    result: 'error',
    word: /both forms.*ONEACCESS_CLIENT_SECRET/s,
  },
  {
    when: 'the credential is accepted only by HTTP Basic',
    faults: [['credential', REFUSED]],
    about: 'the API credential',
    result: 'error',
    word: /auth: 'basic'/,
  },
  {
    when: 'the credential is accepted only in the body',
    faults: [
      ['credential', { delay: 1 }],
      ['credential', REFUSED],
    ],
    about: 'the API credential',
    result: 'ok',
    word: /not by HTTP Basic/,
  },
  {
    when: 'the tenant is busy',
    faults: [['credential', { times: 2, status: 400, body: { error_code: 'IDAAS.SDK.COM.0002' } }]],
    about: 'the API credential',
    result: 'warning',
    word: /busy/,
  },
  {
    when: 'the domain belongs to a web site',
    faults: [
      ['jwks', { body: '<html>' }],
      ['credential', { times: 2, body: '<html>' }],
    ],
    about: 'OneAccess',
    result: 'error',
    word: /user access domain/,
  },
  {
    when: 'the server has none of OneAccess’s paths',
    faults: [
      ['jwks', { status: 404 }],
      ['credential', { times: 2, status: 404 }],
    ],
    about: 'OneAccess',
    result: 'error',
    word: /user access domain/,
  },
  {
    when: 'the domain redirects elsewhere',
    faults: [
      ['jwks', { redirect: 'https://www.example.com/' }],
      ['credential', { times: 2, redirect: 'https://www.example.com/' }],
    ],
    about: 'OneAccess',
    result: 'error',
    word: /not as OneAccess does/,
  },
  {
    when: 'the client id is not registered',
    env: { ONEACCESS_CLIENT_ID: 'another' },
    about: 'the client id',
    result: 'error',
    word: /APP\.0001.*ONEACCESS_CLIENT_ID/s,
  },
  {
    when: 'the client id is not registered at CIAM',
    options: { product: 'ciam' },
    env: { ONEACCESS_CLIENT_ID: 'another' },
    about: 'the client id',
    result: 'error',
    word: /IDAAS\.SDK\.PARAM\.0003/,
  },
  {
    when: 'the application is an ISV’s and ONEACCESS_TENANT_ID is not set',
    options: { tenantID: 'tenant-1' },
    about: 'the ticket call',
    result: 'error',
    word: /ONEACCESS_TENANT_ID/,
  },
  {
    when: 'the API permission is missing',
    faults: [['ticket', { status: 403, body: { error: 'access_denied' } }]],
    about: 'the ticket call',
    result: 'error',
    word: /not permitted.*console/s,
  },
  {
    when: 'the API permission for users is missing',
    faults: [['verify', { status: 403, body: { error: 'access_denied' } }]],
    about: 'the user call',
    result: 'error',
    word: /not permitted/,
  },
  {
    when: 'the tenant has only v2 of the login',
    options: { loginVersions: ['v2'] },
    about: 'the login version',
    result: 'error',
    word: /ONEACCESS_LOGIN_VERSION=v2/,
  },
  {
    when: 'the tenant has only v3 of the login and v2 is set',
    options: { loginVersions: ['v3'] },
    env: { ONEACCESS_LOGIN_VERSION: 'v2' },
    about: 'the login version',
    result: 'error',
    word: /ONEACCESS_LOGIN_VERSION=v3/,
  },
  {
    when: 'the tenant has no Alipay login',
    options: { loginVersions: [] },
    about: 'the login version',
    result: 'error',
    word: /neither/,
  },
  {
    when: 'our clock is 5 minutes ahead',
    faults: [['jwks', dateBehind(300)]],
    about: 'the clock',
    result: 'error',
    word: /(299|30\d) s ahead.*NTP/s,
  },
  {
    when: 'our clock is 30 s behind',
    faults: [['jwks', dateBehind(-30)]],
    about: 'the clock',
    result: 'warning',
    word: /(29|30|31) s behind/,
  },
  {
    when: 'there are no signing keys',
    faults: [['jwks', { status: 404 }]],
    about: 'JWKS',
    result: 'warning',
    word: /404/,
  },
  {
    when: 'the list of signing keys is empty',
    faults: [['jwks', { change: () => ({ keys: [] }) }]],
    about: 'JWKS',
    result: 'warning',
    word: /no signing keys/,
  },
  {
    when: 'the connection breaks',
    faults: [['jwks', { drop: 'before' }]],
    about: 'the connection',
    result: 'error',
    word: /connection_lost/,
  },
  {
    when: 'the tenant is busy at that call',
    faults: [['ticket', { status: 500, body: { error_code: 'IDAAS.TENANT.COM.0002' } }]],
    about: 'the ticket call',
    result: 'warning',
    word: /busy/,
  },
  {
    when: 'the tenant has only the refresh session-token',
    options: { refreshCalls: ['session-token'] },
    about: 'the refresh call',
    result: 'error',
    word: /^id-token does not exist \(HTTP 404\); the tenant has session-token set ONEACCESS_REFRESH_WITH=session-token$/,
  },
  {
    when: 'the tenant has only the refresh signed-id-token',
    options: { refreshCalls: ['signed-id-token'] },
    env: { ONEACCESS_REFRESH_WITH: 'session-token' },
    about: 'the refresh call',
    result: 'error',
    word: /^session-token does not exist.*ONEACCESS_REFRESH_WITH=signed-id-token$/,
  },
  {
    when: 'the tenant has no refresh call',
    options: { refreshCalls: [] },
    about: 'the refresh call',
    result: 'error',
    word: /has no refresh call/,
  },
  {
    when: 'the tenant has no refresh call that checks it',
    options: { refreshCalls: ['session-token'] },
    about: 'the client id',
    result: 'warning',
    word: /no SDK refresh call/,
  },
  {
    when: 'the signed refresh is chosen and the app has no public key',
    env: { ONEACCESS_REFRESH_WITH: 'signed-id-token' },
    faults: [['public-key', { status: 404 }]],
    about: 'the refresh call',
    result: 'error',
    word: /has id-token, session-token set ONEACCESS_REFRESH_WITH=id-token$/,
  },
  {
    when: 'it needs the API credential, which is refused',
    env: { ONEACCESS_REFRESH_WITH: 'session-token', ONEACCESS_CLIENT_SECRET: 'error' },
    about: 'the refresh call',
    result: 'skipped',
    word: /credential/,
  },
  {
    when: 'the tenant refresh call is not permitted',
    env: { ONEACCESS_REFRESH_WITH: 'session-token' },
    faults: [['refresh-session-token', { status: 403 }]],
    about: 'the refresh call',
    result: 'error',
    word: /not permitted/,
  },
  {
    when: 'the server accepts any value',
    faults: [['ticket', { body: { sso_ticket: 'ST-1', expire: 1 } }]],
    about: 'the ticket call',
    result: 'error',
    word: /accepts a made-up value/,
  },
]

describe('doctor --live', () => {
  let simulator: Simulator
  afterEach(() => simulator.close())

  async function look(options: SimulatorOptions, env: object, faults: [Endpoint, Fault][]) {
    simulator = await startSimulator(options)
    for (const [endpoint, fault] of faults) simulator.fault(endpoint, fault)
    return findingsOf({ env: { ...healthyEnv(simulator), ...env }, live: true })
  }

  for (const options of [{}, { product: 'ciam' }, { tenantID: 'tenant-1' }] as const) {
    it(`reports no problem for a correct tenant: ${JSON.stringify(options)}`, async () => {
      const env = 'tenantID' in options ? { ONEACCESS_TENANT_ID: options.tenantID } : {}
      const findings = [...(await look(options, env, [])).values()]
      const bad = findings.filter(({ result }) => result !== 'ok')
      expect(bad.map(({ about }) => about)).to.deep.equal(['TLS', 'the id_token']) // plain http has no TLS, and no id_token is given
      expect(findings.map(({ about }) => about)).to.include('the login version')
    })
  }

  for (const chosen of ['id-token', 'session-token', 'signed-id-token']) {
    it(`reports ok for the refresh call ${chosen}, and lists the refresh calls of the tenant`, async () => {
      const all = { ONEACCESS_REFRESH_WITH: chosen }
      const finding = (await look({}, all, [])).get('the refresh call')
      const has = 'the tenant has id-token, session-token, signed-id-token'
      expect(finding).to.deep.include({ result: 'ok', says: `${chosen} exists; ${has}` })
    })
  }

  for (const { when, options = {}, env = {}, faults = [], about, result, word } of CASES) {
    it(`reports “${result}” for ${about} when ${when}`, async () => {
      const finding = (await look(options, env, faults)).get(about)
      expect(finding).to.include({ result })
      expect(`${finding?.says} ${finding?.change}`).to.match(word)
    })
  }

  it('starts no session, with one login call', async () => {
    await look({}, {}, [])
    expect(simulator.sessions()).to.deep.equal([])
    expect(simulator.count('login')).to.equal(1)
  })

  it('makes no call without --live', async () => {
    simulator = await startSimulator()
    await findingsOf({ env: healthyEnv(simulator) })
    expect(simulator.calls).to.deep.equal([])
  })
})
