// One app with several faces, in a process of its own, so that its processor time is its own.
import { IncomingMessage, ServerResponse } from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import express, { type Express, type RequestHandler } from 'express'
import openid from 'express-openid-connect'
import session from 'express-session'
import { Passport } from 'passport'
import { ACCESS_SECRET, strategyAt } from '../peers/ours.js'
import { serve } from './child.js'
import { randomFrom, shuffled } from './statistics.js'

/** An app, and the cookie that its requests come with. */
export interface Face {
  name: string
  cookie: string
}

/** Faces that take turns, `times` requests at a time. */
export interface Comparison {
  faces: Face[]
  blocks: number
  times: number
  seed: number
}

/** Blocks that are not counted. */
const WARM_UP = 100

const apps = new Map<string, Express>()
const secret = ACCESS_SECRET

/** The same app: with `backgroundRefresh()`, without, with a middleware that only sets a property, and without anything. */
function addApps(origin: string): void {
  const strategy = strategyAt(origin)
  const passport = new Passport()
  passport.use(strategy)
  passport.serializeUser(strategy.serializeUser((user) => user.id))
  passport.deserializeUser((id: string, done) => done(null, { id }))
  const store = new session.MemoryStore()
  const kept = session({ secret, store, resave: false, saveUninitialized: false })
  const login = passport.authenticate('oneaccess-alipay', { flow: 'app' })
  const refresh = strategy.backgroundRefresh()
  const faces: [name: string, middleware: RequestHandler[]][] = [
    ['without', []],
    ['with', [refresh]],
    ['property', [setProperty]],
  ]
  for (const [name, middleware] of faces) {
    const app = express()
    app.use(kept, passport.session(), ...middleware)
    app.post('/login', express.json(), login, (_req, res) => void res.json({}))
    apps.set(name, withPage(app))
  }
  apps.set('plain', withPage(express()))
}

/** The least that a middleware can do: any new property makes Node copy the properties of the request. */
const setProperty: RequestHandler = (req, _res, next) => {
  Object.assign(req, { mark: secret })
  next()
}

/** The same page behind express-openid-connect, whose session is a sealed cookie. */
function addPeer(): void {
  const app = express()
  app.use(
    openid.auth({
      baseURL: 'https://shop.example.com',
      issuerBaseURL: 'https://idp.example.com',
      clientID: 'bench-client',
      secret,
      authRequired: false,
    }),
  )
  app.post('/login', express.json(), (req, res) => {
    Object.assign(Reflect.get(req, 'appSession'), req.body)
    res.json({})
  })
  apps.set('express-openid-connect', withPage(app))
}

function withPage(app: Express): Express {
  return app.get('/page', (req, res) => {
    res.json({ orders: [], expires: req.oneaccess?.expiresAt !== undefined })
  })
}

serve({
  listen: async (origin: string) => {
    addApps(origin)
    addPeer()
    const ports: Record<string, number> = {}
    for (const [name, app] of apps) {
      const server = app.listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      ports[name] = (server.address() as AddressInfo).port
    }
    return ports
  },
  /** Microseconds of processor time so far. */
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  /**
   * Microseconds of processor time per request of each face, block by block. The requests are passed to the
   * app without a connection around them.
   */
  compare: async ({ faces, blocks, times, seed }: Comparison) => {
    const costs = faces.map((): number[] => [])
    const random = randomFrom(seed)
    for (let block = -WARM_UP; block < blocks; block++) {
      for (const [n, face] of shuffled([...faces.entries()], random)) {
        const cost = await costOf(face, times)
        if (block >= 0) costs[n]?.push(cost)
      }
    }
    return costs
  },
})

async function costOf({ name, cookie }: Face, times: number): Promise<number> {
  const app = apps.get(name)
  if (app === undefined) throw new Error(`there is no ${name}`)
  const before = process.cpuUsage()
  for (let i = 0; i < times; i++) await inject(app, cookie)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / times
}

/** What the network and its streams cost differs more from round to round than what is looked for. */
function inject(app: Express, cookie: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const req = new IncomingMessage(new Socket())
    Object.assign(req, { method: 'GET', url: '/page', headers: { cookie, host: 'localhost' } })
    const res = new ServerResponse(req)
    const end: (...given: unknown[]) => ServerResponse = () => {
      if (res.statusCode === 200) resolve()
      else reject(new Error(`the page answered ${res.statusCode}`))
      return res
    }
    Object.assign(res, { end })
    app(req, res)
  })
}
