import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import {
  type FailureInfo,
  MemoryTokenStore,
  OneAccessClient,
  type OneAccessError,
} from '../../lib/index.js'
import type { Endpoint, Fault } from '../../simulator/index.js'
import { Browser, type Page } from '../support/browser.js'
import { goToAlipay, openShop, type Shop, type ShopOptions } from '../support/shop.js'
import { everythingOf, learnFrom, Secrets } from './secrets.js'

const COOKIE_SECRET = 'a secret of the tests'
const CHANNELS = ['login', 'refresh', 'end'].map((name) => `passport-oneaccess-alipay:${name}`)

// Each scenario collects every secret it uses, then searches everything that the package puts out.
describe('secrets', () => {
  let shop: Shop
  let secrets: Secrets
  let events: unknown[]
  const listen = (event: unknown) => {
    events.push(event)
  }

  beforeEach(() => {
    events = []
    for (const channel of CHANNELS) subscribe(channel, listen)
  })
  afterEach(async () => {
    for (const channel of CHANNELS) unsubscribe(channel, listen)
    await shop.close()
  })

  async function open(options: ShopOptions = {}) {
    shop = await openShop(options)
    secrets = new Secrets()
    secrets.add('cookie secret', COOKIE_SECRET)
  }

  /** Logs in, and returns the page of the callback. */
  async function logIn(browser = new Browser(), person = shop.simulator.people[0]) {
    const callback = await goToAlipay(shop, browser, person)
    const { searchParams } = new URL(callback)
    for (const name of ['auth_code', 'state']) secrets.add(name, searchParams.get(name))
    const page = await browser.get(callback)
    return { browser, page }
  }

  const shownBy = ({ text, headers, location }: Page) =>
    secrets.in([text, location, ...[...headers].flat()].join('\n'))

  function expectNoLeak() {
    expect(secrets.shownBy(shop.strategy), 'the strategy').to.deep.equal([])
    expect(secrets.shownBy(events), 'events').to.deep.equal([])
    expect(secrets.shownBy(shop.simulator.calls), 'the list of calls').to.deep.equal([])
  }

  it('are found by this search in causes, hidden members and base64', async () => {
    await open()
    learnFrom(shop.simulator, secrets)
    await logIn()
    expect(secrets.names).to.include.members([
      ...['access_token', 'auth_code', 'client secret', 'cookie secret', 'id_token'],
      ...['phone number', 'session_token', 'sso_ticket', 'state'],
    ])
    const cause = new Error('outer', { cause: { deep: { er: [shop.simulator.clientSecret] } } })
    expect(secrets.shownBy(cause)).to.deep.equal(['client secret'])
    const hidden = Object.defineProperty({}, 'x', { value: shop.simulator.clientSecret })
    expect(secrets.shownBy(hidden)).to.deep.equal(['client secret'])
    const basic = Buffer.from(shop.simulator.clientSecret).toString('base64')
    expect(secrets.shownBy(basic)).to.deep.equal(['client secret'])
  })

  it('do not leak from a successful login, refresh and logout', async () => {
    await open()
    learnFrom(shop.simulator, secrets)
    const { browser, page } = await logIn()
    expect(shownBy(page)).to.deep.equal([])
    expect(shownBy(await browser.get(`${shop.url}/me`))).to.deep.equal([])
    expect(shownBy(await browser.post(`${shop.url}/refresh`))).to.deep.equal([])
    expect(shownBy(await browser.post(`${shop.url}/logout`))).to.deep.equal([])
    expect(events).to.have.length.above(2)
    expectNoLeak()
    const console_ = await new Browser().get(shop.simulator.url)
    expect(secrets.in(console_.text), 'the console page').to.deep.equal([])
  })

  for (const refreshWith of ['session-token', 'signed-id-token'] as const) {
    it(`do not leak from a refresh with ${refreshWith} and an upstream logout, successful or failed`, async () => {
      const errors: unknown[] = []
      const strategy = { refreshWith, upstreamLogout: true }
      await open({ strategy, onError: (error) => errors.push(error) })
      learnFrom(shop.simulator, secrets)
      const { browser } = await logIn()
      const renewed = await browser.post(`${shop.url}/refresh`)
      expect([renewed.status, shownBy(renewed)]).to.deep.equal([200, []])
      const other = (await logIn()).browser
      const session = shop.simulator.sessions().at(-1)
      const body = { error_code: session?.sessionToken, error_msg: session?.sessionToken }
      shop.simulator.clearFaults() // the faults of learnFrom(), which would come first
      for (const endpoint of [`refresh-${refreshWith}`, 'logout'] as const) {
        shop.simulator.fault(endpoint, { status: 400, body })
      }
      const page = await other.post(`${shop.url}/refresh`)
      expect([page.status, shownBy(page)]).to.deep.equal([503, []])
      expect(shownBy(await other.post(`${shop.url}/logout`))).to.deep.equal([])
      await shop.strategy.drain()
      expect(errors).to.have.length(1)
      expect(secrets.shownBy(errors), 'the error').to.deep.equal([])
      expect(secrets.shownBy(events), 'events').to.deep.equal([])
      expect(secrets.shownBy(shop.strategy), 'the strategy').to.deep.equal([])
    })
  }

  it('do not leak in an id_token that the app asks for', async () => {
    await open()
    learnFrom(shop.simulator, secrets)
    const { browser } = await logIn()
    const { idToken } = (await browser.get(`${shop.url}/token`)).json() as { idToken: string }
    expect(idToken).to.match(/^ey/)
    const [session] = shop.simulator.sessions()
    expect(secrets.in(session?.sessionToken ?? '')).to.deep.equal(['session_token'])
    expect(idToken).to.not.include(session?.sessionToken)
  })

  it("do not leak from a login with userFrom: 'id-token', nor if its id_token is refused", async () => {
    const errors: unknown[] = []
    const strategy = { idToken: true, userFrom: 'id-token' } as const
    await open({ strategy, onError: (error) => errors.push(error) })
    learnFrom(shop.simulator, secrets)
    const { page } = await logIn()
    expect([page.status, shownBy(page)]).to.deep.equal([200, []])
    expect(shop.simulator.count('ticket')).to.equal(0)
    shop.simulator.clearFaults()
    const forge = (answer: unknown) => {
      const body = answer as { id_token: string; session_token: string }
      const id_token = `${body.id_token.slice(0, -20)}${'A'.repeat(20)}`
      for (const one of ['id_token', 'session_token'] as const) secrets.add(one, body[one])
      secrets.add('id_token', id_token)
      return { ...body, id_token }
    }
    shop.simulator.fault('login', { change: forge })
    const forged = (await logIn()).page
    expect([forged.status, shownBy(forged)]).to.deep.equal([502, []])
    expect(errors).to.have.length(1)
    expect(secrets.shownBy(errors), 'the error').to.deep.equal([])
    expectNoLeak()
  })

  for (const fault of [undefined, { drop: 'after' }, { status: 400 }] as (Fault | undefined)[]) {
    it(`do not leak from a challenge completed by its handle, with the fault ${JSON.stringify(fault ?? 'none')}`, async () => {
      const errors: unknown[] = []
      const tokenStore = new MemoryTokenStore()
      await open({ session: false, strategy: { tokenStore }, onError: (one) => errors.push(one) })
      learnFrom(shop.simulator, secrets)
      const person = shop.simulator.people.find(({ outcome }) => outcome === 'SOCIAL_BIND')
      const app = new Browser()
      const code = shop.simulator.issueCode(person?.id ?? '')
      const begun = await app.postJson(`${shop.url}/app`, { code })
      const { handle } = (begun.json() as { info: FailureInfo }).info.challenge ?? {}
      expect(handle).to.match(/^[0-9a-f]{40}$/)
      expect(shownBy(begun)).to.deep.equal([])
      secrets.add('handle', handle)
      if (fault) shop.simulator.fault('social-bind', fault)
      const form = { handle, mobile: person?.mobile, verify_code: '000000' }
      const page = await app.postJson(`${shop.url}/challenge`, form)
      expect(page.text).to.match(/"verb":"(error|fail)"/)
      expect(shownBy(page)).to.deep.equal([])
      expect(secrets.shownBy(errors), 'the error').to.deep.equal([])
      expect(secrets.shownBy(events), 'events').to.deep.equal([])
      expect(secrets.shownBy(shop.strategy), 'the strategy').to.deep.equal([])
    })
  }

  for (const outcome of ['SOCIAL_BIND', 'USER_REGISTER', 'MFA_AUTH', 'ACCESS_DENIED']) {
    it(`do not leak from a login that ends in ${outcome}`, async () => {
      await open()
      learnFrom(shop.simulator, secrets)
      const person = shop.simulator.people.find((one) => one.outcome === outcome)
      const { page } = await logIn(new Browser(), person)
      expect(shownBy(page)).to.deep.equal([])
      expectNoLeak()
    })
  }

  const FAULTS: [name: string, fault: Fault][] = [
    ['a dropped connection', { drop: 'after' }],
    ['HTML', { body: '<h1>no</h1>' }],
    ['a truncated response', { truncate: true }],
    ['a huge response', { huge: 2 ** 21 }],
    ['a redirect', { redirect: 'http://127.0.0.1:9/' }],
    ['status 500', { status: 500 }],
    ['status 401', { status: 401 }],
    ['no response', { hang: true }],
  ]
  for (const endpoint of ['credential', 'login', 'ticket', 'verify'] as Endpoint[]) {
    for (const [name, fault] of FAULTS) {
      it(`do not leak from the error after ${name} at ${endpoint}`, async () => {
        const errors: unknown[] = []
        await open({
          strategy: { timeouts: { call: 200 } },
          onError: (error) => errors.push(error),
        })
        shop.simulator.fault(endpoint, { ...fault, times: 'always' })
        learnFrom(shop.simulator, secrets)
        const { page } = await logIn()
        expect(shownBy(page)).to.deep.equal([])
        expect(page.text).to.match(/"verb":"(error|fail)"/)
        expect(secrets.shownBy(errors), 'the error').to.deep.equal([])
        expect(everythingOf(errors)).to.not.match(/axios/i)
        expectNoLeak()
      })
    }
  }

  it('do not leak from an error in which OneAccess repeats what it was sent', async () => {
    const errors: unknown[] = []
    await open({ onError: (error) => errors.push(error) })
    const echo: Fault = { times: 'always', status: 400 }
    const { clientSecret } = shop.simulator
    const echoed = `no: ${clientSecret} ${Buffer.from(clientSecret).toString('base64')} 15200000001`
    shop.simulator.fault('credential', {
      ...echo,
      body: { error: echoed, error_description: echoed },
    })
    learnFrom(shop.simulator, secrets)
    const { page } = await logIn()
    expect(page.status).to.equal(500)
    expect(errors).to.have.length(1)
    expect(secrets.shownBy(errors)).to.deep.equal([])
    expect(shownBy(page)).to.deep.equal([])
  })

  it('do not leak from an inspected OneAccessClient or its error', async () => {
    await open()
    learnFrom(shop.simulator, secrets)
    const { domain: origin, clientID, clientSecret, people } = shop.simulator
    const credential = { clientID, clientSecret, auth: 'basic' } as const
    const client = new OneAccessClient({ origin, clientID, credential })
    const device = { osVersion: 'Android 10', fingerprint: 'f', ip: '127.0.0.1', agent: 'a' }
    const code = shop.simulator.issueCode(people[0]?.id ?? '')
    secrets.add('auth_code', code)
    await client.prepare()
    await client.loginWithAlipay(code, { device })
    const error: OneAccessError = await client.loginWithAlipay(code, { device }).then(
      () => expect.fail('a code works once'),
      (reason: OneAccessError) => reason,
    )
    expect(error.code).to.equal('code_refused')
    expect(secrets.shownBy(error)).to.deep.equal([])
    expect(secrets.shownBy(client)).to.deep.equal([])
  })
})
