import { expect } from 'chai'
import sinon from 'sinon'
import { within } from '../../lib/util/deadline.js'
import { timers } from '../../lib/util/timers.js'
import { fakeClock } from '../support/clock.js'
import { deferred } from '../support/deferred.js'

const late = () => new Error('late')

describe('within', () => {
  afterEach(() => sinon.restore())

  it('settles like the promise, and leaves no timer', async () => {
    const clock = fakeClock()
    expect(await within(Promise.resolve(7), 1_000, late)).to.equal(7)
    const error = await within(Promise.reject(new Error('no')), 1_000, late).catch((e) => e)
    expect(error.message).to.equal('no')
    expect(clock.countTimers()).to.equal(0)
  })

  it('rejects exactly at the deadline, and ignores how the promise settles later', async () => {
    const clock = fakeClock()
    const work = deferred<number>()
    let failed: Error | undefined
    const settled = within(work.promise, 1_000, late).catch((error: Error) => {
      failed = error
    })
    clock.tick(999)
    await new Promise(setImmediate)
    expect(failed).to.equal(undefined)
    clock.tick(1)
    await settled
    expect(failed?.message).to.equal('late')
    work.reject(new Error('after all'))
  })

  it('accepts a response that arrived while the process was busy past the deadline', async () => {
    const clock = fakeClock()
    const work = deferred<number>()
    const answer = within(work.promise, 1_000, late)
    setImmediate(() => work.resolve(7)) // read from the socket in the turn in which the timer is due
    clock.tick(60_000)
    expect(await answer).to.equal(7)
  })

  it('uses the replaceable timers of lib/util/timers.ts, not the global ones', async () => {
    const real = timers.setTimeout
    const due: (() => void)[] = []
    timers.setTimeout = ((run: () => void) => due.push(run)) as unknown as typeof setTimeout
    try {
      const failed = within(new Promise(() => {}), 1_000, late).catch((error: Error) => error)
      due[0]?.()
      expect((await failed) as Error).to.have.property('message', 'late')
    } finally {
      timers.setTimeout = real
    }
  })
})
