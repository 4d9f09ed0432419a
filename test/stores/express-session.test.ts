import { expect } from 'chai'
import { MemoryStore, type SessionData } from 'express-session'
import sinon from 'sinon'
import { ExpressSessionTokenStore } from '../../lib/stores/express-session.js'
import { fakeClock } from '../support/clock.js'
import { settle } from '../support/provider.js'

const LIFE = 600_000

describe('ExpressSessionTokenStore, with a session store that never answers a call', () => {
  let clock: sinon.SinonFakeTimers
  let sessions: MemoryStore
  let store: ExpressSessionTokenStore
  beforeEach(async () => {
    clock = fakeClock()
    sessions = new MemoryStore()
    store = new ExpressSessionTokenStore(sessions)
    await write(0, 'first')
  })
  afterEach(() => sinon.restore())

  const write = (expected: number, value: string) =>
    store.compareAndSet('key', expected, { version: expected + 1, value }, LIFE)

  it('starts the next call for the key after 10 seconds', async () => {
    sinon
      .stub(sessions, 'get')
      .onFirstCall()
      .callsFake(() => {})
      .callThrough()
    write(1, 'lost').catch(() => {})
    const next = write(1, 'next')
    let done = false
    next.then(() => {
      done = true
    })
    await clock.tickAsync(9_000)
    await settle()
    expect(done).to.equal(false)
    await clock.tickAsync(1_000)
    expect(await next).to.equal(true)
    expect(await store.get('key')).to.deep.equal({ version: 2, value: 'next' })
  })

  for (const method of ['get', 'set', 'touch'] as const) {
    it(`heeds the callback alone of a store whose ${method}() rejects as well`, async () => {
      const own = sessions[method].bind(sessions) as (...given: unknown[]) => void
      const both = async (...given: unknown[]) => {
        own(...given)
        throw new Error('express-session does not look at this')
      }
      Object.assign(sessions, { [method]: both })
      expect(await write(1, 'second')).to.equal(true)
      await store.touch('key', LIFE)
      expect(await store.get('key')).to.deep.equal({ version: 2, value: 'second' })
    })
  }

  it('rejects a call that is answered after the next one has started, and writes nothing for it', async () => {
    let answer = (_error: unknown, _session?: SessionData | null) => {}
    const get = sinon.stub(sessions, 'get')
    get.callThrough()
    get.onFirstCall().callsFake((_id, callback) => {
      answer = callback
    })
    const late = write(1, 'late').catch((error: Error) => error.message)
    const next = write(1, 'next')
    await settle()
    const before = await new Promise<SessionData | null | undefined>((resolve) => {
      get.wrappedMethod.call(sessions, 'oneaccess:13vi5xy44ws7dp4xzmmaxk', (_error, found) =>
        resolve(found),
      )
    })
    await clock.tickAsync(10_000)
    expect(await next).to.equal(true)
    answer(null, before)
    expect(await late).to.match(/too late/)
    expect(await store.get('key')).to.deep.equal({ version: 2, value: 'next' })
  })
})

