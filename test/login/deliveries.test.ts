import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import sinon from 'sinon'
import { Deliveries } from '../../lib/login/deliveries.js'
import { fail, type Verdict } from '../../lib/login/verdict.js'

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
