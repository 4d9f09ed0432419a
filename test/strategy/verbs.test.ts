import { expect } from 'chai'
import type { FailureCode } from '../../lib/index.js'
import type { Endpoint, Fault } from '../../simulator/index.js'
import { Browser } from '../support/browser.js'
import {
  goToAlipay,
  logIn,
  openShop,
  outcomeOf,
  type Shop,
  type ShopOptions,
} from '../support/shop.js'

// at least one test for each row of the README's table of Passport verbs
describe('Passport verbs', () => {
  let shop: Shop
  const open = async (options: ShopOptions = {}) => {
    shop = await openShop(options)
    return shop
  }
  afterEach(() => shop.close())

  const person = (outcome: string) => shop.simulator.people.find((one) => one.outcome === outcome)

  async function expectFail(path: string, status: number | null, code: FailureCode) {
    const outcome = outcomeOf(await new Browser().get(shop.url + path))
    expect([outcome.verb, outcome.status ?? null, outcome.info?.code]).to.deep.equal([
      'fail',
      status,
      code,
    ])
    expect(outcome.info?.message).to.be.a('string').that.is.not.empty
  }

  it('succeeds when the user agrees at Alipay', async () => {
    await open()
    const { browser, outcome } = await logIn(shop)
    const [first] = shop.simulator.people
    expect(outcome).to.deep.include({ verb: 'success', user: { id: first?.id } })
    const me = await browser.get(`${shop.url}/me`)
    expect(me.status).to.equal(200)
    expect(me.json()).to.have.nested.property('user.id', first?.id)
    expect(shop.outcomes).to.deep.equal(['success'])
  })

  it('fails with 401 when the user refuses at Alipay', async () => {
    await open()
    const browser = new Browser()
    const back = await goToAlipay(shop, browser, shop.simulator.people[0], 'refuse')
    const outcome = outcomeOf(await browser.get(back))
    expect(outcome).to.deep.include({ verb: 'fail', status: 401 })
    expect(outcome.info?.code).to.equal('code_missing')
    expect(shop.simulator.count('login')).to.equal(0)
  })

  it('fails with 401 when Alipay reports that the user declined', async () => {
    await open()
    await expectFail('/callback?error=access_denied', 401, 'declined')
    const browser = new Browser()
    const back = new URL(await goToAlipay(shop, browser))
    back.searchParams.delete('auth_code')
    back.searchParams.set('error_code', 'USER_CANCEL')
    expect(outcomeOf(await browser.get(back.href))).to.have.nested.property('info.code', 'declined')
  })

  it('fails with 401 on a callback without parameters instead of redirecting again', async () => {
    await open()
    await expectFail('/callback', 401, 'code_missing')
  })

  it('fails with 403 when the state is missing, unknown or spent', async () => {
    await open()
    await expectFail('/callback?auth_code=abc', 403, 'state_missing')
    await expectFail(`/callback?auth_code=abc&state=${'0'.repeat(40)}`, 403, 'state_unknown')
    expect(shop.simulator.count('login')).to.equal(0)
    const browser = new Browser()
    const spent = new URL(await goToAlipay(shop, browser))
    await browser.get(spent.href)
    spent.searchParams.set('auth_code', 'another')
    const outcome = outcomeOf(await browser.get(spent.href))
    expect([outcome.verb, outcome.status, outcome.info?.code]).to.deep.equal([
      'fail',
      403,
      'state_spent',
    ])
    expect(shop.simulator.count('login')).to.equal(1)
  })

  it('fails with 401 when OneAccess refuses the code', async () => {
    await open()
    const browser = new Browser()
    const back = new URL(await goToAlipay(shop, browser))
    back.searchParams.set('auth_code', 'neverissued')
    expect(outcomeOf(await browser.get(back.href))).to.deep.include({ verb: 'fail', status: 401 })
    expect(shop.simulator.count('login')).to.equal(1)
    expect(shop.simulator.count('ticket')).to.equal(0)
  })

  it('fails with 401 when a policy denies the user', async () => {
    await open()
    const { outcome } = await logIn(shop, new Browser(), person('ACCESS_DENIED'))
    expect(outcome).to.deep.include({ verb: 'fail', status: 401 })
    expect(outcome.info?.code).to.equal('access_denied')
  })

  for (const status of ['SOCIAL_BIND', 'USER_REGISTER', 'MFA_AUTH']) {
    it(`fails with 401 and info.challenge, without the state token, on ${status}`, async () => {
      await open()
      const { outcome } = await logIn(shop, new Browser(), person(status))
      expect(outcome).to.deep.include({ verb: 'fail', status: 401 })
      expect(outcome.info?.code).to.equal(status.toLowerCase())
      expect(outcome.info?.challenge).to.have.property('status', status)
      expect(JSON.stringify(outcome)).to.not.match(/state_?token/i)
    })
  }

  it('fails with 401 login_incomplete and the status on an undocumented status', async () => {
    await open()
    shop.simulator.fault('login', { change: () => ({ status: 'BRAND_NEW', state_token: 's' }) })
    const { outcome } = await logIn(shop)
    expect(outcome).to.deep.include({ verb: 'fail', status: 401 })
    expect(outcome.info).to.include({ code: 'login_incomplete', status: 'BRAND_NEW' })
  })

  it('fails without info.challenge when OneAccess sends no state token', async () => {
    await open()
    shop.simulator.fault('login', { change: () => ({ status: 'SOCIAL_BIND' }) })
    const { outcome } = await logIn(shop)
    expect([outcome.verb, outcome.info?.code]).to.deep.equal(['fail', 'social_bind'])
    expect(outcome.info).to.not.have.property('challenge')
  })

  it('fails with no_user and no status when verify gives no user; Passport then responds with 401', async () => {
    await open({ verify: async () => false })
    const { outcome } = await logIn(shop)
    expect(outcome.verb).to.equal('fail')
    expect(outcome).to.not.have.property('status')
    expect(outcome.info?.code).to.equal('no_user')
    const browser = new Browser()
    const back = new URL(await goToAlipay(shop, browser))
    expect((await browser.get(`${shop.url}/plain${back.search}`)).status).to.equal(401)
  })

  const upstream: [problem: string, at: Endpoint, fault: Fault, status: number, code: string][] = [
    [
      'is busy with HTTP 400',
      'login',
      { status: 400, body: { error_code: 'IDAAS.SDK.COM.0002' } },
      503,
      'busy',
    ],
    [
      'is busy with HTTP 500',
      'ticket',
      { status: 500, body: { error_code: 'SDK.COMMON.1008' } },
      503,
      'busy',
    ],
    ['fails', 'verify', { status: 502, body: '<h1>Bad gateway</h1>' }, 503, 'upstream_failed'],
    [
      'limits the rate of calls',
      'login',
      { status: 429, headers: { 'Retry-After': '7' } },
      503,
      'rate_limited',
    ],
    ['drops the connection', 'login', { drop: 'after' }, 503, 'connection_lost'],
    ['does not answer in time', 'ticket', { hang: true }, 504, 'timeout'],
    [
      'does not know the client id',
      'login',
      { status: 400, body: { error_code: 'IDAAS.SDK.PARAM.0003' } },
      500,
      'misconfigured',
    ],
    ['does not know the login path', 'login', { status: 404, body: '' }, 500, 'misconfigured'],
    [
      'refuses the secret',
      'credential',
      { times: 2, status: 400, body: { error: 'invalid_client' } },
      500,
      'credential_refused',
    ],
    ['answers with HTML', 'login', { status: 200, body: '<html>' }, 502, 'unexpected_answer'],
    ['omits a field', 'ticket', { change: () => ({ expire: 60 }) }, 502, 'unexpected_answer'],
    ['redirects', 'verify', { redirect: 'http://127.0.0.1:1/' }, 502, 'unexpected_answer'],
  ]
  for (const [problem, at, fault, status, code] of upstream) {
    it(`errors with ${status} ${code} when OneAccess ${problem} (${at})`, async () => {
      await open({ strategy: { timeouts: { call: 300 } } })
      shop.simulator.fault(at, fault)
      const browser = new Browser()
      const page = await browser.get(await goToAlipay(shop, browser))
      expect(page.status).to.equal(status)
      const { verb, error } = outcomeOf(page)
      expect([verb, error?.name, error?.code]).to.deep.equal(['error', 'OneAccessError', code])
      expect(error?.hint).to.be.a('string').that.is.not.empty
      if (code === 'rate_limited') expect(page.headers.get('retry-after')).to.equal('7')
      expect(shop.simulator.count('login')).to.equal(1)
      expect(shop.outcomes).to.deep.equal(['error'])
    })
  }

  it('errors with 503 when OneAccess cannot be reached', async () => {
    await open({ strategy: { domain: 'http://127.0.0.1:1' } })
    const browser = new Browser()
    const page = await browser.get(await goToAlipay(shop, browser))
    expect([page.status, outcomeOf(page).error?.code]).to.deep.equal([503, 'unreachable'])
  })

  it('names the step and the field of an answer that does not match the documented API', async () => {
    await open()
    shop.simulator.fault('verify', { change: () => ({ code: '0', data: { user: { name: 'x' } } }) })
    const browser = new Browser()
    const { error } = outcomeOf(await browser.get(await goToAlipay(shop, browser)))
    expect(error?.message).to.include('verify').and.include('id is missing')
  })

  const malformed = [
    'auth_code=a&auth_code=b',
    'auth_code[]=a',
    'auth_code[x]=a',
    `auth_code=${'a'.repeat(513)}`,
    'auth_code=a%00b',
    'auth_code=a&state[]=b',
    'state=a&state=b',
    `state=${'a'.repeat(600)}`,
    'error=%0d%0aSet-Cookie:x',
  ]
  for (const query of malformed) {
    it(`fails with 400 on the malformed parameters ${query.slice(0, 30)}`, async () => {
      await open()
      await expectFail(`/callback?${query}`, 400, 'parameters_malformed')
    })
  }

  it('errors with session_missing and the line to add when there is no session', async () => {
    await open({ session: false })
    const page = await new Browser().get(`${shop.url}/login`)
    expect(page.status).to.equal(500)
    expect(outcomeOf(page).error).to.have.property('code', 'session_missing')
    expect(outcomeOf(page).error?.hint).to.include('app.use(session(')
  })

  it('errors with a hint that names express-session when the session cannot regenerate', async () => {
    await open({
      session: (req, _res, next) => {
        Object.assign(req, { session: {} })
        next()
      },
    })
    const page = await new Browser().get(`${shop.url}/login`)
    expect(outcomeOf(page).error?.hint).to.include('express-session')
  })
})