describe('ExpressSessionTokenStore, with a session store', () => {
  let sessions: MemoryStore
  let store: ExpressSessionTokenStore
  beforeEach(() => {
    sessions = new MemoryStore()
    store = new ExpressSessionTokenStore(sessions)
  })
  afterEach(() => sinon.restore())

  const write = (expected: number, value = 'v') =>
    store.compareAndSet('key', expected, { version: expected + 1, value }, LIFE)
  const answering = (error: unknown, found?: unknown) =>
    sinon.stub(sessions, 'get').callsFake((_id, callback) => callback(error, found as SessionData))

  for (const [kind, error] of [
    ['an Error', new Error('down')],
    ['a string', 'down'],
    ['an object', { code: 'EACCES' }],
  ] as const) {
    it(`rejects, instead of finding no record, when a call fails with ${kind}`, async () => {
      answering(error)
      for (const call of [store.get('key'), write(0)]) {
        expect(await call.catch((thrown) => thrown)).to.be.instanceOf(Error)
      }
    })

    it(`rejects when a write fails with ${kind}`, async () => {
      sinon.stub(sessions, 'set').callsFake((_id, _session, callback) => callback?.(error))
      expect(await write(0).catch((thrown) => thrown)).to.be.instanceOf(Error)
    })
  }

  it('finds no record when a read fails with ENOENT', async () => {
    for (const error of [{ code: 'ENOENT' }, Object.assign(new Error('no'), { code: 'ENOENT' })]) {
      answering(error)
      expect(await store.get('key')).to.equal(undefined)
      sinon.restore()
    }
  })

  it('reads a malformed record as version -1, and does not overwrite it as a missing one', async () => {
    for (const oneaccess of [{ value: 'v' }, { version: 1 }, { version: '1', value: 'v' }]) {
      answering(null, { cookie: {}, oneaccess })
      expect(await store.get('key')).to.deep.equal({ version: -1, value: '' })
      expect(await write(0)).to.equal(false)
      sinon.restore()
    }
  })

  it('stores a record under a separate key, with a cookie like a session', async () => {
    const set = sinon.spy(sessions, 'set')
    await write(0)
    expect(set.args[0]?.[0]).to.equal('oneaccess:13vi5xy44ws7dp4xzmmaxk')
    expect(set.args[0]?.[1].cookie).to.deep.include({ path: '/', httpOnly: true, maxAge: LIFE })
  })

  it('uses keys of 32 characters, which fit into the key column of any session store', async () => {
    const set = sinon.spy(sessions, 'set')
    for (const key of ['k', `tokens:${'f'.repeat(40)}`, `attempts:${'0'.repeat(32)}`]) {
      await store.compareAndSet(key, 0, { version: 1, value: 'v' }, LIFE)
      expect(set.lastCall.args[0]).to.match(/^oneaccess:[0-9a-z]{22}$/)
    }
  })

  it('rejects, instead of finding no record, when a read gives both an error and a session', async () => {
    answering(new Error('no connection'), {})
    expect(await store.get('key').catch((thrown) => thrown)).to.be.instanceOf(Error)
  })

  it('stores records with the fields passport and cookie.expires, which admin pages read', async () => {
    await write(0)
    const all = await new Promise<object[]>((resolve, reject) => {
      sessions.all((error, found) => (error ? reject(error) : resolve(Object.values(found ?? {}))))
    })
    expect(all).to.have.length(1)
    expect(all[0]).to.have.nested.property('passport')
    expect(all[0]).to.have.nested.property('cookie.expires')
  })

  it('touch() touches the session of the record with the given lifetime', async () => {
    await write(0)
    const touch = sinon.spy(sessions, 'touch')
    await store.touch('key', LIFE)
    const [sid, session] = touch.args[0] ?? []
    expect(sid).to.equal('oneaccess:13vi5xy44ws7dp4xzmmaxk')
    expect(session).to.deep.include({ oneaccess: { version: 1, value: 'v' }, passport: {} })
    expect(session?.cookie).to.deep.include({ maxAge: LIFE, originalMaxAge: LIFE })
    expect(await store.get('key')).to.deep.equal({ version: 1, value: 'v' })
  })

  it('touch() ignores a missing or malformed record', async () => {
    const touch = sinon.spy(sessions, 'touch')
    await store.touch('key', LIFE)
    answering(null, { cookie: {}, oneaccess: { value: 'v' } })
    await store.touch('key', LIFE)
    expect(touch.called).to.equal(false)
  })

  const lives: [setting: string, options: object, interval: number][] = [
    ['has no ttl', {}, 60_000],
    ['has a number as ttl, which the cookie overrides', { ttl: 3 }, 60_000],
    ['has a function ttl of 3 seconds, as in connect-redis', { ttl: () => 3 }, 1_000],
    ['has a function ttl of 90 seconds', { ttl: () => 90 }, 30_000],
    ['has a function ttl of a day', { ttl: () => 86_400 }, 60_000],
    [
      'has a function ttl that reads the cookie',
      { ttl: (one: SessionData) => one.cookie.originalMaxAge },
      60_000,
    ],
    ['has a function ttl that throws', { ttl: () => JSON.parse('') }, 1_000],
    ['has options.ttl in milliseconds, as in memorystore', { options: { ttl: 9_000 } }, 3_000],
    ['has a function as options.ttl', { options: { ttl: () => 9_000 } }, 1_000],
    ['has other options', { options: { path: '/' } }, 60_000],
  ]
  for (const [setting, options, interval] of lives) {
    it(`touchInterval is ${interval} ms when the session store ${setting}`, () => {
      const configured = Object.assign(new MemoryStore(), options)
      expect(new ExpressSessionTokenStore(configured).touchInterval).to.equal(interval)
    })
  }

  it('touch() does nothing if the session store has no touch(), and rejects if that fails', async () => {
    await write(0)
    Object.assign(sessions, { touch: undefined })
    await store.touch('key', LIFE)
    const broken = (_sid: string, _data: SessionData, done: (error: Error) => void) =>
      done(new Error('down'))
    Object.assign(sessions, { touch: broken })
    expect(await store.touch('key', LIFE).catch((error) => error)).to.be.instanceOf(Error)
  })

  it('queues a call while another one for the same key is in progress', async () => {
    const answers: (() => void)[] = []
    const get = sinon.stub(sessions, 'get')
    get.callsFake((id, callback) => {
      answers.push(() => get.wrappedMethod.call(sessions, id, callback))
    })
    const [first, second] = [write(0), write(1)]
    await settle()
    answers.shift()?.()
    expect(await first).to.equal(true)
    await settle()
    const third = write(1, 'another')
    await settle()
    expect(answers).to.have.length(1)
    answers.shift()?.()
    expect(await second).to.equal(true)
    await settle()
    answers.shift()?.()
    expect(await third).to.equal(false)
  })

  it('removes the queue of a key when no call waits', async () => {
    const removed = sinon.spy(Map.prototype, 'delete')
    await write(0)
    await settle()
    expect(removed.args).to.deep.equal([['key']])
  })
})
