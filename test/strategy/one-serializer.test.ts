import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { OneAccessAlipayStrategy } from '../../lib/index.js'
import type { EndEvent } from '../../lib/tokens/events.js'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { Browser } from '../support/browser.js'
import { outcomeOf } from '../support/shop.js'

type User = { id: string; by: string }

for (const count of [2, 3]) {
  describe(`${count} strategies and passport-local that share one wrapped serializer`, () => {
    const names = ['one', 'two', 'three'].slice(0, count)
    const simulators = new Map<string, Simulator>()
    const strategies = new Map<string, OneAccessAlipayStrategy<User>>()
    let url = ''
    let close = async () => {}

    beforeEach(async () => {
      const app = express()
      const server = app.listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      for (const name of names) {
        const clientID = `client-${name}`
        const simulator = await startSimulator({ rotation: 'always', clientID })
        simulators.set(name, simulator)
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
      for (const simulator of simulators.values()) await simulator.close()
      for (const strategy of strategies.values()) await strategy.drain()
    })

    function strategyFor(by: string, simulator: Simulator) {
      const { domain, authorizationURL, clientID, clientSecret, alipayAppID } = simulator
      const callbackURL = `${url}/${by}/callback`
      return new OneAccessAlipayStrategy<User>(
        { domain, authorizationURL, clientID, clientSecret, alipayAppID, callbackURL },
        async (_tokens, profile) => ({ id: profile.id, by }),
      )
    }

    const by = (name: string) => strategies.get(name) as OneAccessAlipayStrategy<User>
    const tenant = (name: string) => simulators.get(name) as Simulator

    function addRoutes(app: express.Express): void {
      const authenticator = new passport.Passport()
      authenticator.serializeUser(by('one').serializeUser((user) => user)) // only the first strategy wraps it
      authenticator.deserializeUser((user: object, done) => done(null, user))
      const local = new LocalStrategy((id, _password, done) => done(null, { id, by: 'local' }))
      authenticator.use(local)
      app.use(session({ secret: 'tests', resave: false, saveUninitialized: false }))
      app.use(authenticator.session())
      for (const name of names) {
        authenticator.use(name, by(name))
        app.use(by(name).backgroundRefresh())
        app.get(`/${name}`, authenticator.authenticate(name))
        app.get(`/${name}/callback`, authenticator.authenticate(name), (req, res) => {
          res.json({ verb: 'success', user: req.user })
        })
      }
      app.post('/local', express.urlencoded(), authenticator.authenticate('local'), (req, res) => {
        res.json({ verb: 'success', user: req.user })
      })
      app.post('/refresh', async (req, res) => {
        await req.oneaccess.refresh()
        res.json({ user: req.user })
      })
      app.post('/logout', by('one').logout(), (_req, res) => void res.json({}))
      app.use(((error, _req, res, _next) => {
        res.status(error.status ?? 500).json({ verb: 'error', error: { code: error.code } })
      }) as express.ErrorRequestHandler)
    }

    async function logIn(name: string, browser: Browser) {
      const { location } = await browser.get(`${url}/${name}`)
      const form = { person: tenant(name).people[0]?.id ?? '', decision: 'agree' }
      return outcomeOf(await browser.get((await browser.post(location, form)).location))
    }
    const logInLocally = (browser: Browser) =>
      browser.post(`${url}/local`, { username: 'li', password: 'x' })
    const refreshes = () => names.map((name) => tenant(name).count('refresh-id-token'))

    for (const name of names) {
      it(`refreshes the tokens of strategy ${name} at its own tenant only`, async () => {
        const browser = new Browser()
        expect((await logIn(name, browser)).user).to.include({ by: name })
        expect((await browser.post(`${url}/refresh`)).status).to.equal(200)
        expect(refreshes()).to.deep.equal(names.map((each) => (each === name ? 1 : 0)))
      })
    }

    it('keeps the tokens of the last login in a browser and ends the earlier ones', async () => {
      const browser = new Browser()
      const ends: string[] = []
      const listen = (event: unknown) => ends.push((event as EndEvent).reason)
      subscribe('passport-oneaccess-alipay:end', listen)
      for (const name of names) await logIn(name, browser)
      unsubscribe('passport-oneaccess-alipay:end', listen)
      expect(ends).to.deep.equal(names.slice(1).map(() => 'login'))
      expect((await browser.post(`${url}/refresh`)).status).to.equal(200)
      expect(refreshes()).to.deep.equal(names.map((_, n) => (n === count - 1 ? 1 : 0)))
    })

    it('errors with other_strategy when tokens are requested after a login with passport-local', async () => {
      const browser = new Browser()
      await logIn('two', browser)
      expect((await logInLocally(browser)).status).to.equal(200)
      const page = await browser.post(`${url}/refresh`)
      expect([page.status, outcomeOf(page).error?.code]).to.deep.equal([401, 'other_strategy'])
      expect(refreshes()).to.deep.equal(names.map(() => 0))
    })

    it('ends the tokens of another strategy at the logout of the first', async () => {
      const browser = new Browser()
      await logIn('two', browser)
      const ends: string[] = []
      const listen = (event: unknown) => ends.push((event as EndEvent).reason)
      subscribe('passport-oneaccess-alipay:end', listen)
      expect((await browser.post(`${url}/logout`)).status).to.equal(200)
      unsubscribe('passport-oneaccess-alipay:end', listen)
      expect(ends).to.deep.equal(['logout'])
    })
  })
}
