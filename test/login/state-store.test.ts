import { expect } from 'chai'
import sinon from 'sinon'
import { MOST_OPEN, StateStore } from '../../lib/login/state-store.js'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import type { StoredRecord } from '../../lib/token-store.js'
import { TokenRepository } from '../../lib/tokens/repository.js'
import { noSeal } from '../../lib/tokens/seal.js'
import { FaultyStore } from '../support/faulty-store.js'

const TTL = 60_000

/** A store that shows what lies in it, and how long it was told to keep it. */
class OpenStore extends MemoryTokenStore {
  readonly keys = new Set<string>()
  life: number | undefined

  override compareAndSet(
    key: string,
    expected: number,
    record: StoredRecord,
    ttl: number,
  ): Promise<boolean> {
    this.keys.add(key)
    this.life = ttl
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
  /** All that the store holds, as text. */
  const stored = async () => {
    const all = await Promise.all([...store.keys].map((key) => store.get(key)))
    return all.map((one) => one?.value ?? '').join('\n')
  }
  /** Puts a text in the place of the one record. */
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

  it('gives each value back once, with its own state', async () => {
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

  it('knows a state in its own session only, or in one that the same browser had before', async () => {
    const state = await attempts.open('one', 'cart')
    await attempts.open('two')
    expect(await attempts.spend(['two', 'three'], state)).to.deep.equal({ outcome: 'unknown' })
    expect(await attempts.spend([], state)).to.deep.equal({ outcome: 'unknown' })
    const found = await attempts.spend(['three', 'two', 'one'], state)
    expect(found).to.deep.equal({ outcome: 'valid', isFormer: true, value: 'cart' })
    expect(await attempts.spend(['two', 'one'], state)).to.deep.equal({ outcome: 'spent' })
  })

  it('looks no further than where it has found the state', async () => {
    const state = await attempts.open('one')
    await attempts.spend(['one', 'two'], state)
    expect(calls.count('get')).to.equal(1)
  })

  it('reads nothing to write the first attempt of a session', async () => {
    await attempts.open('one')
    expect(calls.calls).to.deep.equal(['compareAndSet'])
  })

  it('stores neither a readable state nor the value of a finished login', async () => {
    const spent = await attempts.open('one', { cart: 'four apples' })
    const open = await attempts.open('one', { cart: 'two pears' })
    await attempts.spend(['one'], spent)
    const text = await stored()
    expect(text).to.include('two pears').and.to.not.include('four apples')
    expect(text).to.not.include(open).and.to.not.include(spent)
    expect([...store.keys].join()).to.match(/^attempts:/)
  })

  it('spends a state up to the last millisecond of its life, and then says that it is late', async () => {
    const [first = '', second = ''] = await openMany(2)
    clock.tick(TTL)
    expect(await outcomesOf([first])).to.deep.equal(['valid'])
    clock.tick(1)
    expect(await outcomesOf([second, first])).to.deep.equal(['expired', 'spent'])
  })

  it('can say so as long again as an attempt lives, and then keeps nothing', async () => {
    const [late = ''] = await openMany(1)
    expect(store.life).to.equal(2 * TTL)
    clock.tick(2 * TTL - 1)
    expect(await outcomesOf([late])).to.deep.equal(['expired'])
    clock.tick(1)
    expect(await outcomesOf([late])).to.deep.equal(['unknown'])
  })

  it('lets the oldest go when more are open than may be', async () => {
    const [oldest = '', ...others] = await openMany(MOST_OPEN + 1)
    expect(await outcomesOf([oldest])).to.deep.equal(['unknown'])
    const outcomes = []
    for (const state of others) outcomes.push(...(await outcomesOf([state])))
    expect(outcomes).to.deep.equal(Array(MOST_OPEN).fill('valid'))
  })

  it('loses no open attempt to those that are done, nor the other way round', async () => {
    const waiting = await attempts.open('one')
    const done = await openMany(MOST_OPEN - 1)
    for (const state of done) await outcomesOf([state])
    await openMany(MOST_OPEN - 2)
    expect(await outcomesOf(done)).to.deep.equal(done.map(() => 'spent'))
    expect(await outcomesOf([waiting])).to.deep.equal(['valid'])
  })

  it('keeps a record that does not grow, however often a user logs in', async () => {
    const done = []
    for (let n = 0; n < 30; n++) {
      const state = await attempts.open('one')
      await attempts.spend(['one'], state)
      done.push(state)
    }
    await attempts.open('one')
    const text = await stored()
    expect(JSON.parse(text.slice(text.indexOf('[')))).to.have.length(MOST_OPEN)
    // what is remembered of them is the newest
    expect(await outcomesOf(done.slice(1 - MOST_OPEN))).to.not.include('unknown')
    expect(await outcomesOf(done.slice(0, 1 - MOST_OPEN))).to.not.include('spent')
  })

  it('loses none of many that start at once, in two processes', async () => {
    const other = attemptsIn(new FaultyStore(store))
    const states = await Promise.all(
      Array.from({ length: MOST_OPEN }, (_, n) => (n % 2 ? attempts : other).open('one', n)),
    )
    const values = []
    for (const state of states) values.push(await attempts.spend(['one'], state))
    expect(values).to.deep.equal(states.map((_, value) => ({ outcome: 'valid', value })))
  })

  it('spends a state once, though two processes have read it before either writes', async () => {
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

  it('starts a record anew when the one that was in its way has just ended', async () => {
    const set = store.compareAndSet
    store.compareAndSet = async () => {
      store.compareAndSet = set
      return false
    }
    const state = await attempts.open('one', 'cart')
    expect(await attempts.spend(['one'], state)).to.deep.equal({ outcome: 'valid', value: 'cart' })
  })

  it('changes nothing by a state that it does not spend', async () => {
    const [state = ''] = await openMany(1)
    await outcomesOf(['0'.repeat(40)])
    clock.tick(TTL + 1)
    await outcomesOf([state])
    expect(calls.count('compareAndSet')).to.equal(1)
  })

  it('accepts a value of 4096 bytes of JSON, and refuses one more by name', async () => {
    const largest = 'x'.repeat(4_094) // and two quotes
    const state = await attempts.open('one', largest)
    expect(await attempts.spend(['one'], state)).to.have.property('value', largest)
    let refusal: unknown
    await attempts.open('one', `${largest}x`).catch((error) => {
      refusal = error
    })
    expect(refusal).to.be.instanceOf(TypeError)
    expect(String(refusal)).to.match(/authenticate: option state must be at most 4096 bytes/)
  })

  it('refuses a value that JSON does not have by name, and keeps nothing', async () => {
    for (const value of [() => 1, Symbol('cart'), 7n]) {
      const error = await attempts.open('one', value).catch((reason: unknown) => reason)
      expect(error).to.be.instanceOf(TypeError)
      expect(String(error)).to.match(/option state must be JSON-serializable$/)
    }
    expect(calls.calls).to.deep.equal([])
  })

  it('fails by the store, with 503, when others are always faster', async () => {
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
    it(`reads a record that is damaged as one without the attempt: ${text || 'empty'}`, async () => {
      const [lost = ''] = await openMany(1)
      await damage(text)
      expect(await outcomesOf([lost])).to.deep.equal(['unknown'])
      const next = await attempts.open('one')
      expect(await outcomesOf([next, next])).to.include('valid')
    })
  }

  for (const at of ['"2026"', 'null', '{}']) {
    it(`never takes an attempt for one that does not end, though its time is ${at}`, async () => {
      const [state = ''] = await openMany(1)
      await damage((await stored()).replace(/"at":\d+/, `"at":${at}`))
      clock.tick(10 * TTL)
      expect(await outcomesOf([state])).to.deep.equal(['unknown'])
    })
  }
})
