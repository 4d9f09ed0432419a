import { expect } from 'chai'
import sinon from 'sinon'
import {
  OneAccessAlipayStrategy,
  type OneAccessError,
  type StrategyOptions,
} from '../../lib/index.js'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import { sealWith } from '../../lib/tokens/seal.js'
import { type AppProcess, LOGIN, logIn, startProcess } from '../support/processes.js'
import { Provider } from '../support/provider.js'

const OLD = 'an old secret of at least 32 characters'
const NEW = 'a new secret, also of 32 characters or more'
const KEY = `tokens:${LOGIN}`

const UNREADABLE = { code: 'misconfigured', step: 'store', status: 503 }

const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('nothing failed'),
    (error: unknown) => error as OneAccessError,
  )

describe('TokenRepository', () => {
  let provider: Provider
  let store: MemoryTokenStore
  beforeEach(() => {
    provider = new Provider()
    store = new MemoryTokenStore()
  })

  const start = (...secrets: string[]): AppProcess => {
    const [first, ...others] = secrets
    const seal = first === undefined ? {} : { seal: sealWith([first, ...others]) }
    return startProcess(provider, { store, ...seal })
  }

  /** A process with a read whose response, the record as it is now, is held back. */
  async function startSlowRead() {
    const app = start()
    await logIn(app, provider)
    const slow = app.store.holdAnswer('get')
    const reading = app.records.read(LOGIN)
    await slow.arrived
    return { app, slow, reading }
  }

  describe('reading a record', () => {
    const sound = {
      format: 1,
      sessionToken: 's',
      refreshedAt: 1,
      device: { osVersion: 'a', fingerprint: 'b', ip: 'c', agent: 'd' },
    }
    const UNREADABLE_VALUES: Record<string, unknown> = {
      'truncated JSON': '{"format":1',
      'an empty string': '',
      'a number': '7',
      'JSON of a session': { cookie: { path: '/' }, passport: { user: 1 } },
      'an older version': { ...sound, format: 0 },
      'a newer version': { ...sound, format: 2 },
      'no session token': { ...sound, sessionToken: undefined },
      'a session token that is an object': { ...sound, sessionToken: { $gt: '' } },
      'an id_token that is a number': { ...sound, idToken: 7 },
      'a time that is text': { ...sound, expiresAt: '2026-01-01' },
      'a time that is infinite': JSON.stringify({ ...sound, expiresAt: 0 }).replace(
        '":0',
        '":1e999',
      ),
      'no device': { ...sound, device: undefined },
      'an incomplete device': { ...sound, device: { osVersion: 'a' } },
      'a tenant that is an array': { ...sound, tenantID: ['a'] },
      'a presented mark that is text': { ...sound, presented: 'yes' },
      'a presented mark without a process': { ...sound, presented: {} },
      'a backoff without a time': { ...sound, setback: { count: 1, code: 'busy' } },
      'an end without a reason': { ...sound, ended: { at: 1 } },
      'an end that is null': { ...sound, ended: null },
    }

    it('succeeds for a complete record', async () => {
      await store.compareAndSet(KEY, 0, { version: 1, value: JSON.stringify(sound) }, 60_000)
      expect((await start().records.read(LOGIN)).record.ended).to.equal(undefined)
    })

    for (const [name, content] of Object.entries(UNREADABLE_VALUES)) {
      it(`rejects with 503, changes nothing, and affects no other login: ${name}`, async () => {
        const app = start()
        await logIn(app, provider, 300, 'sound')
        const value = typeof content === 'string' ? content : JSON.stringify(content)
        await store.compareAndSet(KEY, 0, { version: 1, value }, 60_000)
        const error = await app
          .request()
          .idToken()
          .catch((thrown) => thrown)
        const newer = name === 'a newer version'
        expect(error).to.include({
          code: newer ? 'misconfigured' : 'store_failed',
          step: 'store',
          status: 503,
        })
        expect(error.message).to.include('a record cannot be read')
        expect(await app.request('sound').idToken()).to.match(/^e30\./)
        expect(await store.get(KEY)).to.deep.equal({ version: 1, value })
        expect(provider.presented).to.deep.equal([])
      })
    }

    it('succeeds for a newer format with readableFrom 1, and a refresh keeps its unknown fields', async () => {
      const app = start()
      await logIn(app, provider)
      const { version, value } = (await store.get(KEY)) ?? { version: 0, value: '' }
      const later = { format: 3, readableFrom: 1, region: 'cn-north-4' }
      const text = { ...JSON.parse(value.slice(value.indexOf('{'))), ...later }
      const record = { version: version + 1, value: JSON.stringify(text) }
      await store.compareAndSet(KEY, version, record, 60_000)
      const older = start()
      await older.request().refresh()
      await older.refresher.drain()
      const kept = (await store.get(KEY))?.value ?? ''
      expect(JSON.parse(kept.slice(kept.indexOf('{')))).to.deep.include({
        ...later,
        sessionToken: 'session-1',
      })
    })

    it('is not needed for a logout: an unreadable record is replaced by a tombstone', async () => {
      await store.compareAndSet(KEY, 0, { version: 1, value: 'corrupt' }, 60_000)
      const app = start()
      await app.records.end(LOGIN, 'logout')
      expect((await app.stored()).ended?.reason).to.equal('logout')
    })
  })

  describe('a record that the store no longer has', () => {
    it('ends the login as missing and writes nothing', async () => {
      const error = await start()
        .request()
        .idToken()
        .catch((thrown) => thrown)
      expect(error).to.include({ code: 'session_ended', status: 401 })
      expect(error.message).to.include('missing')
      expect(await store.get(KEY)).to.equal(undefined)
      expect(provider.presented).to.deep.equal([])
    })

    it('is not served from memory once a read has found it missing', async () => {
      const app = start()
      await logIn(app, provider)
      const lost = sinon.stub(app.store, 'get').resolves(undefined)
      await app.records.read(LOGIN)
      expect(app.records.known(LOGIN)?.ended?.reason).to.equal('missing')
      lost.restore()
      await app.records.read(LOGIN)
      expect(app.records.known(LOGIN)?.sessionToken).to.equal('session-0')
    })
  })

  describe('a sealed record', () => {
    it('contains no token in plain text', async () => {
      await logIn(start(OLD), provider)
      const { value } = (await store.get(KEY)) ?? { value: '' }
      expect(value.split('.')).to.have.length(5)
      expect(value).not.to.include('session-0')
      const header = JSON.parse(Buffer.from(value.split('.')[0] ?? '', 'base64url').toString())
      expect(header).to.include({ alg: 'dir', enc: 'A256GCM' })
    })

    it('opens with the second secret, and is sealed with the first at the next refresh', async () => {
      await logIn(start(OLD), provider)
      const rotated = start(NEW, OLD)
      await rotated.request().refresh()
      await rotated.refresher.drain()
      expect((await start(NEW).records.read(LOGIN)).record.sessionToken).to.equal('session-1')
      expect(await failure(start(OLD).records.read(LOGIN))).to.include(UNREADABLE)
    })

    it('is unreadable with another secret and stays readable with its own', async () => {
      await logIn(start(OLD), provider)
      const stranger = start(NEW)
      expect(await failure(stranger.request().idToken())).to.include(UNREADABLE)
      expect(await failure(stranger.records.readText(KEY))).to.include(UNREADABLE)
      expect(await start(OLD).request().idToken()).to.match(/^e30\./)
    })

    it('is unreadable when it was replaced by a plain record or tampered with', async () => {
      await logIn(start(), provider)
      expect(await failure(start(OLD).records.read(LOGIN))).to.include(UNREADABLE)
      await logIn(start(OLD), provider, 300, 'other')
      const { value } = (await store.get('tokens:other')) ?? { value: '' }
      const [head, ...rest] = value.split('.')
      const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
      for (const forged of [
        [none, ...rest],
        [head, 'AAAA', ...rest.slice(1)],
      ]) {
        const { version = 0 } = (await store.get('tokens:other')) ?? {}
        const record = { version: version + 1, value: forged.join('.') }
        await store.compareAndSet('tokens:other', version, record, 60_000)
        expect(await failure(start(OLD).records.read('other'))).to.include(UNREADABLE)
      }
    })
  })

  describe('known()', () => {
    it('keeps a refresh that was saved during a slower read', async () => {
      const { app, slow, reading } = await startSlowRead()
      await app.request().refresh()
      slow.release()
      await reading
      expect(app.records.known(LOGIN)?.sessionToken).to.equal('session-1')
    })

    it('keeps a logout that was saved during a slower read', async () => {
      const { app, slow, reading } = await startSlowRead()
      await app.records.end(LOGIN, 'logout')
      slow.release()
      await reading
      expect(app.records.known(LOGIN)?.ended?.reason).to.equal('logout')
    })

    it('is updated by a read after another process has written', async () => {
      const [app, other] = [start(), start()]
      await logIn(app, provider)
      await other.request().refresh()
      await other.refresher.drain()
      await app.records.read(LOGIN)
      expect(app.records.known(LOGIN)?.sessionToken).to.equal('session-1')
    })

    it('is updated by a slow read although a faster one has found the older record', async () => {
      const [app, other] = [start(), start()]
      await logIn(app, provider)
      const slow = app.store.hold('get')
      const reading = app.records.read(LOGIN)
      await slow.arrived
      await app.records.read(LOGIN)
      await other.request().refresh()
      slow.release()
      await reading
      expect(app.records.known(LOGIN)?.sessionToken).to.equal('session-1')
    })

    it('drops a record after 10,000 others, even during a read of it', async () => {
      const { app, slow, reading } = await startSlowRead()
      await Promise.all(Array.from({ length: 10_000 }, (_, n) => app.records.read(`other ${n}`)))
      expect(app.records.known(LOGIN)).to.equal(undefined)
      slow.release()
      expect((await reading).record.sessionToken).to.equal('session-0')
      expect(app.records.known(LOGIN)?.sessionToken).to.equal('session-0')
    })
  })
})

