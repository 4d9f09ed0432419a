import { expect } from 'chai'
import sinon from 'sinon'
import type { OneAccessError } from '../../lib/index.js'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import type { StoredRecord } from '../../lib/token-store.js'
import { fakeClock } from '../support/clock.js'
import { type AppProcess, LOGIN, logIn, startProcess, timeouts } from '../support/processes.js'
import { Provider, settle } from '../support/provider.js'

const KEY = `tokens:${LOGIN}`

/** A store that can return to an earlier state, as a failover to a lagging replica does. */
class FailingOver extends MemoryTokenStore {
  #before: Awaited<ReturnType<MemoryTokenStore['get']>>

  readonly clock: sinon.SinonFakeTimers

  constructor(clock: sinon.SinonFakeTimers) {
    super()
    this.clock = clock
  }

  /** Ticks first, so that later refreshes have a later `refreshedAt`. */
  async snapshot(): Promise<void> {
    this.clock.tick(1_000)
    this.#before = await super.get(KEY)
  }

  /** Loses every write since the snapshot; without a snapshot, or with `missing`, the record. */
  async failOver(missing = false): Promise<void> {
    const { version = 0 } = (await super.get(KEY)) ?? {}
    await super.compareAndSet(KEY, version, { version: 0, value: 'gone' }, 1)
    this.clock.tick(2)
    if (!missing && this.#before) await super.compareAndSet(KEY, 0, this.#before, 3_600_000)
  }
}

/** Gives a store `onReconnect`, and returns a function that reconnects. */
function reconnectable(store: MemoryTokenStore): () => void {
  const listeners: (() => void)[] = []
  const onReconnect = (listener: () => void) => void listeners.push(listener)
  Object.assign(store, { onReconnect })
  return () => {
    for (const listener of listeners) listener()
  }
}

describe('a store that loses writes in a failover', () => {
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

  it('gets newer tokens back from the process that knows them', async () => {
    await refresh(app)
    await store.failOver()
    await app.records.read(LOGIN)
    expect((await another().records.read(LOGIN)).record.sessionToken).to.equal('session-1')
    await refresh(another())
    expect(provider.presented).to.deep.equal(['session-0', 'session-1'])
  })

  it('gets them back under a higher version than it ever had', async () => {
    await refresh(app)
    const { version } = (await store.get(KEY)) ?? { version: 0 }
    await store.failOver()
    await app.records.read(LOGIN)
    expect((await store.get(KEY))?.version).to.equal(version + 1)
  })

  it('gets them back although failed refreshes have raised its version further', async () => {
    await refresh(app)
    await store.failOver()
    for (let n = 0; n < 3; n++) {
      provider.fail('busy')
      await another()
        .request()
        .refresh()
        .catch(() => {})
      clock.tick(60_000)
    }
    await app.records.read(LOGIN)
    expect((await another().records.read(LOGIN)).record.sessionToken).to.equal('session-1')
  })

  it('gets them back although another process writes at the same moment', async () => {
    await refresh(app)
    await store.failOver()
    const held = app.store.hold('compareAndSet')
    const read = app.records.read(LOGIN)
    await held.arrived
    const { version, record } = await another().records.read(LOGIN)
    await another().records.replace(LOGIN, version, record)
    held.release()
    expect((await read).record.sessionToken).to.equal('session-1')
    expect((await another().records.read(LOGIN)).record.sessionToken).to.equal('session-1')
  })

  it('gets the tokens of a refresh that was in progress during the failover', async () => {
    await refresh(app)
    clock.tick(1_000)
    const held = provider.holdAnswer()
    const renewal = app.request().refresh()
    await held.arrived
    await store.failOver()
    held.release()
    await renewal
    await app.refresher.drain()
    expect((await another().records.read(LOGIN)).record.sessionToken).to.equal('session-2')
  })

  it('gets recent writes back on reconnect, before any request', async () => {
    const reconnected = reconnectable(store)
    const writer = another()
    await refresh(writer)
    await store.failOver()
    reconnected()
    await settle()
    expect((await another().records.read(LOGIN)).record.sessionToken).to.equal('session-1')
  })

  it('is read twice for ten reconnects in a row, and once for a later one', async () => {
    const reconnected = reconnectable(store)
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

  it('gets a tombstone back although others have raised its version further', async () => {
    await app.records.end(LOGIN, 'logout')
    await store.failOver()
    for (let n = 0; n < 3; n++) {
      const { version, record } = await another().records.read(LOGIN)
      await another().records.replace(LOGIN, version, record)
    }
    expect((await app.records.read(LOGIN)).record.ended?.reason).to.equal('logout')
    expect((await another().records.read(LOGIN)).record.ended?.reason).to.equal('logout')
  })

  it('gets a tombstone back', async () => {
    await app.records.end(LOGIN, 'logout')
    await store.failOver()
    await app.records.read(LOGIN)
    expect((await another().records.read(LOGIN)).record.ended?.reason).to.equal('logout')
  })

  it('gets back an end that OneAccess has reported, if nobody has written since', async () => {
    const { version } = await app.records.read(LOGIN)
    await app.records.endAt(LOGIN, version, 'refused')
    await store.failOver()
    expect((await app.records.read(LOGIN)).record.ended?.reason).to.equal('refused')
  })

  it('keeps a refresh that replaced such an end', async () => {
    const { version, record } = await app.records.read(LOGIN)
    await app.records.endAt(LOGIN, version, 'refused')
    await another().records.replace(LOGIN, version + 1, record)
    expect((await app.records.read(LOGIN)).record.ended).to.equal(undefined)
  })

  it('keeps its tombstone although a process knows newer tokens', async () => {
    await refresh(app)
    await store.failOver()
    await another().records.end(LOGIN, 'logout')
    expect((await app.records.read(LOGIN)).record.ended?.reason).to.equal('logout')
    expect((await store.get(KEY))?.value).to.include('"logout"')
  })

  it('keeps the record of another user', async () => {
    await refresh(app)
    await store.failOver()
    const { version, record } = await another().records.read(LOGIN)
    await another().records.replace(LOGIN, version, { ...record, userID: 'somebody-else' })
    expect((await app.records.read(LOGIN)).record.userID).to.equal('somebody-else')
  })

  it('does not get back a newer version that is not a later refresh', async () => {
    const { version, record } = await app.records.read(LOGIN)
    const setback = { count: 1, notBefore: 0, code: 'busy' }
    await app.records.replace(LOGIN, version, { ...record, setback } as typeof record)
    await store.failOver()
    expect((await app.records.read(LOGIN)).record.setback).to.equal(undefined)
  })

  it('does not get a missing record back, as another process may have logged the user out', async () => {
    await refresh(app)
    await store.failOver(true)
    expect((await app.records.read(LOGIN)).record.ended?.reason).to.equal('missing')
    expect(await store.get(KEY)).to.equal(undefined)
  })

  it('gets a missing record back if it is exclusive to one process', async () => {
    Object.assign(store, { exclusive: true })
    await refresh(app)
    await store.failOver(true)
    expect((await app.records.read(LOGIN)).record.sessionToken).to.equal('session-1')
    expect((await another().records.read(LOGIN)).record.sessionToken).to.equal('session-1')
  })

  it('does not get a missing record back after its session has expired, even if it is exclusive to one process', async () => {
    Object.assign(store, { exclusive: true })
    await refresh(app)
    clock.tick(604_801_000)
    await store.failOver(true)
    expect((await app.records.read(LOGIN)).record.ended?.reason).to.equal('missing')
    expect(await store.get(KEY)).to.equal(undefined)
  })

  it('does not get a missing tombstone back, even if it is exclusive to one process', async () => {
    Object.assign(store, { exclusive: true })
    await app.records.end(LOGIN, 'logout')
    await store.failOver(true)
    expect((await app.records.read(LOGIN)).record.ended?.reason).to.equal('missing')
    expect(await store.get(KEY)).to.equal(undefined)
  })
})

describe('a refusal soon after the store has reconnected', () => {
  let provider: Provider
  let clock: sinon.SinonFakeTimers
  let store: FailingOver
  let app: AppProcess
  let other: AppProcess
  let reconnected: () => void
  beforeEach(async () => {
    provider = new Provider()
    clock = fakeClock()
    store = new FailingOver(clock)
    reconnected = reconnectable(store)
    app = startProcess(provider, { store })
    other = startProcess(provider, { store })
    await logIn(app, provider)
    await store.snapshot()
  })
  afterEach(() => sinon.restore())

  const refreshRefused = () =>
    other
      .request()
      .refresh()
      .catch((error: OneAccessError) => error)

  /** A failover loses the refresh of `app`, and `other` reconnects first. */
  async function loseRefresh(): Promise<void> {
    await app.request().refresh()
    await app.refresher.drain()
    app.store.down() // it has not reconnected yet
    await store.failOver()
    reconnected()
    await settle()
  }

  it('does not end the login before a process that knows newer tokens can write them back', async () => {
    await loseRefresh()
    expect(await refreshRefused()).to.include({ code: 'connection_lost', status: 503 })
    expect((await other.stored()).ended).to.equal(undefined)
    app.store.up()
    await clock.tickAsync(500)
    await settle()
    expect((await other.stored()).sessionToken).to.equal('session-1')
    await other.request().refresh()
    expect(provider.presented).to.deep.equal(['session-0', 'session-0', 'session-1'])
  })

  it('leaves time for a write-back, which is retried until it succeeds; drain() waits for it', async () => {
    await loseRefresh()
    let drained = false
    app.records.recent.drain().then(() => {
      drained = true
    })
    await clock.tickAsync(5_000)
    expect(drained).to.equal(false)
    app.store.up()
    await clock.tickAsync(500)
    await settle()
    expect(drained).to.equal(true)
    expect((await other.stored()).sessionToken).to.equal('session-1')
  })

  it('is prevented by a process that has only read the newer tokens', async () => {
    const reader = startProcess(provider, { store })
    await app.request().refresh()
    await app.refresher.drain()
    await reader.records.read(LOGIN)
    app.store.down()
    await store.failOver()
    reconnected()
    await settle()
    expect((await other.stored()).sessionToken).to.equal('session-1')
  })

  it('does not make drain() wait more than a minute for a store that stays down', async () => {
    await loseRefresh()
    let drained = false
    app.records.recent.drain().then(() => {
      drained = true
    })
    await clock.tickAsync(59_000)
    expect(drained).to.equal(false)
    await clock.tickAsync(2_000)
    expect(drained).to.equal(true)
  })

  it('ends the login as rotation_lost if no newer tokens were written back within a lease', async () => {
    await loseRefresh()
    await refreshRefused()
    await clock.tickAsync(timeouts.lease)
    expect((await other.stored()).ended).to.equal(undefined)
    await clock.tickAsync(2)
    expect(await refreshRefused()).to.include({ code: 'session_ended', status: 401 })
    expect((await other.stored()).ended?.reason).to.equal('rotation_lost')
  })

  it('ends the login at once as refused a minute after the reconnect', async () => {
    reconnected()
    await clock.tickAsync(60_000)
    provider.endSession()
    expect(await refreshRefused()).to.include({ code: 'session_ended', status: 401 })
    expect((await other.stored()).ended?.reason).to.equal('refused')
  })
})

describe('a lagging replica', () => {
  /** After `cut()`, `get()` of these keys returns what they had then. */
  class Lagging extends MemoryTokenStore {
    #old: Map<string, StoredRecord | undefined> | undefined

    async cut(...keys: string[]): Promise<void> {
      this.#old = new Map()
      for (const key of keys) this.#old.set(key, await super.get(key))
    }

    override async get(key: string) {
      return this.#old?.has(key) ? this.#old.get(key) : super.get(key)
    }

    getLatest(key: string) {
      return super.get(key)
    }
  }

  let provider: Provider
  let store: Lagging
  let app: AppProcess
  let other: AppProcess
  beforeEach(async () => {
    sinon.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    provider = new Provider()
    store = new Lagging()
    app = startProcess(provider, { store })
    other = startProcess(provider, { store })
  })
  afterEach(() => sinon.restore())

  const refresh = async (one: AppProcess) => {
    sinon.clock.tick(1_000)
    await one.request().refresh()
    await one.refresher.drain()
  }

  it('logs nobody out: a missing record is read from the primary', async () => {
    await store.cut(KEY)
    await logIn(app, provider)
    expect((await other.records.read(LOGIN)).record.sessionToken).to.equal('session-0')
  })

  it('logs nobody out by an end that has been replaced', async () => {
    await logIn(app, provider)
    const { version, record } = await app.records.read(LOGIN)
    await app.records.endAt(LOGIN, version, 'refused')
    await store.cut(KEY)
    await app.records.replace(LOGIN, version + 1, record)
    expect((await other.records.read(LOGIN)).record.ended).to.equal(undefined)
  })

  it('lets no process send a session token that has been replaced', async () => {
    await logIn(app, provider)
    await store.cut(KEY)
    await refresh(app)
    await refresh(other)
    await refresh(app)
    expect(provider.presented).to.deep.equal(['session-0', 'session-1', 'session-2'])
    expect((await store.getLatest(KEY))?.value).to.include('session-3')
  })

  it('does not prevent a logout, which starts from an older version', async () => {
    await logIn(app, provider)
    await store.cut(KEY)
    await refresh(app)
    await other.records.end(LOGIN, 'logout')
    expect((await store.getLatest(KEY))?.value).to.include('"logout"')
  })

  it('loses no login started in another tab: readText() returns the latest text', async () => {
    const key = 'a key of the app’s'
    await app.records.replaceText(key, 0, 'one tab', 60_000)
    await store.cut(key)
    await app.records.replaceText(key, 1, 'two tabs', 60_000)
    expect(await other.records.readText(key)).to.deep.equal({ version: 2, text: 'two tabs' })
  })
})
