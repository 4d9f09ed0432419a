import { expect } from 'chai'
import sinon from 'sinon'
import type { TokenStore } from '../../lib/token-store.js'
import { RecentWrites } from '../../lib/tokens/recent-writes.js'
import { fakeClock } from '../support/clock.js'
import { deferred } from '../support/deferred.js'

describe('RecentWrites', () => {
  let clock: sinon.SinonFakeTimers
  let reconnect: () => void
  let reads: string[]
  let read: (id: string) => Promise<unknown>
  let recent: RecentWrites

  beforeEach(() => {
    clock = fakeClock()
    reads = []
    read = async () => {}
    const store = { onReconnect: (listener: () => void) => (reconnect = listener) }
    recent = new RecentWrites(store as unknown as TokenStore, 3, (id) => {
      reads.push(id)
      return read(id)
    })
  })
  afterEach(() => sinon.restore())

  const reconnected = async () => {
    reconnect()
    await recent.drain()
    return reads.splice(0).sort()
  }

  it('reads what was written within the last minute when the store is back', async () => {
    recent.note('a')
    await clock.tickAsync(59_999)
    recent.note('b')
    recent.note('seen, written now', Date.now())
    recent.note('seen, written a minute ago', Date.now() - 60_000)
    expect(await reconnected()).to.deep.equal(['a', 'b', 'seen, written now'])
    await clock.tickAsync(2)
    expect(await reconnected()).to.deep.equal(['b', 'seen, written now'])
  })

  it('keeps a bounded number, the latest', async () => {
    for (const id of ['a', 'b', 'c', 'd']) recent.note(id)
    expect(await reconnected()).to.deep.equal(['b', 'c', 'd'])
  })

  it('says for a minute after a reconnect that writes may be lost', async () => {
    expect(recent.mayBeLost).to.equal(false)
    reconnect()
    expect(recent.mayBeLost).to.equal(true)
    await clock.tickAsync(59_999)
    expect(recent.mayBeLost).to.equal(true)
    await clock.tickAsync(1)
    expect(recent.mayBeLost).to.equal(false)
  })

  it('reads again, every half second, what could not be read', async () => {
    for (const id of ['a', 'b']) recent.note(id)
    read = async (id) => {
      if (id === 'b' && reads.length < 4) throw new Error('down again')
    }
    reconnect()
    await clock.tickAsync(499)
    expect(reads).to.have.members(['a', 'b'])
    await clock.tickAsync(1_000)
    await recent.drain()
    expect(reads.slice(2)).to.deep.equal(['b', 'b'])
  })

  it('gives up what is older than a minute', async () => {
    recent.note('a')
    read = () => Promise.reject(new Error('down'))
    reconnect()
    await clock.tickAsync(61_000)
    await recent.drain()
    expect(reads.length).to.be.within(100, 125)
  })

  it('makes one more round for any number of reconnects during a round', async () => {
    recent.note('a')
    const held = deferred()
    read = () => held.promise
    for (let n = 0; n < 5; n++) reconnect()
    held.resolve()
    await recent.drain()
    expect(reads).to.deep.equal(['a', 'a'])
  })

  it('does nothing for a store that cannot lose a connection', async () => {
    const own = new RecentWrites({} as TokenStore, 3, read)
    own.note('a')
    await own.drain()
    expect(own.mayBeLost).to.equal(false)
  })
})
