import { expect } from 'chai'
import sinon from 'sinon'
import { Browser } from '../support/browser.js'
import { type Example, logIn, openExample, until, whoIs } from '../support/example.js'

describe('staying logged in, in the example', () => {
  let example: Example
  afterEach(async () => {
    sinon.restore()
    await example.close()
  })

  /** Moves the clock of the shop and of the simulator; timers run in real time. */
  const advance = (seconds: number) => {
    sinon.restore()
    sinon.useFakeTimers({
      now: Date.now() + seconds * 1000,
      toFake: ['Date'],
      shouldAdvanceTime: true,
    })
  }
  const claimsOf = async (browser: Browser) =>
    (await browser.get(`${example.url}/token`)).json() as { exp: number; iat: number }

  it('refreshes the id_token in the background on any request', async () => {
    example = await openExample()
    const browser = await logIn(example)
    const before = await whoIs(example, browser)
    advance(56)
    const after = await until(
      () => whoIs(example, browser),
      (me) => me?.expiresAt !== before?.expiresAt,
    )
    expect(after?.expiresAt).to.be.greaterThan(Number(before?.expiresAt) + 50_000)
    expect(after?.user).to.deep.equal(before?.user)
    expect(example.simulator.count('refresh-id-token')).to.equal(1)
  })

  it('refreshes once for ten requests on an expired id_token', async () => {
    example = await openExample({ simulator: { rotation: 'always', reuse: 'end' } })
    const browser = await logIn(example)
    advance(3_600)
    const pages = await Promise.all(
      Array.from({ length: 10 }, () => browser.get(`${example.url}/token`)),
    )
    const ends = pages.map((page) => (page.json() as { exp: number }).exp)
    expect(new Set(ends).size).to.equal(1)
    expect(ends[0]).to.be.greaterThan(Date.now() / 1000)
    expect(example.simulator.count('refresh-id-token')).to.equal(1)
  })

  it('shows the claims of the current id_token at /token', async () => {
    example = await openExample()
    const browser = await logIn(example)
    const me = await whoIs(example, browser)
    const claims = await claimsOf(browser)
    expect(claims).to.include({ id: me?.user.id })
    expect(claims.exp * 1000).to.equal(me?.expiresAt)
  })

  it('fetches the first id_token if the login returned none', async () => {
    example = await openExample({ simulator: { idTokenAtLogin: false } })
    const browser = await logIn(example)
    expect((await whoIs(example, browser))?.expiresAt).to.equal(null)
    const claims = await claimsOf(browser)
    expect((await whoIs(example, browser))?.expiresAt).to.equal(claims.exp * 1000)
  })

  for (const refreshWith of ['session-token', 'signed-id-token'] as const) {
    it(`refreshes with ONEACCESS_REFRESH_WITH=${refreshWith}`, async () => {
      example = await openExample({ env: { ONEACCESS_REFRESH_WITH: refreshWith } })
      const browser = await logIn(example)
      advance(61)
      await claimsOf(browser)
      expect(example.simulator.count(`refresh-${refreshWith}`)).to.equal(1)
    })
  }

  it('keeps the user logged in while OneAccess is down; /token answers 503', async () => {
    example = await openExample()
    const browser = await logIn(example)
    advance(61)
    const log = sinon.stub(console, 'error')
    example.simulator.fault('refresh-id-token', { status: 500, times: 'always' })
    const refused = await browser.get(`${example.url}/token`)
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).to.deep.equal([
      503,
      true,
    ])
    expect(refused.json()).to.deep.equal({ error: 'upstream_failed' })
    expect(log.callCount).to.equal(1)
    expect((await whoIs(example, browser))?.user.name).to.equal('王芳')
    example.simulator.clearFaults()
    advance(120)
    expect((await browser.get(`${example.url}/token`)).status).to.equal(200)
  })

  it('logs an outage once, then one count per minute', async () => {
    example = await openExample()
    const browser = await logIn(example)
    const log = sinon.stub(console, 'error')
    const clock = sinon.useFakeTimers({
      now: Date.now() + 61_000,
      toFake: ['Date', 'setInterval', 'clearInterval'],
    })
    const ask = async (path: string, times: number) => {
      for (let n = 0; n < times; n++) {
        expect((await browser.get(example.url + path)).status).to.equal(503)
      }
    }
    example.simulator.fault('refresh-id-token', { status: 500, times: 'always' })
    await ask('/token', 5)
    expect(log.args.flat()).to.have.length(1)
    clock.tick(60_000)
    expect(log.args.flat()[1]).to.match(/^4 more within a minute: refresh: upstream_failed/)
    await ask('/token', 2)
    clock.tick(60_000)
    expect(log.args.flat()[2]).to.match(/^2 more within a minute: /)
    clock.tick(60_000)
    expect(log.args.flat(), 'a quiet minute').to.have.length(3)
    await ask('/token', 1)
    expect(log.args.flat()[3]).to.match(/^refresh: upstream_failed/)
  })

  it('logs the user out when an administrator has ended the session', async () => {
    example = await openExample()
    const browser = await logIn(example)
    example.simulator.endSessions()
    advance(61)
    expect((await browser.get(`${example.url}/token`)).status).to.equal(401)
    expect(await whoIs(example, browser)).to.equal(undefined)
    expect((await browser.get(`${example.url}/`)).text).to.contain('href="/login"')
  })

  it('invalidates the cookie on logout, and copies of it', async () => {
    example = await openExample()
    const browser = await logIn(example)
    const thief = browser.clone()
    const out = await browser.post(`${example.url}/logout`)
    expect([out.status, out.location]).to.deep.equal([303, `${example.url}/`])
    for (const one of [browser, thief]) {
      expect(await whoIs(example, one)).to.equal(undefined)
      expect((await one.get(`${example.url}/token`)).status).to.equal(401)
    }
    expect((await browser.get(`${example.url}/`)).text).to.not.contain('王芳')
  })

  it('refuses a logout from another origin', async () => {
    example = await openExample()
    const browser = await logIn(example)
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: example.url.replace('http:', 'https:') },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: example.url },
    ]) {
      const elsewhere = browser.clone()
      Object.assign(elsewhere.headers, headers)
      const { status } = await elsewhere.post(`${example.url}/logout`)
      for (const name of Object.keys(headers)) delete elsewhere.headers[name]
      expect(status, JSON.stringify(headers)).to.equal(403)
    }
    expect((await whoIs(example, browser))?.user.name).to.equal('王芳')
    const own = await new Browser({ ...browser.headers, origin: example.url }).post(
      `${example.url}/logout`,
    )
    expect(own.status).to.equal(303)
  })
})
