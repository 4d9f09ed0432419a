import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import sinon from 'sinon'
import { fail, type Outcome } from '../../lib/login/outcome.js'
import { RequestDeduplicator } from '../../lib/login/request-deduplicator.js'
import type { PendingLogin } from '../../lib/session/serialize.js'
import { deferred } from '../support/deferred.js'

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void

describe('RequestDeduplicator', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
  })
  afterEach(() => clock.restore())

  const verdictOnce = (outcome: () => Outcome) => {
    let calls = 0
    const work = async () => {
      calls++
      return outcome()
    }
    return { work, count: () => calls }
  }

  it('gives a second delivery in the same browser the first one’s result, for a minute', async () => {
    const deduplicator = new RequestDeduplicator()
    const { work, count } = verdictOnce(() => fail('declined'))
    const first = await deduplicator.once('state', ['s1'], work)
    clock.tick(59_000)
    expect(await deduplicator.once('state', ['s1'], work)).to.equal(first)
    expect(count()).to.equal(1)
    clock.tick(2_000)
    await deduplicator.once('state', ['s1'], work)
    expect(count()).to.equal(2)
  })

  it('gives another browser nothing of it', async () => {
    const deduplicator = new RequestDeduplicator()
    const { work, count } = verdictOnce(() => fail('declined'))
    await deduplicator.once('state', ['s1'], work)
    await deduplicator.once('state', ['s2'], work)
    expect(count()).to.equal(2)
  })

  it('knows a browser that has had another session since, by any of its own', async () => {
    const deduplicator = new RequestDeduplicator()
    const { work, count } = verdictOnce(() => fail('declined'))
    await deduplicator.once('state', ['s1', 's0'], work)
    await deduplicator.once('state', ['s2', 's1'], work)
    expect(count()).to.equal(1)
  })

  it('keeps the first browser’s result, though another comes with the same state', async () => {
    const deduplicator = new RequestDeduplicator()
    const first = await deduplicator.once('state', ['s1'], async () => fail('declined'))
    const other = await deduplicator.once('state', ['s2'], async () => fail('state_unknown'))
    const { work, count } = verdictOnce(() => fail('code_missing'))
    expect(await deduplicator.once('state', ['s1'], work)).to.equal(first)
    expect(count()).to.equal(0)
    expect(await deduplicator.once('state', ['s2'], async () => other)).to.equal(other)
  })

  it('makes a second delivery wait for the first', async () => {
    const deduplicator = new RequestDeduplicator()
    const { promise, resolve } = deferred<Outcome>()
    const first = deduplicator.once('state', ['s1'], () => promise)
    const second = deduplicator.once('state', ['s1'], async () => fail('state_spent'))
    resolve(fail('declined'))
    expect(await second).to.equal(await first)
  })

  it('gives a login again, unless whoever it was has logged out since', async () => {
    const deduplicator = new RequestDeduplicator()
    let over = false
    const login = { isOver: () => over } as PendingLogin
    const success: Outcome = { verb: 'success', user: { id: 'u1' }, info: {}, login }
    const { work } = verdictOnce(() => success)
    await deduplicator.once('state', ['s1'], work)
    expect(await deduplicator.once('state', ['s1'], work)).to.equal(success)
    over = true
    expect(await deduplicator.once('state', ['s1'], work)).to.deep.equal(fail('state_spent'))
  })

  it('begins anew with what is forgotten', async () => {
    const deduplicator = new RequestDeduplicator()
    const { work, count } = verdictOnce(() => fail('declined'))
    await deduplicator.once('state', ['s1'], work)
    deduplicator.forget('another')
    await deduplicator.once('state', ['s1'], work)
    deduplicator.forget('state')
    await deduplicator.once('state', ['s1'], work)
    expect(count()).to.equal(2)
  })

  it('keeps no result in memory that is over, for it holds the tokens of a login', async () => {
    const deduplicator = new RequestDeduplicator()
    let result: WeakRef<Outcome> | undefined
    await deduplicator.once('state', ['s1'], async () => {
      const outcome = fail('declined')
      result = new WeakRef(outcome)
      return outcome
    })
    clock.tick(61_000)
    await deduplicator.once('another', ['s2'], async () => fail('declined'))
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
    expect(result?.deref()).to.equal(undefined)
  })
})
