import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import type { Express, Request } from 'express'
import type session from 'express-session'
import { MemoryStore } from 'express-session'
import sinon from 'sinon'
import { watchDestroyed } from '../../lib/session/destroyed-sessions.js'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import type { EndEvent } from '../../lib/tokens/events.js'
import type { TokenManager } from '../../lib/tokens/manager.js'
import { logIn, openShop, type Shop, type ShopOptions } from '../support/shop.js'

type Found = (error: unknown, session?: session.SessionData | null) => void
type Sessions = Record<string, { passport?: { user?: string }; cookie: { expires?: unknown } }>

/** Like a store with a connection pool, in which destroy() may overtake get(). */
class Pooled extends MemoryStore {
  override get(sid: string, found: Found): void {
    setImmediate(() => super.get(sid, found))
  }
}

/** Destroys the session that it reads, and returns a promise that rejects. */
class Tidy extends MemoryStore {
  override get(sid: string, found: Found): Promise<never> {
    super.get(sid, found)
    this.destroy(sid)
    return Promise.reject(new Error('of the store'))
  }
}

/** Stores in memory take a few turns of the event loop for each operation. */
async function settled(): Promise<void> {
  for (let n = 0; n < 100; n++) await turn()
}

describe('a destroyed session', () => {
  let shop: Shop
  let sessions: MemoryStore
  let ends: string[]
  const listen = (event: unknown) => ends.push((event as EndEvent).reason)
  beforeEach(() => {
    ends = []
    subscribe('passport-oneaccess-alipay:end', listen)
  })
  afterEach(async () => {
    unsubscribe('passport-oneaccess-alipay:end', listen)
    await shop.close()
  })

  async function open(store: MemoryStore, more: ShopOptions = {}) {
    sessions = store
    shop = await openShop({ store, ...more })
    const { browser } = await logIn(shop)
    expect((await browser.get(`${shop.url}/me`)).status).to.equal(200)
    return browser
  }

  /** All sessions, as an admin page would list them. */
  function all(): Promise<Sessions> {
    return new Promise((resolve, reject) => {
      sessions.all((error, found) => (error ? reject(error) : resolve({ ...found } as Sessions)))
    })
  }

  /** The ids of the sessions with a logged-in user. */
  async function loggedIn(): Promise<string[]> {
    return Object.entries(await all()).flatMap(([sid, { passport, cookie }]) => {
      expect(cookie).to.have.property('expires')
      return passport?.user === undefined ? [] : [sid]
    })
  }

  async function destroyAll(): Promise<void> {
    for (const sid of await loggedIn()) {
      await new Promise<void>((resolve) => sessions.destroy(sid, () => resolve()))
    }
    await settled()
  }

  for (const [storeName, optionsOf] of [
    ['the default token store', () => ({})],
    ['a configured token store', () => ({ strategy: { tokenStore: new MemoryTokenStore() } })],
  ] as [string, () => ShopOptions][]) {
    it(`ends its tokens in ${storeName}`, async () => {
      const browser = await open(new MemoryStore(), optionsOf())
      await destroyAll()
      expect(ends).to.deep.equal(['logout'])
      expect((await browser.get(`${shop.url}/me`)).status).to.equal(401)
    })
  }

  it('ends its tokens when the app destroys it without logout()', async () => {
    const leave = (app: Express) => {
      app.post('/leave', (req, res) => req.session.destroy(() => res.send('out')))
    }
    const browser = await open(new MemoryStore(), { routes: leave })
    expect((await browser.post(`${shop.url}/leave`)).text).to.equal('out')
    await settled()
    expect(ends).to.deep.equal(['logout'])
  })

  it('keeps its tokens when the app regenerates it and copies its data', async () => {
    const renew = (app: Express) => {
      app.post('/renew', (req, res) => {
        const { cookie, ...kept } = req.session
        req.session.regenerate(() => {
          Object.assign(req.session, kept)
          res.send('renewed')
        })
      })
    }
    const browser = await open(new MemoryStore(), { routes: renew })
    const [before] = await loggedIn()
    expect((await browser.post(`${shop.url}/renew`)).text).to.equal('renewed')
    expect(await loggedIn())
      .to.have.length(1)
      .and.not.include(before)
    expect((await browser.get(`${shop.url}/token`)).status).to.equal(200)
    expect(ends).to.deep.equal([])
  })

  it('does not end the tokens of another user', async () => {
    await open(new MemoryStore())
    const { browser } = await logIn(shop)
    const [first = ''] = await loggedIn()
    sessions.destroy(first)
    await settled()
    expect(ends).to.have.length(1)
    expect((await browser.get(`${shop.url}/token`)).status).to.equal(200)
  })

  it('logs the user out, but does not end the tokens, when the store reads it too late', async () => {
    const browser = await open(new Pooled())
    await destroyAll()
    expect(ends).to.deep.equal([])
    expect((await browser.get(`${shop.url}/me`)).status).to.equal(401)
  })

  it('ends its tokens once when the store destroys what it reads and rejects', async () => {
    const browser = await open(new MemoryStore())
    Object.assign(sessions, { get: Tidy.prototype.get })
    await destroyAll()
    Reflect.deleteProperty(sessions, 'get') // express-session would not handle the rejection
    expect(ends).to.deep.equal(['logout'])
    expect((await browser.get(`${shop.url}/me`)).status).to.equal(401)
  })

  it('is destroyed immediately, and destroy() returns what the store returns', async () => {
    await open(new MemoryStore())
    const [sid = ''] = await loggedIn()
    const answer = { of: 'the store' }
    class Answering extends MemoryStore {
      override destroy(...given: Parameters<MemoryStore['destroy']>): never {
        super.destroy(...given)
        return answer as never
      }
    }
    sessions.destroy(sid)
    expect(await loggedIn()).to.deep.equal([])
    await shop.close()
    await open(new Answering())
    expect(sessions.destroy((await loggedIn())[0] ?? '')).to.equal(answer)
  })

  it('is read again after 1,000 others if its store never answers', async () => {
    await open(new MemoryStore())
    let reads = 0
    Object.assign(sessions, { get: () => void reads++ })
    for (let n = 0; n < 10_000; n++) sessions.destroy(`session ${n}`)
    sessions.destroy('session 9999')
    expect(reads).to.equal(10_000)
    sessions.destroy('session 0')
    expect(reads).to.equal(10_001)
  })
})

