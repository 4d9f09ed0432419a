import axios from 'axios'
import { expect } from 'chai'
import { MemoryTokenStore, OneAccessAlipayStrategy, type StrategyOptions } from '../lib/index.js'
import { validateOptions } from '../lib/validate-options.js'

const SECRET = 'canary-secret-0123456789-0123456789'
const NEEDED = {
  domain: 'acme.huaweioneaccess.com',
  clientID: 'DRrYIqauawN0I8myTMoDTPys6ezGZxnm',
  clientSecret: SECRET,
  alipayAppID: '2021000000000001',
  callbackURL: 'https://shop.example.com/auth/alipay/callback',
}

/** Constructs the strategy with any value, as an app without types can. */
function make(options: object) {
  return new OneAccessAlipayStrategy(options as typeof NEEDED, async () => ({ id: 'u1' }))
}

/** The message of the constructor's `TypeError`, which must not contain a secret. */
function refusalOf(options: object): string {
  try {
    make(options)
  } catch (error) {
    expect(error).to.be.instanceOf(TypeError)
    const { message } = error as TypeError
    expect(message).to.not.include('canary')
    return message
  }
  throw new Error('did not throw')
}

const NOT_TEXT = [undefined, null, '', '  ', 7, {}, ['a']]
const NOT_SPAN = [null, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, '1000', {}, 2 ** 31]
const lacking = (method: string) => ({ ...bare(new MemoryTokenStore()), [method]: undefined })

function bare(store: MemoryTokenStore) {
  const { get, compareAndSet, acquireLease, renewLease, releaseLease } = store
  return { get, compareAndSet, acquireLease, renewLease, releaseLease }
}

/** Invalid values of every option. The type makes a new option fail to compile until it is added here. */
const WRONG: Record<keyof StrategyOptions, unknown[]> = {
  domain: [
    ...NOT_TEXT,
    'http://acme.huaweioneaccess.com',
    'http://127.0.0.1.evil.example',
    'ftp://acme.example',
    'acme.example/path',
    'https://acme.example/?a=b',
    'https://acme.example/#a',
    'https://user:canary@acme.example',
    'https://user@acme.example',
    'https://:canary@acme.example',
    'a b',
    'https://',
  ],
  clientID: [...NOT_TEXT, 'a b', 'a\r\nX-L: zh', 'ä'],
  clientSecret: NOT_TEXT,
  alipayAppID: [...NOT_TEXT, 'a b', '2021\n'],
  callbackURL: [
    ...NOT_TEXT,
    '/auth/alipay/callback',
    'shop.example.com/callback',
    'javascript:alert(1)',
    'xhttps://shop.example.com/callback',
    'https://shop.example.com/callback#there',
    'https://shop.example.com/callback?state=mine',
    'https://shop.example.com/callback?auth_code=mine',
    'https://shop.example.com/callback?error=mine',
    'https://user:canary@shop.example.com/callback',
  ],
  scope: [
    null,
    '',
    ' ',
    7,
    {},
    [],
    [''],
    ['auth_user', 7],
    'auth_user auth_base',
    'auth-user',
    'a,',
    'a,!',
  ],
  authorizationURL: [
    ...NOT_TEXT.slice(1),
    '/oauth2/publicAppAuthorize.htm',
    'http://openauth.alipay.com/oauth2/publicAppAuthorize.htm',
    'https://user:canary@openauth.alipay.com/',
  ],
  loginVersion: [null, '', 'v1', 'V3', 3, ['v3']],
  refreshWith: [null, '', 'id_token', 'none', true],
  tenantID: [null, '', ' ', 7, {}, 'a b', 'a\r\nb'],
  language: [null, '', ' ', 7, 'zh\r\nX-A: b', '中文'],
  device: [null, '', 7, {}, { osVersion: 'a' }],
  refreshBefore: NOT_SPAN,
  stateTTL: NOT_SPAN,
  loginPath: [
    null,
    '',
    7,
    'login',
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/a b',
  ],
  userFrom: [null, '', 'id_token', 'Ticket', true],
  idToken: [null, false, 'on', 7, []],
  maxConnections: [null, 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '256'],
  phones: [null, '', 'Fail', 'redirect', true],
  messages: [null, '', 'fr', 'zh-CN', {}, true],
  whenEnded: [null, '', 'Logout', 'ignore', true],
  upstreamLogout: [null, 'true', 1, {}],
  http: [null, 7, 'http://proxy', [], () => undefined],
  passReqToCallback: [null, 'true', 1, {}],
  credential: [null, 'a:b', 7, [], {}],
  timeouts: [null, 7, 'slow', [1]],
  tokenStore: [null, 7, 'redis', [], {}, bare(new MemoryTokenStore()).get],
}

