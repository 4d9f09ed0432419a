import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express, { type Express } from 'express'
import session from 'express-session'
import passport from 'passport'
import sinon from 'sinon'
import { addAppLogin } from '../../example/readme/app-login.js'
import { addChallenge } from '../../example/readme/challenge.js'
import { onError } from '../../example/readme/errors.js'
import { addLinking } from '../../example/readme/linking.js'
import { startLogin } from '../../example/readme/phones.js'
import { OneAccessAlipayStrategy } from '../../lib/index.js'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { inRepository } from '../package/installed.js'
import { navigation } from '../support/agents.js'
import { Browser } from '../support/browser.js'
import { personWith } from '../support/example.js'
import { codeBlocksOf, pageAt } from './markdown.js'

type Strategy = OneAccessAlipayStrategy<{ id: string }>

/** In the order of the README. */
const SAMPLES = [
  'quick-start',
  'app-login',
  'plain-login',
  'phones',
  'linking',
  'challenge',
  'redis',
  'errors',
]

describe("the README's samples", () => {
  let simulator: Simulator
  let server: Server
  let url: string
  let oneaccess: Strategy
  beforeEach(async () => {
    sinon.stub(console, 'error') // where `onError` writes
    simulator = await startSimulator()
    server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    process.env.CALLBACK_URL = `${url}/auth/alipay/callback`
    const { domain, clientID, clientSecret, alipayAppID, authorizationURL } = simulator
    const callbackURL = process.env.CALLBACK_URL
    const options = { domain, clientID, clientSecret, alipayAppID, authorizationURL, callbackURL }
    oneaccess = new OneAccessAlipayStrategy(
      { ...options, loginPath: '/auth/alipay' },
      async (_tokens, { id }) => ({ id }),
    )
    passport.use(oneaccess)
    passport.serializeUser(oneaccess.serializeUser((user) => user.id))
    passport.deserializeUser((id: string, done) => done(null, { id }))
  })
  afterEach(async () => {
    sinon.restore()
    for (const name of ['CALLBACK_URL', 'JWT_SECRET', 'SESSION_SECRET']) delete process.env[name]
    passport.unuse('oneaccess-alipay')
    Object.assign(passport, { _serializers: [], _deserializers: [] })
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await simulator.close()
  })

  /** Runs a sample in an app like that of the quick start. */
  const run = (addSample: (app: Express) => void) => {
    const app = express()
    app.use(session({ secret: 'of a test', resave: false, saveUninitialized: false }))
    app.use(passport.session(), oneaccess.backgroundRefresh())
    addSample(app)
    const login = passport.authenticate('oneaccess-alipay', { successReturnToOrRedirect: '/' })
    app.get(['/auth/alipay', '/auth/alipay/callback'], login)
    app.get('/account', oneaccess.requireLogin(), (req, res) => void res.json(req.user))
    app.get('/', (req, res) => void res.json(req.user ?? 'nobody'))
    app.use(onError)
    server.on('request', app)
  }
  const idOf = (outcome: string) => personWith(simulator, outcome).id
  /** Logs in through Alipay; resolves to the response of the callback. */
  const logIn = async (browser: Browser, outcome = 'SUCCESS', start = '/auth/alipay') => {
    const { location } = await browser.get(url + start)
    return browser.get(simulator.authorize(location, idOf(outcome)))
  }

  /** Solves the puzzle of the sample `challenge`, and has a code sent. */
  const requestCode = async (browser: Browser, mobile: string) => {
    const { token } = (await browser.get(`${url}/bind/puzzle`)).json() as { token: string }
    const request = { token, x: simulator.captchaAnswer(token), mobile }
    return browser.postJson(`${url}/bind/code`, request)
  }
  /** Submits a code to the sample `challenge`; resolves to the page that it leads to. */
  const enterCode = async (browser: Browser, code = '') =>
    (await browser.post(`${url}/bind`, { verify_code: code })).location

  it('are identical to the files in example/readme, in both READMEs', () => {
    const files = readdirSync(inRepository('example/readme')).sort()
    expect(files).to.deep.equal(SAMPLES.map((name) => `${name}.ts`).sort())
    for (const readme of ['README.md', 'README.zh-CN.md']) {
      const blocks = codeBlocksOf(pageAt(readme)).filter(({ language }) => language === 'ts')
      expect(blocks.length, readme).to.equal(SAMPLES.length)
      for (const [n, name] of SAMPLES.entries()) {
        const file = readFileSync(inRepository(`example/readme/${name}.ts`), 'utf8')
        expect(blocks[n]?.code, `${name} in ${readme}`).to.equal(file)
      }
    }
  })

  it('are followed by links to the six one-file apps in both READMEs', () => {
    const apps = readdirSync(inRepository('example')).filter((name) => name.endsWith('.ts'))
    expect(apps.length).to.equal(6)
    for (const readme of ['README.md', 'README.zh-CN.md']) {
      for (const app of apps) expect(pageAt(readme).text, readme).to.contain(`(example/${app})`)
    }
  })

  it('app-login: logs a native app in, or describes the challenge or the error', async () => {
    run(addAppLogin)
    const app = new Browser()
    const post = (code: string) => app.postJson(`${url}/auth/alipay/app`, { auth_code: code })
    const refused = await post(simulator.issueCode(idOf('SOCIAL_BIND')))
    expect(refused.status).to.equal(401)
    expect(refused.json()).to.have.nested.property('challenge.status', 'SOCIAL_BIND')
    const done = await post(simulator.issueCode(idOf('SUCCESS')))
    expect(done.json()).to.deep.equal({ id: idOf('SUCCESS') })
    simulator.fault('login', { status: 503 })
    const busy = await post(simulator.issueCode(idOf('SUCCESS')))
    expect([busy.status, Object.keys(busy.json() as object)]).to.deep.equal([503, ['message']])
  })

  it('plain-login: issues a JWT without a session', async () => {
    process.env.JWT_SECRET = '0123456789abcdef0123456789abcdef'
    process.env.SESSION_SECRET = 'of a test'
    const { addPlainLogin } = await import('../../example/readme/plain-login.js')
    const app = express()
    addPlainLogin(app)
    server.on('request', app)
    const browser = new Browser()
    const { token } = (await logIn(browser)).json() as { token: string }
    const [, claims = ''] = token.split('.')
    const payload = JSON.parse(Buffer.from(claims, 'base64url').toString())
    expect(payload).to.have.nested.property('user.id', idOf('SUCCESS'))
    const code = simulator.issueCode(idOf('SUCCESS'))
    const posted = await new Browser().postJson(`${url}/auth/alipay/app`, { code })
    expect(posted.json()).to.have.keys('token')
  })

  for (const secret of ['', 'short']) {
    it(`plain-login: does not start with the JWT_SECRET "${secret}", before a code is spent`, async () => {
      process.env.JWT_SECRET = secret
      const sample = `../../example/readme/plain-login.js?${secret.length}` // not the module loaded above
      const outcome = await import(sample).catch((error: Error) => error.message)
      expect(outcome).to.equal('JWT_SECRET must have 32 characters or more')
    })
  }

  it('phones: links a phone to the Alipay app and redirects WeChat to the login page', async () => {
    run((app) => app.get('/auth/alipay', startLogin))
    const phone = new Browser(navigation('Chrome on Android'))
    expect((await phone.get(`${url}/auth/alipay`)).text).to.match(/<a href="alipays:\/\/[^"]+">/)
    expect((await logIn(new Browser())).location).to.equal(`${url}/`)
    const wechat = new Browser(navigation('WeChat on Android'))
    const refused = await wechat.get(`${url}/auth/alipay`)
    expect(refused.location).to.equal(`${url}/login?failed=open_in_browser`)
  })

  it('linking: links an Alipay account only to a logged-in user', async () => {
    const linked: unknown[] = []
    const link = async (user: unknown, account: unknown) => void linked.push([user, account])
    Object.assign(globalThis, { accounts: { link } })
    run(addLinking)
    const stranger = await new Browser().get(`${url}/account/alipay`)
    expect(stranger.location).to.equal(`${url}/login`)
    const browser = new Browser()
    await logIn(browser)
    const done = await logIn(browser, 'SUCCESS', '/account/alipay')
    expect(done.location).to.equal(`${url}/account`)
    expect(linked).to.deep.equal([[{ id: idOf('SUCCESS') }, { id: idOf('SUCCESS') }]])
    Reflect.deleteProperty(globalThis, 'accounts')
  })

  for (const [outcome, mobile, to] of [
    ['SOCIAL_BIND', '15200000003', '15200000003'],
    ['MFA_AUTH', '', '15200000005'],
  ] as const) {
    it(`challenge: completes ${outcome} with a puzzle and a code`, async () => {
      run((app) => addChallenge(app, oneaccess))
      const browser = new Browser()
      const early = await browser.get(`${url}/bind/puzzle`)
      expect([early.status, early.json()]).to.deep.equal([403, { error: 'challenge_missing' }])
      const failed = `failed=${outcome.toLowerCase()}`
      expect((await logIn(browser, outcome)).location).to.equal(`${url}/bind.html?${failed}`)
      const { token } = (await browser.get(`${url}/bind/puzzle`)).json() as { token: string }
      const wrong = await browser.postJson(`${url}/bind/code`, { token, x: 1, mobile })
      expect([wrong.status, Object.keys(wrong.json() as object)]).to.deep.equal([400, ['message']])
      const sent = await requestCode(browser, mobile)
      expect(sent.json()).to.deep.equal({ sent: true })
      const missed = await browser.post(`${url}/bind`, { verify_code: '0000000' })
      expect(missed.location).to.equal(`${url}/bind.html?failed=verify_code_wrong&left=4`)
      const code = simulator.lastCode(to) ?? ''
      const done = await browser.post(`${url}/bind`, { verify_code: code })
      expect(done.location).to.equal(`${url}/`)
      expect((await browser.get(url)).json()).to.deep.equal({ id: idOf(outcome) })
    })
  }

  it('challenge: refuses forms of other origins', async () => {
    run((app) => addChallenge(app, oneaccess))
    const browser = new Browser({ 'sec-fetch-site': 'cross-site' })
    for (const path of ['/bind', '/bind/code']) {
      expect((await browser.post(url + path)).status).to.equal(403)
    }
  })

  for (const [name, addSample] of [
    ['quick-start', () => {}],
    ['challenge', (app: Express) => addChallenge(app, oneaccess)],
  ] as const) {
    it(`${name}: redirects to the login and back to the requested page`, async () => {
      run(addSample)
      const browser = new Browser(navigation('Windows'))
      expect((await browser.get(`${url}/account?a=1`)).location).to.equal(`${url}/auth/alipay`)
      expect((await logIn(browser)).location).to.equal(`${url}/account?a=1`)
      expect((await browser.get(`${url}/account`)).json()).to.deep.equal({ id: idOf('SUCCESS') })
      expect((await logIn(browser)).location, 'only once').to.equal(`${url}/`)
    })
  }

  it('challenge: leads back to the requested page after a first login too', async () => {
    run((app) => addChallenge(app, oneaccess))
    const browser = new Browser(navigation('Windows'))
    await browser.get(`${url}/account?a=1`)
    await logIn(browser, 'SOCIAL_BIND')
    await requestCode(browser, '15200000003')
    await browser.post(`${url}/bind`, { verify_code: '0000000' })
    const done = await enterCode(browser, simulator.lastCode('15200000003'))
    expect(done).to.equal(`${url}/account?a=1`)
    expect((await browser.get(done)).json()).to.deep.equal({ id: idOf('SOCIAL_BIND') })
  })

  it('challenge: names the reason of each failure, and leads to the login when the challenge is over', async () => {
    run((app) => addChallenge(app, oneaccess))
    const browser = new Browser()
    expect(await enterCode(browser, '000000')).to.equal(`${url}/login?failed=challenge_missing`)
    await logIn(browser, 'SOCIAL_BIND')
    await requestCode(browser, '15200000003')
    const malformed = await enterCode(browser, '')
    expect(malformed).to.equal(`${url}/bind.html?failed=verify_code_malformed`)
    for (const left of [4, 3, 2, 1]) {
      const wrong = await enterCode(browser, `000000${left}`)
      expect(wrong).to.equal(`${url}/bind.html?failed=verify_code_wrong&left=${left}`)
    }
    for (const code of ['0000000', simulator.lastCode('15200000003')]) {
      expect(await enterCode(browser, code)).to.equal(`${url}/login?failed=challenge_over`)
    }
  })

  it('challenge: says on its page that a number is blocked after ten wrong codes', async () => {
    run((app) => addChallenge(app, oneaccess))
    const browser = new Browser()
    const mobile = '15200000003'
    const locations: string[] = []
    for (let n = 0; n < 11; n++) {
      if (n % 5 === 0) await logIn(browser, 'SOCIAL_BIND')
      const form = { verify_code: '0000000', mobile }
      locations.push((await browser.post(`${url}/bind`, form)).location)
    }
    expect(locations[9]).to.equal(`${url}/login?failed=challenge_over`)
    expect(locations[10]).to.equal(`${url}/bind.html?failed=contact_blocked`)
  })

  it('challenge: leads a login that was refused at Alipay to /login, even if a challenge is open', async () => {
    run((app) => addChallenge(app, oneaccess))
    const browser = new Browser()
    await logIn(browser, 'SOCIAL_BIND')
    const consent = (await browser.get(`${url}/auth/alipay`)).location
    const choice = { person: idOf('SUCCESS'), decision: 'refuse' }
    const refused = await browser.get((await browser.post(consent, choice)).location)
    expect(refused.location).to.equal(`${url}/login?failed=code_missing`)
  })
})
