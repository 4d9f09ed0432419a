import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express, { type Request } from 'express'
import session from 'express-session'
import { Localizer } from '../../lib/localize.js'
import { regenerateForChallenge } from '../../lib/session/regenerate-for-challenge.js'
import { KeptTokens, NoTokens } from '../../lib/session/request-tokens.js'
import type { TokenManager, TokenManagers } from '../../lib/tokens/manager.js'

const KEY = 'oneaccess:client'

describe('regenerateForChallenge', () => {
  let server: Server
  let ended: unknown[][]
  const messages = new Localizer()
  const manager = {
    messages,
    records: {
      async end(...given: unknown[]) {
        ended.push(given)
        throw new Error('the store is away')
      },
    },
  } as unknown as TokenManager
  const managers = { messages, for: () => manager } as unknown as TokenManagers

  /** Runs `regenerateForChallenge` in a request whose session contains `kept`. */
  async function enter(
    kept: object,
    around: { before?: (req: Request) => void; after?: (req: Request) => unknown } = {},
  ): Promise<{ session: Record<string, unknown>; own: string[]; seen: unknown; error: string }> {
    ended = []
    const app = express()
    app.use(session({ secret: 'of a test', resave: false, saveUninitialized: true }))
    app.get('/', async (req, res) => {
      for (const [name, value] of Object.entries(kept)) {
        const property = { value, enumerable: true, configurable: true, writable: true }
        Object.defineProperty(req.session, name, property)
      }
      around.before?.(req)
      const error = await regenerateForChallenge(req, { key: KEY, challenge: 'c1', managers }).then(
        () => '',
        (thrown: Error) => thrown.message,
      )
      const { cookie, ...rest } = req.session
      const seen = await around.after?.(req)
      res.json({ session: rest, own: Object.getOwnPropertyNames(req.session), seen, error })
    })
    server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return (await fetch(`http://127.0.0.1:${port}/`)).json() as ReturnType<typeof enter>
  }
  afterEach(() => server.close())

  for (const name of ['cart', 'secrets', 'topSecret', 'my_secret', 'cookies', 'oneaccess']) {
    it(`copies what the app keeps in the session as ${name}`, async () => {
      expect((await enter({ [name]: 'kept' })).session).to.include({ [name]: 'kept' })
    })
  }

  for (const name of [
    'passport',
    '__proto__',
    'csrfToken',
    'csrfSecret',
    '_csrf',
    'xsrf',
    'XSRF-TOKEN',
    'secret',
    '_secret',
    'Secret',
    'oneaccess:another',
  ]) {
    it(`does not copy ${name} from the old session`, async () => {
      const isInherited = (req: Request) => 'planted' in req.session
      const { own, seen } = await enter({ [name]: { planted: true } }, { after: isInherited })
      expect(own).to.not.include(name)
      expect(seen).to.equal(false)
    })
  }

  it('leaves behind a login that Passport keeps under another key', async () => {
    const before = (req: Request) => Object.assign(req, { _sessionManager: { _key: 'staff' } })
    const { own } = await enter({ staff: { user: 'admin' }, cart: 'kept' }, { before })
    expect(own).to.include('cart').and.not.include('staff')
  })

  it('creates a new cookie without the changes to the old one', async () => {
    const before = (req: Request) => {
      req.session.cookie.maxAge = 1_000
    }
    const { seen } = await enter(
      {},
      { before, after: (req) => req.session.cookie.maxAge ?? 'none' },
    )
    expect(seen).to.equal('none')
  })

  it('errors if the store keeps the session id, which may have been planted', async () => {
    const { error, session } = await enter(
      {},
      {
        before(req) {
          const { session } = req
          session.regenerate = (done) => {
            done(undefined)
            return session
          }
        },
      },
    )
    expect(error)
      .to.include('session_not_regenerated')
      .and.to.include('a session store whose sessions')
    expect(session).to.not.have.property(KEY)
  })

  it('ends the previous login and removes its tokens from the request, even if the store fails', async () => {
    const before = (req: Request) => {
      req.oneaccess = new KeptTokens('r1', manager, req, '')
    }
    const after = (req: Request) => String(req.oneaccess instanceof NoTokens)
    const { error, seen, session } = await enter({ [KEY]: { record: 'r1' } }, { before, after })
    expect(error).to.equal('')
    expect(ended).to.deep.equal([['r1', 'login']])
    expect(seen).to.equal('true')
    expect(session[KEY]).to.include({ challenge: 'c1' }).and.not.have.property('record')
  })

  it('ends nothing without a previous login, and adds no req.oneaccess without the middleware', async () => {
    const { seen } = await enter({}, { after: (req) => String(req.oneaccess) })
    expect(ended).to.deep.equal([])
    expect(seen).to.equal('undefined')
  })
})