/** Invalid values of nested options. */
const WRONG_WITHIN: Record<string, [rest: object, values: unknown[]]> = {
  'credential.clientID': [{ clientSecret: SECRET }, [...NOT_TEXT, 'a b']],
  'credential.clientSecret': [{ clientID: 'a' }, NOT_TEXT],
  'credential.auth': [{ clientID: 'a', clientSecret: SECRET }, [null, '', 'query', 'Basic', true]],
  'timeouts.call': [{}, NOT_SPAN],
  'timeouts.refresh': [{}, NOT_SPAN],
  'timeouts.wait': [{}, [...NOT_SPAN, 15_001]],
  'timeouts.store': [{}, [...NOT_SPAN, 20_000]],
  'timeouts.lease': [{}, [...NOT_SPAN, 15_000, 1]],
  'timeouts.verify': [{}, NOT_SPAN],
  'tokenStore.store': [{}, [null, 7, {}, lacking('get'), lacking('compareAndSet')]],
  'tokenStore.secret': [{}, [null, 7, '', 'canary-too-short', [], ['canary'], [SECRET, 7], {}]],
  'idToken.jwksUri': [{}, [...NOT_TEXT.slice(1), '/keys', 'http://acme.example/keys']],
  'idToken.issuer': [{ jwksUri: 'https://a.example/keys' }, NOT_TEXT.slice(1)],
  'idToken.audience': [{ jwksUri: 'https://a.example/keys' }, NOT_TEXT.slice(1)],
  'idToken.algorithms': [
    { jwksUri: 'https://a.example/keys' },
    [null, 'RS256', [], ['none'], ['HS256'], ['RS256', 'HS512'], ['rs256'], [7]],
  ],
  'idToken.clockTolerance': [{ jwksUri: 'https://a.example/keys' }, NOT_SPAN],
}

function shown(value: unknown): string {
  if (typeof value === 'number' || value === undefined) return String(value)
  return typeof value === 'function' ? 'a function' : JSON.stringify(value)
}

describe('StrategyOptions', () => {
  for (const [name, values] of Object.entries(WRONG)) {
    for (const value of values) {
      it(`throws a TypeError that names the option for ${name}: ${shown(value)}`, () => {
        expect(refusalOf({ ...NEEDED, [name]: value })).to.match(new RegExp(`option ${name}\\b`))
      })
    }
  }

  for (const [path, [rest, values]] of Object.entries(WRONG_WITHIN)) {
    const [outer = '', inner = ''] = path.split('.')
    for (const value of values) {
      it(`throws a TypeError that names the option for ${path}: ${shown(value)}`, () => {
        const message = refusalOf({ ...NEEDED, [outer]: { ...rest, [inner]: value } })
        expect(message).to.match(new RegExp(`option ${outer}\\.${inner}\\b`))
      })
    }
  }

  for (const name of ['domain', 'clientID', 'clientSecret'] as const) {
    it(`throws a TypeError that says that ${name} is required`, () => {
      const { [name]: _, ...rest } = NEEDED
      expect(refusalOf(rest)).to.match(new RegExp(`option ${name}\\b.*required`))
    })
  }

  for (const [name, other] of [
    ['alipayAppID', 'callbackURL'],
    ['callbackURL', 'alipayAppID'],
  ] as const) {
    it(`throws a TypeError that says that ${name} is required if ${other} is set`, () => {
      const { [name]: _, ...rest } = NEEDED
      expect(refusalOf(rest)).to.match(new RegExp(`option ${name}\\b.*required`))
    })
  }

  it('does not require alipayAppID and callbackURL if neither is set, for apps without the web flow', () => {
    const { alipayAppID: _, callbackURL: __, ...rest } = NEEDED
    expect(make(rest).name).to.equal('oneaccess-alipay')
  })

  for (const none of [undefined, null, 'options', 7, []]) {
    it(`throws a TypeError for ${shown(none)} instead of options`, () => {
      expect(refusalOf(none as unknown as object)).to.include('option')
    })
  }

  for (const [path, nest] of [
    ['clientId', (value: unknown) => ({ clientId: value })],
    ['toString', (value: unknown) => ({ toString: value })],
    ['credential.secret', (value: unknown) => ({ credential: { secret: value } })],
    ['timeouts.connect', (value: unknown) => ({ timeouts: { connect: value } })],
    ['tokenStore.ttl', (value: unknown) => ({ tokenStore: { secret: SECRET, ttl: value } })],
    ['idToken.jwks', (value: unknown) => ({ idToken: { jwks: value } })],
  ] as const) {
    it(`throws a TypeError that names the unknown option ${path}`, () => {
      const message = refusalOf({ ...NEEDED, ...nest(1000) })
      expect(message).to.include(`option ${path} is unknown`)
    })
  }
})

