import { expect } from 'chai'
import type { Step } from '../../lib/errors.js'
import { LimitedTransport } from '../../lib/transport/limit.js'
import type { Exchange, HttpCall, RawResponse } from '../../lib/transport/message.js'
import { fakeClock } from '../support/clock.js'
import { type Deferred, deferred } from '../support/deferred.js'

const ANSWER: RawResponse = { status: 200, headers: {}, data: '{}' }

function callOf(step: Step, deadline = 10_000): HttpCall {
  return { step, method: 'GET', path: '/', headers: {}, deadline, secrets: [] }
}

/** A transport that answers when it is told to, and says what it has under way. */
class Scripted {
  readonly under: { step: Step; end: Deferred<RawResponse>; cancelled: boolean }[] = []
  readonly send = ({ step }: HttpCall): Exchange => {
    const call = { step, end: deferred<RawResponse>(), cancelled: false }
    this.under.push(call)
    const cancel = () => {
      call.cancelled = true
    }
    return { response: call.end.promise, cancel }
  }

  steps(): Step[] {
    return this.under.map(({ step }) => step)
  }

  async answer(index: number): Promise<void> {
    this.under[index]?.end.resolve(ANSWER)
    await new Promise(setImmediate)
  }
}

describe('LimitedTransport', () => {
  let wire: Scripted

  beforeEach(() => {
    wire = new Scripted()
  })

  const limited = (most: number) => new LimitedTransport(wire.send, most)

  it('keeps a quarter of its places from logins: a refresh goes at once though 600 wait', () => {
    const transport = limited(256)
    for (let i = 0; i < 600; i++) transport.send(callOf('login')).catch(() => {})
    expect(wire.under).to.have.lengthOf(192)
    const staying = ['refresh', 'signature', 'credential', 'keys', 'logout'] as const
    for (const step of staying) {
      transport.send(callOf(step)).catch(() => {})
    }
    expect(wire.steps().slice(192)).to.deep.equal(staying)
  })

  it('keeps a quarter from refreshes: a login goes at once in a storm of them', () => {
    const transport = limited(4)
    for (let i = 0; i < 10; i++) transport.send(callOf('refresh')).catch(() => {})
    transport.send(callOf('login')).catch(() => {})
    expect(wire.steps()).to.deep.equal(['refresh', 'refresh', 'refresh', 'login'])
  })

  it('hands a place on to who waits, refreshes first, each kind in its order', async () => {
    const transport = limited(1)
    const answers = ['login', 'verify', 'refresh', 'keys'] as const
    for (const step of answers) transport.send(callOf(step)).catch(() => {})
    for (let i = 0; i < 4; i++) await wire.answer(i)
    expect(wire.steps()).to.deep.equal(['login', 'refresh', 'keys', 'verify'])
  })

  it('never has more in progress than its places, of whatever kind', async () => {
    const transport = limited(3)
    for (let i = 0; i < 9; i++) {
      transport.send(callOf(i % 2 ? 'login' : 'refresh')).catch(() => {})
      await wire.answer(i - 3)
      expect(wire.under.length - Math.max(i - 2, 0)).to.be.at.most(3)
    }
  })

  it('gives up at the deadline, and frees the place only when the transport has done with it', async () => {
    const clock = fakeClock()
    try {
      const transport = limited(1)
      const late = transport.send(callOf('login', 50)).catch((error: Error) => error)
      const next = transport.send(callOf('login', 1_000))
      clock.tick(50)
      expect(await late).to.include({ code: 'ERR_CANCELED' })
      expect(wire.under.map(({ cancelled }) => cancelled)).to.deep.equal([true])
      wire.under[0]?.end.reject(new Error('closed'))
      await new Promise(setImmediate)
      await wire.answer(1)
      expect(await next).to.equal(ANSWER)
    } finally {
      clock.restore()
    }
  })

  it('never sends what was given up while it waited', async () => {
    const clock = fakeClock()
    try {
      const transport = limited(1)
      const first = transport.send(callOf('login'))
      const late = transport.send(callOf('login', 50)).catch((error: Error) => error)
      clock.tick(50)
      expect(await late).to.include({ code: 'ERR_CANCELED' })
      await wire.answer(0)
      await first
      expect(wire.under).to.have.lengthOf(1)
    } finally {
      clock.restore()
    }
  })
})