describe('OneAccessAlipayStrategy, options tokenStore and timeouts', () => {
  const construct = (options: Pick<StrategyOptions, 'timeouts' | 'tokenStore'>) => () =>
    new OneAccessAlipayStrategy(
      { domain: 'a.example', clientID: 'c', clientSecret: 's', ...options },
      async () => null,
    )

  for (const lacking of [
    'get',
    'compareAndSet',
    'acquireLease',
    'renewLease',
    'releaseLease',
  ] as const) {
    it(`throws a TypeError that names ${lacking}() for a store without it`, () => {
      const store = new MemoryTokenStore()
      const incomplete = Object.assign(Object.create(store), { [lacking]: undefined })
      const message = new RegExp(`tokenStore.*\\b${lacking}\\(\\)`)
      expect(construct({ tokenStore: incomplete })).to.throw(TypeError, message)
      expect(construct({ tokenStore: { store: incomplete } })).to.throw(TypeError, message)
    })
  }

  it('throws a TypeError that names the timeout for durations that contradict each other', () => {
    expect(construct({ timeouts: { refresh: 20_000 } })).to.throw(TypeError, 'timeouts.lease')
    expect(construct({ timeouts: { lease: 15_000 } })).to.throw(TypeError, 'timeouts.lease')
    expect(construct({ timeouts: { wait: 15_001 } })).to.throw(TypeError, 'timeouts.wait')
    expect(construct({ timeouts: { wait: 1_000, refresh: 2_000, lease: 2_001 } })).not.to.throw()
  })

  it('throws a TypeError for a short secret or an empty list of secrets', () => {
    const store = new MemoryTokenStore()
    for (const secret of ['short', [], [OLD, 'short'], 7 as never]) {
      expect(construct({ tokenStore: { store, secret } })).to.throw(TypeError, 'tokenStore.secret')
    }
  })
})
