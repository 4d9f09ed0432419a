import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express, { type Request } from 'express'
import session, { MemoryStore } from 'express-session'
import passport from 'passport'
import { OneAccessAlipayStrategy, type StrategyOptions } from '../../lib/index.js'
import type { EndEvent } from '../../lib/tokens/events.js'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { Browser } from '../support/browser.js'
import { outcomeOf } from '../support/shop.js'

const NAMES = ['one', 'two'] as const
type Name = (typeof NAMES)[number]

const SETUPS = {
  'two applications': (name: Name) => ({ clientID: `client-${name}` }),
  'one ISV application in two tenants': (name: Name) => ({ tenantID: `tenant-${name}` }),
}

for (const [setup, own] of Object.entries(SETUPS))
  describe(`two strategies in one app, for ${setup}`, () => {
    const simulators: Simulator[] = []
    const strategies = new Map<Name, OneAccessAlipayStrategy<{ id: string; by: Name }>>()
    let url = ''
    let close = async () => {}
    let keepSessionInfo = false

    beforeEach(async () => {
      keepSessionInfo = false
      const app = express()
      const server = app.listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      for (const name of NAMES) {
        const simulator = await startSimulator({ rotation: 'always', ...own(name) })
        simulators.push(simulator)
        strategies.set(name, strategyFor(name, simulator))
      }
      addRoutes(app)
      close = async () => {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    })
    afterEach(async () => {
      await close()
      for (const simulator of simulators.splice(0)) await simulator.close()
      for (const strategy of strategies.values()) await strategy.drain()
    })

    function strategyFor(name: Name, { domain, authorizationURL, ...simulator }: Simulator) {
      const { clientID, clientSecret, alipayAppID } = simulator
      const callbackURL = `${url}/${name}/callback`
      const app = { clientID, clientSecret, alipayAppID, callbackURL }
      const options: StrategyOptions = { domain, authorizationURL, ...app, ...own(name) }
      return new OneAccessAlipayStrategy<{ id: string; by: Name }>(
        { ...options, passReqToCallback: false },
        async (_tokens, profile) => ({ id: profile.id, by: name }),
      )
    }

    const by = (name: Name) => strategies.get(name) as OneAccessAlipayStrategy

    function addRoutes(app: express.Express): void {
      const authenticator = new passport.Passport()
      const serializers = NAMES.map((name) => by(name).serializeUser((user) => user))
      authenticator.serializeUser((req: Request, user: object, done: (error: unknown) => void) => {
        serializers[NAMES.indexOf((user as { by: Name }).by)]?.(req, user, done)
      })
      authenticator.deserializeUser((user: object, done) => done(null, user))
      const store = new MemoryStore()
      app.use(session({ secret: 'tests', resave: false, saveUninitialized: false, store }))
      app.use(authenticator.session())
      for (const name of NAMES) {
        authenticator.use(name, by(name) as never)
        app.use(by(name).backgroundRefresh())
      }
      for (const name of NAMES) {
        app.get(`/${name}`, authenticator.authenticate(name))
        app.get(`/${name}/callback`, (req, res, next) => {
          authenticator.authenticate(name, { keepSessionInfo } as object, (...given: unknown[]) => {
            const [error, user, info] = given
            if (error) return next(error)
            if (!user) return res.json({ verb: 'fail', info })
            req.logIn(user as never, { session: true, keepSessionInfo }, (failure) => {
              failure ? next(failure) : res.json({ verb: 'success', user })
            })
          })(req, res, next)
        })
        app.get(`/${name}/challenge`, async (req, res) => {
          res.json((await by(name).challenge(req)) ?? null)
        })
      }
      app.post('/refresh', async (req, res) => {
        await req.oneaccess.refresh()
        res.json({})
      })
      app.use(((error, _req, res, _next) => {
        res.status(error.status ?? 500).json({ verb: 'error', code: error.code })
      }) as express.ErrorRequestHandler)
    }

    const simulatorOf = (name: Name) => simulators[NAMES.indexOf(name)] as Simulator
    const goTo = async (name: Name, browser: Browser, person = simulatorOf(name).people[0]) => {
      const { location } = await browser.get(`${url}/${name}`)
      return (await browser.post(location, { person: person?.id ?? '', decision: 'agree' }))
        .location
    }
    const logIn = async (name: Name, browser: Browser) =>
      outcomeOf(await browser.get(await goTo(name, browser)))

    it('keep their attempts separate: a state of one is unknown to the other', async () => {
      const browser = new Browser()
      const callback = await goTo('one', browser)
      const mixed = outcomeOf(await browser.get(callback.replace('/one/', '/two/')))
      expect(mixed.info?.code).to.equal('state_unknown')
      expect(simulatorOf('two').count('login')).to.equal(0)
      expect(outcomeOf(await browser.get(callback)).verb).to.equal('success')
    })

    it('keep their challenges separate', async () => {
      const browser = new Browser()
      const person = simulatorOf('one').people.find((each) => each.outcome === 'SOCIAL_BIND')
      const outcome = outcomeOf(await browser.get(await goTo('one', browser, person)))
      expect(outcome.info?.code).to.equal('social_bind')
      expect((await browser.get(`${url}/two/challenge`)).json()).to.equal(null)
      expect((await browser.get(`${url}/one/challenge`)).json()).to.include({
        status: 'SOCIAL_BIND',
      })
    })

    it('end the tokens of one at a login with the other, even with keepSessionInfo', async () => {
      keepSessionInfo = true
      const browser = new Browser()
      await logIn('one', browser)
      const ends: unknown[] = []
      const listen = (event: unknown) => ends.push((event as EndEvent).reason)
      subscribe('passport-oneaccess-alipay:end', listen)
      expect((await logIn('two', browser)).verb).to.equal('success')
      unsubscribe('passport-oneaccess-alipay:end', listen)
      expect(ends).to.deep.equal(['login'])
      expect((await browser.post(`${url}/refresh`)).status).to.equal(200)
      expect(simulatorOf('one').count('refresh-id-token')).to.equal(0)
      expect(simulatorOf('two').count('refresh-id-token')).to.equal(1)
    })

    for (const name of NAMES) {
      it(`refresh the tokens of strategy ${name} at its own tenant only`, async () => {
        const browser = new Browser()
        expect((await logIn(name, browser)).verb).to.equal('success')
        expect((await browser.post(`${url}/refresh`)).status).to.equal(200)
        const counts = NAMES.map((each) => simulatorOf(each).count('refresh-id-token'))
        expect(counts).to.deep.equal(NAMES.map((each) => (each === name ? 1 : 0)))
      })
    }
  })
