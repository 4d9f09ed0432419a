import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import sinon from 'sinon'
import { fail, type Verdict } from '../../lib/login/outcome.js'
import { Deliveries } from '../../lib/login/request-deduplicator.js'
import type { PendingLogin } from '../../lib/session/serialize.js'
import { deferred } from '../support/deferred.js'

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void

describe('Deliveries', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
  })
  afterEach(() => clock.restore())

  const verdictOnce = (verdict: () => Verdict) => {
    let calls = 0
    const work = async () => {
      calls++
      return verdict()
    }
    return { work, count: () => calls }
  }

  it('gives a second delivery in the same browser the first one’s result, for a minute', async () => {
    const deliveries = new Deliveries()
    const { work, count } = verdictOnce(() => fail('declined'))
    const first = await deliveries.once('state', ['s1'], work)
    clock.tick(59_000)
    expect(await deliveries.once('state', ['s1'], work)).to.equal(first)
    expect(count()).to.equal(1)
    clock.tick(2_000)
    await deliveries.once('state', ['s1'], work)
    expect(count()).to.equal(2)
  })

  it('gives another browser nothing of it', async () => {
    const deliveries = new Deliveries()
    const { work, count } = verdictOnce(() => fail('declined'))
    await deliveries.once('state', ['s1'], work)
    await deliveries.once('state', ['s2'], work)
    expect(count()).to.equal(2)
  })

  it('knows a browser that has had another session since, by any of its own', async () => {
    const deliveries = new Deliveries()
    const { work, count } = verdictOnce(() => fail('declined'))
    await deliveries.once('state', ['s1', 's0'], work)
    await deliveries.once('state', ['s2', 's1'], work)
    expect(count()).to.equal(1)
  })

  it('keeps the first browser’s result, though another comes with the same state', async () => {
    const deliveries = new Deliveries()
    const first = await deliveries.once('state', ['s1'], async () => fail('declined'))
    const other = await deliveries.once('state', ['s2'], async () => fail('state_unknown'))
    const { work, count } = verdictOnce(() => fail('code_missing'))
    expect(await deliveries.once('state', ['s1'], work)).to.equal(first)
    expect(count()).to.equal(0)
    expect(await deliveries.once('state', ['s2'], async () => other)).to.equal(other)
  })

  it('makes a second delivery wait for the first', async () => {
    const deliveries = new Deliveries()
    const { promise, resolve } = deferred<Verdict>()
    const first = deliveries.once('state', ['s1'], () => promise)
    const second = deliveries.once('state', ['s1'], async () => fail('state_spent'))
    resolve(fail('declined'))
    expect(await second).to.equal(await first)
  })

  it('gives a login again, unless whoever it was has logged out since', async () => {
    const deliveries = new Deliveries()
    let over = false
    const login = { isOver: () => over } as PendingLogin
    const success: Verdict = { verb: 'success', user: { id: 'u1' }, info: {}, login }
    const { work } = verdictOnce(() => success)
    await deliveries.once('state', ['s1'], work)
    expect(await deliveries.once('state', ['s1'], work)).to.equal(success)
    over = true
    expect(await deliveries.once('state', ['s1'], work)).to.deep.equal(fail('state_spent'))
  })

  it('begins anew with what is forgotten', async () => {
    const deliveries = new Deliveries()
    const { work, count } = verdictOnce(() => fail('declined'))
    await deliveries.once('state', ['s1'], work)
    deliveries.forget('another')
    await deliveries.once('state', ['s1'], work)
    deliveries.forget('state')
    await deliveries.once('state', ['s1'], work)
    expect(count()).to.equal(2)
  })

  it('keeps no result in memory that is over, for it holds the tokens of a login', async () => {
    const deliveries = new Deliveries()
    let result: WeakRef<Verdict> | undefined
    await deliveries.once('state', ['s1'], async () => {
      const verdict = fail('declined')
      result = new WeakRef(verdict)
      return verdict
    })
    clock.tick(61_000)
    await deliveries.once('another', ['s2'], async () => fail('declined'))
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
    expect(result?.deref()).to.equal(undefined)
  })
})
