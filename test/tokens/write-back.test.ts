import { expect } from 'chai'
import sinon from 'sinon'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import { type AppProcess, LOGIN, logIn, startProcess } from '../support/processes.js'
import { Provider, settle } from '../support/provider.js'

const KEY = `tokens:${LOGIN}`

/** A store that can go back to what it had, as a failover to a replica that lags behind does. */
class FailingOver extends MemoryTokenStore {
  #before: Awaited<ReturnType<MemoryTokenStore['get']>>

  readonly clock: sinon.SinonFakeTimers

  constructor(clock: sinon.SinonFakeTimers) {
    super()
    this.clock = clock
  }

  /** A while after which renewals are later ones. */
  async snapshot(): Promise<void> {
    this.clock.tick(1_000)
    this.#before = await super.get(KEY)
  }

  /** Everything since the snapshot is lost; without one, or with `missing`, the record is. */
  async failOver(missing = false): Promise<void> {
    const { version = 0 } = (await super.get(KEY)) ?? {}
    await super.compareAndSet(KEY, version, { version: 0, value: 'gone' }, 1)
    this.clock.tick(2)
    if (!missing && this.#before) await super.compareAndSet(KEY, 0, this.#before, 3_600_000)
  }
}

describe('a store that goes back in time', () => {
  let provider: Provider
  let clock: sinon.SinonFakeTimers
  let store: FailingOver
  let app: AppProcess
  beforeEach(async () => {
    provider = new Provider()
    clock = sinon.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    store = new FailingOver(clock)
    app = startProcess(provider, { store })
    await logIn(app, provider)
    await store.snapshot()
  })
  afterEach(() => clock.restore())

  const another = () => startProcess(provider, { store })
  const refresh = async (one: AppProcess) => {
    await one.request().refresh()
    await one.refresher.drain()
  }

  it('gets the newer tokens back from the process that has them, and nobody is logged out', async () => {
    await refresh(app)
    await store.failOver()
    await app.records.read(LOGIN)
    expect((await another().records.read(LOGIN)).record.sessionToken).to.equal('session-1')
    await refresh(another())
    expect(provider.presented).to.deep.equal(['session-0', 'session-1'])
  })

  it('gets a higher version than it ever had, so that nothing from before wins later', async () => {
    await refresh(app)
    const { version } = (await store.get(KEY)) ?? { version: 0 }
    await store.failOver()
    await app.records.read(LOGIN)
    expect((await store.get(KEY))?.version).to.equal(version + 1)
  })

  it('gets what was written lately back as soon as it can be reached again, before anybody asks', async () => {
    let reconnected = () => {}
    Object.assign(store, {
      onReconnect: (listener: () => void) => {
        reconnected = listener
      },
    })
    const writer = another()
    await refresh(writer)
    await store.failOver()
    reconnected()
    await settle()
    expect((await another().records.read(LOGIN)).record.sessionToken).to.equal('session-1')
  })

  it('is read once at a time however often the client reconnects, and once more after that', async () => {
    let reconnected = () => {}
    Object.assign(store, {
      onReconnect: (listener: () => void) => {
        reconnected = listener
      },
    })
    const writer = another()
    await refresh(writer)
    const before = writer.store.count('get')
    const held = writer.store.hold('get')
    for (let n = 0; n < 10; n++) reconnected()
    await held.arrived
    held.release()
    await settle()
    expect(writer.store.count('get') - before).to.equal(2)
    reconnected()
    await settle()
    expect(writer.store.count('get') - before).to.equal(3)
  })

  it('gets the end of a login back', async () => {
    await app.records.end(LOGIN, 'logout')
    await store.failOver()
    await app.records.read(LOGIN)
    expect((await another().records.read(LOGIN)).record.ended?.reason).to.equal('logout')
  })

  it('keeps an end that it has: no process brings a login back to life', async () => {
    await refresh(app)
    await store.failOver()
    await another().records.end(LOGIN, 'logout')
    expect((await app.records.read(LOGIN)).record.ended?.reason).to.equal('logout')
    expect((await store.get(KEY))?.value).to.include('"logout"')
  })

  it('keeps the record of somebody else', async () => {
    await refresh(app)
    await store.failOver()
    const { version, record } = await another().records.read(LOGIN)
    await another().records.replace(LOGIN, version, { ...record, userID: 'somebody-else' })
    expect((await app.records.read(LOGIN)).record.userID).to.equal('somebody-else')
  })

  it('keeps what it has when the process knows of no later renewal', async () => {
    const { version, record } = await app.records.read(LOGIN)
    const setback = { count: 1, notBefore: 0, code: 'busy' }
    await app.records.replace(LOGIN, version, { ...record, setback } as typeof record)
    await store.failOver()
    expect((await app.records.read(LOGIN)).record.setback).to.equal(undefined)
  })

  it('gets no record back that it has lost: another process may have logged the person out', async () => {
    await refresh(app)
    await store.failOver(true)
    expect((await app.records.read(LOGIN)).record.ended?.reason).to.equal('missing')
    expect(await store.get(KEY)).to.equal(undefined)
  })

  it('gets a lost record back where one process alone uses it', async () => {
    Object.assign(store, { exclusive: true })
    await refresh(app)
    await store.failOver(true)
    expect((await app.records.read(LOGIN)).record.sessionToken).to.equal('session-1')
    expect((await another().records.read(LOGIN)).record.sessionToken).to.equal('session-1')
  })

  it('gets no ended record back, nor one whose session is over, though one process alone uses it', async () => {
    Object.assign(store, { exclusive: true })
    await app.records.end(LOGIN, 'logout')
    await store.failOver(true)
    expect((await app.records.read(LOGIN)).record.ended?.reason).to.equal('missing')
    expect(await store.get(KEY)).to.equal(undefined)
  })
})

describe('a replica that lags behind', () => {
  it('logs nobody out: what it misses is read where it was written', async () => {
    const provider = new Provider()
    const store = new MemoryTokenStore()
    await logIn(startProcess(provider, { store }), provider)
    class Lagging extends MemoryTokenStore {
      override async get() {
        return undefined
      }
      getLatest(key: string) {
        return store.get(key)
      }
    }
    const found = await startProcess(provider, { store: new Lagging() }).records.read(LOGIN)
    expect(found.record.sessionToken).to.equal('session-0')
  })
})
