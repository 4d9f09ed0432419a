import { EventEmitter } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import passport from 'passport'
import { OneAccessAlipayStrategy, type Profile } from '../../lib/index.js'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { Browser } from '../support/browser.js'
import { compileBlocks, importBlock } from './blocks.js'

const PRODUCTION = 'docs/production.md'
const MIGRATING = 'docs/migrating.md'
/** The headers of a proxy that terminates TLS. */
const PROXY = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' }

interface Customer {
  id: number
  mobile: string | undefined
  oneaccessID?: string
}

/** The code of the pages in one app, in production behind a proxy. */
describe('the code of docs/production.md and docs/migrating.md', function () {
  this.timeout(60_000)
  let simulator: Simulator
  let server: Server
  let strategy: OneAccessAlipayStrategy<Customer>
  let shop: string
  let counted: string[]
  let customers: Customer[]

  before(async () => {
    expect((await compileBlocks()).code).to.equal(0)
    simulator = await startSimulator()
    const { app } = (await importBlock(PRODUCTION, 0)) as { app: Express }
    server = createServer(app).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    shop = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    customers = [{ id: 1, mobile: simulator.people[0]?.mobile }]
    await addRoutes(app)
    counted = []
    const { watch } = (await importBlock(PRODUCTION, 2)) as { watch(count: unknown): void }
    watch((name: string) => counted.push(name))
  })

  after(() => simulator.close())

  async function addRoutes(app: Express): Promise<void> {
    const { findCustomer, onlyNewLogins, onError } = {
      ...(await importBlock(MIGRATING, 0)),
      ...(await importBlock(MIGRATING, 1)),
      ...(await importBlock('README.md', 'onError')),
    } as {
      findCustomer(all: Customer[], profile: Profile): Customer | undefined
      onlyNewLogins: RequestHandler
      onError: ErrorRequestHandler
    }
    const { domain, clientID, clientSecret, alipayAppID, authorizationURL } = simulator
    const tenant = { domain, clientID, clientSecret, alipayAppID, authorizationURL }
    const options = { ...tenant, callbackURL: `${shop}/callback` }
    strategy = new OneAccessAlipayStrategy<Customer>(
      options,
      async (_tokens, profile) => findCustomer(customers, profile) ?? false,
    )
    const auth = new passport.Passport()
    auth.use(strategy)
    auth.serializeUser(strategy.serializeUser((user) => user.id))
    auth.deserializeUser((id, done) =>
      done(
        null,
        customers.find((one) => one.id === id),
      ),
    )
    app.use(auth.session(), strategy.backgroundRefresh())
    app.get('/old', (req, res) => {
      Object.assign(req.session, { idToken: 'of an old login' })
      res.end()
    })
    app.use(onlyNewLogins)
    app.get('/login', auth.authenticate('oneaccess-alipay'))
    app.get('/callback', auth.authenticate('oneaccess-alipay', { successRedirect: '/me' }))
    app.get('/me', (req, res) => void res.json({ user: req.user ?? null, secure: req.secure }))
    app.get('/token', async (req, res) => void res.json(await req.oneaccess.idToken()))
    app.use(onError)
  }

  async function logIn(): Promise<Browser> {
    const browser = new Browser(PROXY)
    const begun = await browser.get(`${shop}/login`)
    const person = simulator.people[0]?.id ?? ''
    const back = await browser.post(begun.location, { person, decision: 'agree' })
    expect((await browser.get(back.location)).location).to.equal(`${shop}/me`)
    return browser
  }

  it('logs in behind the proxy, and finds an existing customer by mobile number', async () => {
    const browser = await logIn()
    const user = { ...customers[0], oneaccessID: simulator.people[0]?.id }
    expect((await browser.get(`${shop}/me`)).json()).to.deep.equal({ user, secure: true })
    const login = simulator.calls.find(({ endpoint }) => endpoint === 'login')
    expect(login?.headers['x-device-ip']).to.equal('203.0.113.9')
    expect(counted).to.deep.equal(['login success '])
  })

  it('sends no cookie over plain http', async () => {
    const { headers } = await new Browser().get(`${shop}/login`)
    expect(headers.get('set-cookie')).to.equal(null)
  })

  it('makes a user with an old login log in again', async () => {
    const browser = await logIn()
    await browser.get(`${shop}/old`)
    expect((await browser.get(`${shop}/me`)).location).to.equal(`${shop}/login`)
    expect((await browser.get(`${shop}/me`)).json()).to.include({ user: null })
  })

  it('shows the user a message, and logs the error', async () => {
    const logged: unknown[] = []
    const { error } = console
    console.error = (one: unknown) => logged.push(one)
    const page = await new Browser(PROXY).get(`${shop}/token`)
    console.error = error
    expect(page.status).to.equal(401)
    expect(page.json()).to.deep.equal({ message: 'Please log in again.' })
    expect(logged).to.have.nested.property('[0].code', 'not_logged_in')
  })

  it('closes the server and exits on SIGTERM', async () => {
    const { shutDownCleanly } = (await importBlock(PRODUCTION, 1)) as {
      shutDownCleanly(server: Server, strategy: object, notReady: () => void): void
    }
    const { once, exit } = process
    const signals = new EventEmitter()
    process.once = signals.once.bind(signals) as unknown as typeof process.once
    const ended = new Promise<void>((resolve) => {
      process.exit = (() => resolve()) as unknown as typeof process.exit
    })
    let isReady = true
    shutDownCleanly(server, strategy, () => {
      isReady = false
    })
    process.once = once
    signals.emit('SIGTERM')
    server.closeIdleConnections()
    await ended
    process.exit = exit
    expect([server.listening, isReady]).to.deep.equal([false, false])
  })
})
