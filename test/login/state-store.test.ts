import { expect } from 'chai'
import sinon from 'sinon'
import { MOST_OPEN, StateStore } from '../../lib/login/state-store.js'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import type { StoredRecord } from '../../lib/token-store.js'
import { TokenRepository } from '../../lib/tokens/repository.js'
import { noSeal } from '../../lib/tokens/seal.js'
import { FaultyStore } from '../support/faulty-store.js'

const TTL = 60_000

/** A store that records the keys and the last ttl that were written. */
class OpenStore extends MemoryTokenStore {
  readonly keys = new Set<string>()
  lastTTL: number | undefined

  override compareAndSet(
    key: string,
    expected: number,
    record: StoredRecord,
    ttl: number,
  ): Promise<boolean> {
    this.keys.add(key)
    this.lastTTL = ttl
    return super.compareAndSet(key, expected, record, ttl)
  }
}

describe('StateStore', () => {
  let store: OpenStore
  let calls: FaultyStore
  let attempts: StateStore
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ['Date'] })
    store = new OpenStore()
    calls = new FaultyStore(store)
    attempts = attemptsIn(calls)
  })
  afterEach(() => clock.restore())

  const attemptsIn = (inner: FaultyStore) =>
    new StateStore(new TokenRepository(inner, noSeal, 1_000), TTL)
  /** The values of all records. */
  const stored = async () => {
    const all = await Promise.all([...store.keys].map((key) => store.get(key)))
    return all.map((one) => one?.value ?? '').join('\n')
  }
  /** Overwrites the only record. */
  const damage = async (value: string) => {
    const [key = ''] = store.keys
    const version = (await store.get(key))?.version ?? 0
    await store.compareAndSet(key, version, { version: version + 1, value }, 100 * TTL)
  }
  const outcomesOf = (states: string[], session = 'one') =>
    Promise.all(states.map(async (state) => (await attempts.spend([session], state)).outcome))
  const openMany = async (count: number) => {
    const states: string[] = []
    for (let n = 0; n < count; n++) states.push(await attempts.open('one'))
    return states
  }

  it('returns the value of each state once', async () => {
    const one = await attempts.open('one', { returnTo: '/1' })
    const two = await attempts.open('one', null)
    const three = await attempts.open('one')
    expect(await attempts.spend(['one'], two)).to.deep.equal({ outcome: 'valid', value: null })
    expect(await attempts.spend(['one'], one)).to.deep.equal({
      outcome: 'valid',
      value: { returnTo: '/1' },
    })
    expect(await attempts.spend(['one'], three)).to.deep.equal({
      outcome: 'valid',
      value: undefined,
    })
    expect(await outcomesOf([one, two, three])).to.deep.equal(['spent', 'spent', 'spent'])
  })

  it('finds a state only in its own session or in a former session of the browser', async () => {
    const state = await attempts.open('one', 'cart')
    await attempts.open('two')
    expect(await attempts.spend(['two', 'three'], state)).to.deep.equal({ outcome: 'unknown' })
    expect(await attempts.spend([], state)).to.deep.equal({ outcome: 'unknown' })
    const found = await attempts.spend(['three', 'two', 'one'], state)
    expect(found).to.deep.equal({ outcome: 'valid', isFormer: true, value: 'cart' })
    expect(await attempts.spend(['two', 'one'], state)).to.deep.equal({ outcome: 'spent' })
  })

  it('stops reading at the session that has the state', async () => {
    const state = await attempts.open('one')
    await attempts.spend(['one', 'two'], state)
    expect(calls.count('get')).to.equal(1)
  })

  it('writes the first attempt of a session without reading', async () => {
    await attempts.open('one')
    expect(calls.calls).to.deep.equal(['compareAndSet'])
  })

  it('stores the state only as a hash, and removes the value of a spent attempt', async () => {
    const spent = await attempts.open('one', { cart: 'four apples' })
    const open = await attempts.open('one', { cart: 'two pears' })
    await attempts.spend(['one'], spent)
    const text = await stored()
    expect(text).to.include('two pears').and.to.not.include('four apples')
    expect(text).to.not.include(open).and.to.not.include(spent)
    expect([...store.keys].join()).to.match(/^attempts:/)
  })

  it('accepts a state for exactly stateTTL, then reports it as expired', async () => {
    const [first = '', second = ''] = await openMany(2)
    clock.tick(TTL)
    expect(await outcomesOf([first])).to.deep.equal(['valid'])
    clock.tick(1)
    expect(await outcomesOf([second, first])).to.deep.equal(['expired', 'spent'])
  })

  it('reports a state as expired for another stateTTL, then as unknown', async () => {
    const [late = ''] = await openMany(1)
    expect(store.lastTTL).to.equal(2 * TTL)
    clock.tick(2 * TTL - 1)
    expect(await outcomesOf([late])).to.deep.equal(['expired'])
    clock.tick(1)
    expect(await outcomesOf([late])).to.deep.equal(['unknown'])
  })

  it('drops the oldest attempt when more than MOST_OPEN are open', async () => {
    const [oldest = '', ...others] = await openMany(MOST_OPEN + 1)
    expect(await outcomesOf([oldest])).to.deep.equal(['unknown'])
    const outcomes = []
    for (const state of others) outcomes.push(...(await outcomesOf([state])))
    expect(outcomes).to.deep.equal(Array(MOST_OPEN).fill('valid'))
  })

  it('does not drop open attempts for spent ones, or spent ones for open ones', async () => {
    const waiting = await attempts.open('one')
    const done = await openMany(MOST_OPEN - 1)
    for (const state of done) await outcomesOf([state])
    await openMany(MOST_OPEN - 2)
    expect(await outcomesOf(done)).to.deep.equal(done.map(() => 'spent'))
    expect(await outcomesOf([waiting])).to.deep.equal(['valid'])
  })

  it('keeps only the newest spent attempts, so that the record does not grow', async () => {
    const done = []
    for (let n = 0; n < 30; n++) {
      const state = await attempts.open('one')
      await attempts.spend(['one'], state)
      done.push(state)
    }
    await attempts.open('one')
    const text = await stored()
    expect(JSON.parse(text.slice(text.indexOf('[')))).to.have.length(MOST_OPEN)
    // of the spent ones, only the newest are found
    expect(await outcomesOf(done.slice(1 - MOST_OPEN))).to.not.include('unknown')
    expect(await outcomesOf(done.slice(0, 1 - MOST_OPEN))).to.not.include('spent')
  })

  it('keeps all of 8 attempts that two processes open at the same time', async () => {
    const other = attemptsIn(new FaultyStore(store))
    const states = await Promise.all(
      Array.from({ length: MOST_OPEN }, (_, n) => (n % 2 ? attempts : other).open('one', n)),
    )
    const values = []
    for (const state of states) values.push(await attempts.spend(['one'], state))
    expect(values).to.deep.equal(states.map((_, value) => ({ outcome: 'valid', value })))
  })

  it('spends a state once, even if two processes read it before either writes', async () => {
    const there = new FaultyStore(store)
    const other = attemptsIn(there)
    const state = await attempts.open('one')
    const held = there.hold('compareAndSet')
    const late = other.spend(['one'], state)
    await held.arrived
    expect(await attempts.spend(['one'], state)).to.have.property('outcome', 'valid')
    held.release()
    expect(await late).to.deep.equal({ outcome: 'spent' })
  })

  it('creates a new record when the conflicting one has just expired', async () => {
    const set = store.compareAndSet
    store.compareAndSet = async () => {
      store.compareAndSet = set
      return false
    }
    const state = await attempts.open('one', 'cart')
    expect(await attempts.spend(['one'], state)).to.deep.equal({ outcome: 'valid', value: 'cart' })
  })

  it('writes nothing for an unknown or expired state', async () => {
    const [state = ''] = await openMany(1)
    await outcomesOf(['0'.repeat(40)])
    clock.tick(TTL + 1)
    await outcomesOf([state])
    expect(calls.count('compareAndSet')).to.equal(1)
  })

  it('accepts a value of 4096 bytes of JSON and rejects a larger one', async () => {
    const largest = 'x'.repeat(4_094) // 4096 bytes with the quotes
    const state = await attempts.open('one', largest)
    expect(await attempts.spend(['one'], state)).to.have.property('value', largest)
    let rejection: unknown
    await attempts.open('one', `${largest}x`).catch((error) => {
      rejection = error
    })
    expect(rejection).to.be.instanceOf(TypeError)
    expect(String(rejection)).to.match(/authenticate: option state must be at most 4096 bytes/)
  })

  it('rejects a value that is not JSON-serializable and stores nothing', async () => {
    for (const value of [() => 1, Symbol('cart'), 7n]) {
      const error = await attempts.open('one', value).catch((reason: unknown) => reason)
      expect(error).to.be.instanceOf(TypeError)
      expect(String(error)).to.match(/option state must be JSON-serializable$/)
    }
    expect(calls.calls).to.deep.equal([])
  })

  it('errors with 503 store_failed after 50 lost writes', async () => {
    const state = await attempts.open('one')
    store.compareAndSet = async () => false
    for (const work of [attempts.open('one'), attempts.spend(['one'], state)]) {
      const error = await work.then(
        () => undefined,
        (reason) => reason,
      )
      expect(error).to.include({ code: 'store_failed', status: 503 })
      expect(error.message).to.include('the record changed too often')
    }
    expect(calls.count('compareAndSet')).to.equal(1 + (1 + 50) + 50)
  })

  const damages = [
    '',
    'not JSON',
    'null',
    '{"length":1,"0":{}}',
    '[null,7,"text",[]]',
    '[{"at":1767225600000},{"hash":7,"at":1767225600000}]',
    '[{"hash":"short","at":1767225600000}]',
  ]
  for (const text of damages) {
    it(`treats the attempts in a damaged record as unknown: ${text || 'empty'}`, async () => {
      const [lost = ''] = await openMany(1)
      await damage(text)
      expect(await outcomesOf([lost])).to.deep.equal(['unknown'])
      const next = await attempts.open('one')
      expect(await outcomesOf([next, next])).to.include('valid')
    })
  }

  for (const at of ['"2026"', 'null', '{}']) {
    it(`treats an attempt with the invalid time ${at} as unknown, not as endless`, async () => {
      const [state = ''] = await openMany(1)
      await damage((await stored()).replace(/"at":\d+/, `"at":${at}`))
      clock.tick(10 * TTL)
      expect(await outcomesOf([state])).to.deep.equal(['unknown'])
    })
  }
})
