import { expect } from 'chai'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { chineseOf, englishIn } from '../support/chinese.js'
import { personWith, type Result, sdkHeaders, send } from './support.js'

describe("the simulator's consent page", () => {
  let simulator: Simulator

  beforeEach(async () => {
    simulator = await startSimulator()
  })
  afterEach(() => simulator.close())

  function path(changes: Record<string, string | undefined> = {}): string {
    const query = new URLSearchParams()
    const all = {
      app_id: simulator.alipayAppID,
      scope: 'auth_user',
      redirect_uri: 'http://localhost:3000/callback?keep=1',
      state: 'a1B2c3',
      ...changes,
    }
    for (const [name, value] of Object.entries(all)) if (value !== undefined) query.set(name, value)
    return `/oauth2/publicAppAuthorize.htm?${query}`
  }

  function decide(form: Record<string, string>, at = path(), headers = {}): Promise<Result> {
    return send(simulator, at, { headers, body: new URLSearchParams(form) })
  }

  it('shows all users and both buttons, and loads nothing from other origins', async () => {
    const page = await send(simulator, path(), { method: 'GET' })
    expect(page.status).to.equal(200)
    for (const { name, id } of simulator.people) {
      expect(page.text).to.include(name).and.include(`value="${id}"`)
    }
    expect(page.text).to.match(/<button name="decision" value="agree"/)
    expect(page.text).to.match(/<button name="decision" value="refuse"/)
    expect(page.text).not.to.match(/(src|href)="(?!data:)/)
    expect(page.headers.get('content-security-policy')).to.include("default-src 'none'")
  })

  it('escapes the query string', async () => {
    const page = await send(simulator, `${path()}&x="><script>alert(1)</script>`, { method: 'GET' })
    expect(page.status).to.equal(200)
    expect(page.text).not.to.include('<script>')
  })

  it('redirects with a code when the user agrees', async () => {
    const person = personWith(simulator, 'SOCIAL_BIND')
    const answer = await decide({ person, decision: 'agree' })
    expect(answer.status).to.equal(302)
    const callback = new URL(answer.headers.get('location') ?? '')
    expect(callback.origin + callback.pathname).to.equal('http://localhost:3000/callback')
    const { auth_code: code, ...rest } = Object.fromEntries(callback.searchParams)
    expect(code).to.match(/^[0-9a-f]{32}$/)
    expect(rest).to.deep.equal({
      keep: '1',
      app_id: simulator.alipayAppID,
      scope: 'auth_user',
      source: 'alipay_wallet',
      state: 'a1B2c3',
    })
    const login = await send(simulator, '/api/v3/sdk/login/alipay', {
      headers: sdkHeaders(simulator),
      body: { code },
    })
    expect(login.body.status).to.equal('SOCIAL_BIND')
  })

  it('redirects with only the state when the user refuses', async () => {
    const answer = await decide({ person: simulator.people[0]?.id ?? '', decision: 'refuse' })
    expect(answer.headers.get('location')).to.equal(
      'http://localhost:3000/callback?keep=1&state=a1B2c3',
    )
  })

  const INVALID: [string, Record<string, string | undefined>][] = [
    ['another app_id', { app_id: '2021000000000009' }],
    ['a missing app_id', { app_id: undefined }],
    ['client_id beside app_id', { client_id: 'simulated-client' }],
    ['an unknown scope', { scope: 'auth_user,openid' }],
    ['scopes separated by a space', { scope: 'auth_user auth_base' }],
    ['a missing state', { state: undefined }],
    ['a state of 101 characters', { state: 'a'.repeat(101) }],
    ['a state outside the base64 alphabet', { state: 'a-b_c' }],
    ['a missing redirect_uri', { redirect_uri: undefined }],
    ['a redirect_uri that is not on loopback', { redirect_uri: 'https://shop.example.com/' }],
    ['a redirect_uri with another scheme', { redirect_uri: 'javascript:alert(1)' }],
    ['a redirect_uri with a fragment', { redirect_uri: 'http://localhost/#a' }],
  ]
  for (const [what, changes] of INVALID) {
    it(`refuses ${what} without a redirect`, async () => {
      const answers = [
        await send(simulator, path(changes), { method: 'GET' }),
        await decide({ person: simulator.people[0]?.id ?? '', decision: 'agree' }, path(changes)),
      ]
      for (const answer of answers) {
        expect(answer.status).to.equal(400)
        expect(answer.headers.has('location')).to.equal(false)
      }
    })
  }

  it('reports an invalid request in Chinese too', async () => {
    const headers = { 'accept-language': 'zh-CN' }
    const form = { person: 'nobody', decision: 'agree' }
    const pages = [
      ...(await Promise.all(
        INVALID.map(([, changes]) => send(simulator, path(changes), { method: 'GET', headers })),
      )),
      await send(simulator, `${path()}&state=b`, { method: 'GET', headers }),
      await decide(form, path(), headers),
      await decide({ ...form, decision: 'maybe' }, path(), headers),
      await decide(form, path(), { ...headers, origin: 'http://evil.example' }),
    ]
    for (const { text } of pages) {
      const [list = ''] = /<ul>.*<\/ul>/s.exec(text) ?? []
      expect(chineseOf(list)).to.match(/[\u4e00-\u9fff]{2}/)
      expect(englishIn(chineseOf(text)), text).to.equal(undefined)
    }
    expect(englishIn(chineseOf('<li>scope is auth_user or auth_base</li>'))).to.be.a('string')
  })

  it('accepts a state of 100 characters and both scopes', async () => {
    const at = path({ state: '+/='.padEnd(100, 'a'), scope: 'auth_base,auth_user' })
    expect((await send(simulator, at, { method: 'GET' })).status).to.equal(200)
  })

  it('refuses a repeated parameter', async () => {
    const answer = await send(simulator, `${path()}&state=b`, { method: 'GET' })
    expect(answer.status).to.equal(400)
  })

  it('refuses an unknown decision or user', async () => {
    const person = simulator.people[0]?.id ?? ''
    expect((await decide({ person, decision: 'maybe' })).status).to.equal(400)
    expect((await decide({ person: 'nobody', decision: 'agree' })).status).to.equal(400)
  })

  it('refuses a form from another origin', async () => {
    const form = { person: simulator.people[0]?.id ?? '', decision: 'agree' }
    const foreign = await decide(form, path(), { origin: 'http://evil.example' })
    const opaque = await decide(form, path(), { origin: 'null' })
    const own = await decide(form, path(), { origin: simulator.url })
    expect([foreign.status, opaque.status, own.status]).to.deep.equal([403, 403, 302])
  })

  it('accepts only registered redirect_uris if callbackURLs is set', async () => {
    const callbackURLs = ['https://shop.example.com/callback']
    const registered = await startSimulator({ callbackURLs })
    try {
      const at = (redirect_uri: string) => path({ redirect_uri })
      const known = await send(registered, at('https://shop.example.com/callback'), {
        method: 'GET',
      })
      const other = await send(registered, at('http://localhost/'), { method: 'GET' })
      expect([known.status, other.status]).to.deep.equal([200, 400])
    } finally {
      await registered.close()
    }
  })

  describe('authorize()', () => {
    const at = (changes = {}) => simulator.url + path(changes)

    it('returns the URL to which the page redirects when that user agrees', async () => {
      const { id = '' } = simulator.people[1] ?? {}
      const { headers } = await decide({ person: id, decision: 'agree' })
      const callback = new URL(simulator.authorize(at(), id))
      const code = callback.searchParams.get('auth_code')
      const expected = new URL(headers.get('location') ?? '')
      expect(code).not.to.equal(expected.searchParams.get('auth_code'))
      expected.searchParams.set('auth_code', code ?? '')
      expect(callback.href).to.equal(expected.href)
    })

    it('uses the first user by default', () => {
      expect(new URL(simulator.authorize(at())).searchParams.get('auth_code')).to.match(/^\w+$/)
    })

    it('throws a TypeError that names the parameter that Alipay would refuse', () => {
      const wrong = { ' app_id': at({ app_id: 'x' }), ' state': at({ state: undefined }) }
      for (const [name, url] of Object.entries(wrong)) {
        expect(() => simulator.authorize(url)).to.throw(TypeError, name)
      }
      expect(() => simulator.authorize('https://openauth.alipay.com/')).to.throw(
        TypeError,
        'is not this simulator',
      )
      expect(() => simulator.authorize(`${simulator.url}/callback`)).to.throw(TypeError, 'page')
      expect(() => simulator.authorize(at(), 'nobody')).to.throw(TypeError, 'has the id nobody')
    })
  })
})
