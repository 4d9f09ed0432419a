import { expect } from 'chai'
import sinon from 'sinon'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import { fakeClock } from '../support/clock.js'

describe('MemoryTokenStore, expiry', () => {
  let clock: sinon.SinonFakeTimers
  let store: MemoryTokenStore
  beforeEach(() => {
    clock = fakeClock()
    store = new MemoryTokenStore()
  })
  afterEach(() => sinon.restore())

  const write = (key: string) => store.compareAndSet(key, 0, { version: 1, value: 'v' }, 1_000)

  it('keeps a record and a lease for exactly their ttl', async () => {
    await write('record')
    await store.acquireLease('lease', 'one', 1_000)
    await clock.tickAsync(999)
    expect(await store.get('record')).to.deep.equal({ version: 1, value: 'v' })
    expect(await store.acquireLease('lease', 'two', 1_000)).to.equal(false)
    await clock.tickAsync(1)
    expect(await store.get('record')).to.equal(undefined)
    expect(await store.acquireLease('lease', 'two', 1_000)).to.equal(true)
  })

  it('removes expired records on a write, at most once a minute', async () => {
    await write('old record')
    await store.acquireLease('old lease', 'one', 1_000)
    const removed = sinon.spy(Map.prototype, 'delete')
    await clock.tickAsync(59_999)
    await write('second')
    expect(removed.args.flat()).to.deep.equal([])
    await clock.tickAsync(1)
    await write('third')
    expect(removed.args.flat()).to.deep.equal(['old record', 'old lease'])
  })
})
