import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import type { Request } from 'express'
import session from 'express-session'
import passport from 'passport'
import { OneAccessAlipayStrategy } from '../../lib/index.js'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { Browser } from '../support/browser.js'

type Step = (req: never, res: never, next: (error?: unknown) => void) => void

/** A host such as connect, whose requests and responses lack the methods that Express adds. */
describe('a host without the request and response of Express', () => {
  let simulator: Simulator
  let server: Server
  let url: string
  let strategy: OneAccessAlipayStrategy<{ id: string }>
  let authenticator: InstanceType<typeof passport.Passport>

  beforeEach(async () => {
    simulator = await startSimulator()
    server = createServer(answer).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { domain, clientID, clientSecret, alipayAppID, authorizationURL } = simulator
    const tenant = { domain, clientID, clientSecret, alipayAppID, authorizationURL }
    strategy = new OneAccessAlipayStrategy<{ id: string }>(
      { ...tenant, callbackURL: `${url}/callback`, passReqToCallback: false },
      async (_tokens, profile) => ({ id: profile.id }),
    )
    authenticator = new passport.Passport()
    authenticator.use(strategy)
    authenticator.serializeUser(strategy.serializeUser((user) => user.id))
    authenticator.deserializeUser((id: string, done) => done(null, { id }))
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await simulator.close()
    await strategy.drain()
  })

  const sessions = session({ secret: 'a secret', resave: false, saveUninitialized: false })

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await text(req)
    if (body.startsWith('{')) Object.assign(req, { body: JSON.parse(body) })
    const [path = ''] = (req.url ?? '').split('?')
    const steps = [sessions, authenticator.session(), strategy.backgroundRefresh(), ...at(path)]
    const run = (error?: unknown) => {
      const step = error ? undefined : (steps.shift() as Step | undefined)
      if (step) step(req as never, res as never, run)
      else {
        const { code, status } = (error ?? { status: 404 }) as { code?: string; status?: number }
        res.statusCode = status ?? 500
        res.end(JSON.stringify({ error: code, message: String(error) }))
      }
    }
    run()
  }

  function at(path: string): unknown[] {
    const authenticate = (options: object) =>
      authenticator.authenticate('oneaccess-alipay', options)
    const show = (req: Request, res: ServerResponse) =>
      void res.end(JSON.stringify(req.user ?? null))
    switch (path) {
      case '/login':
        return [authenticate({})]
      case '/callback':
        return [authenticate({}), show]
      case '/app':
        return [authenticate({ flow: 'app' }), show]
      case '/wrong':
        return [authenticate({ flow: 'desktop' })]
      case '/adapter':
        return [withoutStore, authenticate({})]
      case '/throws':
        return [
          authenticator.authenticate('oneaccess-alipay', {}, () => {
            throw new Error('thrown by the app')
          }),
        ]
      case '/logout':
        return [strategy.logout(), show]
      default:
        return [show]
    }
  }

  /** Like an adapter that gives Passport its own request with Koa's session, which has no store. */
  function withoutStore(req: Request, _res: ServerResponse, next: () => void): void {
    Object.assign(req, { sessionStore: undefined })
    next()
  }

  async function comeBack(browser: Browser): Promise<string> {
    const begun = await browser.get(`${url}/login`)
    expect(begun.status).to.equal(302)
    const person = simulator.people[0]?.id ?? ''
    return (await browser.post(begun.location, { person, decision: 'agree' })).location
  }

  it('logs in and out with the web flow, and sends OneAccess the IP address of the socket', async () => {
    const browser = new Browser({ 'x-forwarded-for': '203.0.113.5' })
    const page = await browser.get(await comeBack(browser))
    expect(page.json()).to.deep.equal({ id: simulator.people[0]?.id })
    expect((await browser.get(`${url}/me`)).json()).to.deep.equal(page.json())
    const login = simulator.calls.find(({ endpoint }) => endpoint === 'login')
    expect(login?.headers).to.include({ 'x-device-ip': '127.0.0.1' })
    expect(login?.headers['x-agent']).to.match(/^Mozilla/)
    await browser.post(`${url}/logout`)
    expect((await browser.get(`${url}/me`)).json()).to.equal(null)
  })

  it('logs in with the app flow, and rejects a form', async () => {
    const code = simulator.issueCode(simulator.people[0]?.id ?? '')
    expect((await new Browser().post(`${url}/app`, { code })).status).to.equal(400)
    const page = await new Browser().postJson(`${url}/app`, { code })
    expect(page.json()).to.deep.equal({ id: simulator.people[0]?.id })
  })

  it('answers a prefetch with 503 and does not spend the attempt', async () => {
    const browser = new Browser()
    const callback = await comeBack(browser)
    const ahead = await browser.get(callback, { 'sec-purpose': 'prefetch' })
    expect(ahead.status).to.equal(503)
    expect(ahead.text).to.include('a prefetch does not start or finish a login')
    expect((await browser.get(callback)).status).to.equal(200)
  })

  it('receives errors through next()', async () => {
    const page = await new Browser().get(`${url}/wrong`)
    expect(page.status).to.equal(500)
    expect(page.text).to.include('option flow must be web, app or challenge')
    simulator.fault('login', { status: 400, body: { error_code: 'IDAAS.SDK.COM.0002' } })
    const browser = new Browser()
    const busy = await browser.get(await comeBack(browser))
    expect([busy.status, (busy.json() as { error: string }).error]).to.deep.equal([503, 'busy'])
  })

  it('errors with session_missing before the redirect to Alipay if an adapter provides no store', async () => {
    const page = await new Browser().get(`${url}/adapter`)
    expect([page.status, (page.json() as { error: string }).error]).to.deep.equal([
      500,
      'session_missing',
    ])
    expect(page.text).to.include('Passport itself instead of an adapter such as koa-passport')
  })

  it('emits a warning for an error that a custom callback throws, which can no longer reach next()', async () => {
    const warned = new Promise((resolve) => process.once('warning', resolve))
    const controller = new AbortController()
    const asked = fetch(`${url}/throws?error=access_denied`, { signal: controller.signal })
    expect(await warned).to.have.property('message', 'thrown by the app')
    controller.abort()
    await asked.catch(() => {})
  })
})
