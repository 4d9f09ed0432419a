import { expect } from 'chai'
import { MemoryStore, type SessionData } from 'express-session'
import sinon from 'sinon'
import { ExpressSessionTokenStore } from '../../../lib/session/stores/express-session.js'
import { fakeClock } from '../../support/clock.js'
import { settle } from '../../support/provider.js'

const LIFE = 600_000

describe('ExpressSessionTokenStore, over a session store that loses a call', () => {
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

  it('goes on with the next call for that key, 10 seconds after', async () => {
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

  it('writes nothing for a call whose answer comes when the next has begun', async () => {
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
      get.wrappedMethod.call(sessions, 'oneaccess:key', (_error, found) => resolve(found))
    })
    await clock.tickAsync(10_000)
    expect(await next).to.equal(true)
    answer(null, before)
    expect(await late).to.match(/too late/)
    expect(await store.get('key')).to.deep.equal({ version: 2, value: 'next' })
  })
})