describe('validateOptions', () => {
  it('accepts the options verify and callbackMethod of Node-RED', () => {
    const verify = () => {}
    expect(() => make({ ...NEEDED, verify })).to.not.throw()
    expect(() => make({ ...NEEDED, verify, callbackMethod: 'GET' })).to.not.throw()
    expect(refusalOf({ ...NEEDED, callbackMethod: 'POST' })).to.include('callbackMethod')
  })

  it('fills in the documented defaults', () => {
    const settings = validateOptions(NEEDED)
    const { domain: _, alipayAppID: __, callbackURL, ...given } = NEEDED
    expect(settings).to.deep.include({
      ...given,
      origin: 'https://acme.huaweioneaccess.com',
      loginVersion: 'v3',
      refreshWith: 'id-token',
      credential: { clientID: NEEDED.clientID, clientSecret: SECRET, auth: 'body' },
      stateTTL: 600_000,
      phones: 'fail',
      whenEnded: 'logout',
      passReqToCallback: false,
    })
    expect(settings.web).to.deep.equal({
      alipayAppID: NEEDED.alipayAppID,
      callbackURL: new URL(callbackURL),
      scope: 'auth_user',
      authorizationURL: new URL('https://openauth.alipay.com/oauth2/publicAppAuthorize.htm'),
    })
    expect(settings.timeouts).to.include({ call: 10_000, refresh: 15_000, wait: 3_000 })
  })

  it('treats undefined as an option that is not set', () => {
    const optional = Object.keys(WRONG).filter((name) => !(name in NEEDED))
    const none = Object.fromEntries(optional.map((name) => [name, undefined]))
    expect(validateOptions({ ...NEEDED, ...none })).to.deep.equal(validateOptions(NEEDED))
  })

  const VALID: [name: keyof StrategyOptions, value: unknown][] = [
    ['scope', ['auth_user', 'auth_base']],
    ['scope', 'auth_base,auth_user'],
    ['authorizationURL', 'https://openauth-sandbox.dl.alipaydev.com/oauth2/publicAppAuthorize.htm'],
    ['phones', 'wallet'],
    ['phones', 'page'],
    ['messages', 'zh'],
    ['messages', () => undefined],
    ['loginVersion', 'v2'],
    ['refreshWith', 'session-token'],
    ['credential', { clientID: 'a', clientSecret: 'b', auth: 'basic' }],
    ['tenantID', '08f770f51f80d2f40f38c00cb199fd21'],
    ['tenantID', () => 'a'],
    ['language', 'zh'],
    ['device', () => ({ osVersion: 'a' })],
    ['tokenStore', new MemoryTokenStore()],
    ['tokenStore', { secret: SECRET }],
    ['tokenStore', { secret: 'x'.repeat(32) }],
    ['tokenStore', { store: new MemoryTokenStore() }],
    ['tokenStore', { store: new MemoryTokenStore(), secret: [SECRET, `${SECRET}2`] }],
    ['refreshBefore', 60_000],
    ['timeouts', { call: 5_000, refresh: 6_000, lease: 7_000, wait: 1, store: 1, verify: 1 }],
    ['stateTTL', 1],
    ['stateTTL', 2 ** 31 - 1],
    ['timeouts', { wait: 15_000 }],
    ['whenEnded', 'keep'],
    ['upstreamLogout', true],
    ['maxConnections', 1],
    ['loginPath', '/login?from=shop'],
    ['idToken', true],
    ['idToken', {}],
    ['idToken', { jwksUri: 'https://a.example/keys', algorithms: ['RS256'] }],
    ['http', axios.create()],
    ['http', { proxy: { host: '127.0.0.1', port: 1 } }],
    ['passReqToCallback', true],
  ]
  for (const [name, value] of VALID) {
    it(`accepts ${name}: ${shown(value).slice(0, 60)}`, () => {
      const settings = validateOptions({ ...NEEDED, [name]: value })
      expect(settings).to.not.deep.equal(validateOptions(NEEDED))
    })
  }

  for (const [domain, origin] of [
    ['acme.huaweioneaccess.com', 'https://acme.huaweioneaccess.com'],
    ['acme.huaweioneaccess.com:8443', 'https://acme.huaweioneaccess.com:8443'],
    ['https://Acme.example/', 'https://acme.example'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
  ] as const) {
    it(`treats domain ${domain} as ${origin}`, () => {
      expect(validateOptions({ ...NEEDED, domain }).origin).to.equal(origin)
    })
  }
})