describe('watchDestroyed', () => {
  const KEY = 'oneaccess:shop'

  /** A manager that records which logins it has ended. */
  function managerOf() {
    const ended: string[] = []
    const end = async (id: string) => void ended.push(id)
    return { ended, manager: { records: { end } } as unknown as TokenManager }
  }

  /** A store with these sessions, as far as it is watched. */
  function storeOf(sessions: Record<string, unknown>, more: object = {}) {
    const destroyed: string[] = []
    const destroy = (sid: string) => void destroyed.push(sid)
    const get = sinon.spy((sid: string, found: Found) => found(null, sessions[sid] as never))
    return { destroyed, store: { get, destroy, regenerate: () => {}, ...more } }
  }

  const watch = (store: object, manager: TokenManager, key = KEY) =>
    watchDestroyed({ sessionStore: store } as unknown as Request, key, manager)

  it('ends the logins of every strategy that shares the store, and reads each session once', () => {
    const [shop, wholesale] = [managerOf(), managerOf()]
    const { store, destroyed } = storeOf({
      s1: { [KEY]: { record: 'a' }, 'oneaccess:wholesale': { record: 'b' } },
    })
    for (let n = 0; n < 3; n++) {
      watch(store, shop.manager)
      watch(store, wholesale.manager, 'oneaccess:wholesale')
    }
    store.destroy('s1')
    expect(shop.ended).to.deep.equal(['a'])
    expect(wholesale.ended).to.deep.equal(['b'])
    expect(store.get.callCount).to.equal(1)
    expect(destroyed).to.deep.equal(['s1'])
  })

  it('reads a session again that is destroyed a second time', () => {
    const { ended, manager } = managerOf()
    const sessions: Record<string, unknown> = {}
    const { store } = storeOf(sessions)
    watch(store, manager)
    store.destroy('s1')
    sessions.s1 = { [KEY]: { record: 'a' } }
    store.destroy('s1')
    expect(ended).to.deep.equal(['a'])
  })

  it('ends nothing for a session without a login', () => {
    const { ended, manager } = managerOf()
    const { store } = storeOf({ s1: { cart: 1 }, s2: { [KEY]: { challenge: 'c' } } })
    watch(store, manager)
    for (const sid of ['s1', 's2', 's3']) store.destroy(sid)
    expect(ended).to.deep.equal([])
  })

  it('destroys a session although reading it throws', () => {
    const { manager } = managerOf()
    const get = () => {
      throw new Error('of the store')
    }
    const { store, destroyed } = storeOf({}, { get })
    watch(store, manager)
    store.destroy('s1')
    store.destroy('s1')
    expect(destroyed).to.deep.equal(['s1', 's1'])
  })

  for (const missing of ['get', 'destroy', 'regenerate']) {
    it(`leaves a store without ${missing}() as it is`, () => {
      const { store } = storeOf({}, { [missing]: undefined })
      const before = { ...store }
      watch(store, managerOf().manager)
      expect(store).to.deep.equal(before)
    })
  }
})
