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

/** A transport that records its calls and responds to each on demand. */
class Scripted {
  readonly calls: { step: Step; end: Deferred<RawResponse>; cancelled: boolean }[] = []
  readonly send = ({ step }: HttpCall): Exchange => {
    const call = { step, end: deferred<RawResponse>(), cancelled: false }
    this.calls.push(call)
    const cancel = () => {
      call.cancelled = true
    }
    return { response: call.end.promise, cancel }
  }

  steps(): Step[] {
    return this.calls.map(({ step }) => step)
  }

  async answer(index: number): Promise<void> {
    this.calls[index]?.end.resolve(ANSWER)
    await new Promise(setImmediate)
  }
}

describe('LimitedTransport', () => {
  let wire: Scripted

  beforeEach(() => {
    wire = new Scripted()
  })

  const limited = (most: number) => new LimitedTransport(wire.send, most)

  it('reserves a quarter of its places for refreshes and related calls while 600 logins wait', () => {
    const transport = limited(256)
    for (let i = 0; i < 600; i++) transport.send(callOf('login')).catch(() => {})
    expect(wire.calls).to.have.lengthOf(192)
    const others = ['refresh', 'signature', 'credential', 'keys', 'logout'] as const
    for (const step of others) {
      transport.send(callOf(step)).catch(() => {})
    }
    expect(wire.steps().slice(192)).to.deep.equal(others)
  })

  it('reserves a quarter of its places for logins while refreshes wait', () => {
    const transport = limited(4)
    for (let i = 0; i < 10; i++) transport.send(callOf('refresh')).catch(() => {})
    transport.send(callOf('login')).catch(() => {})
    expect(wire.steps()).to.deep.equal(['refresh', 'refresh', 'refresh', 'login'])
  })

  it('starts waiting refreshes before waiting logins, each in order', async () => {
    const transport = limited(1)
    const answers = ['login', 'verify', 'refresh', 'keys'] as const
    for (const step of answers) transport.send(callOf(step)).catch(() => {})
    for (let i = 0; i < 4; i++) await wire.answer(i)
    expect(wire.steps()).to.deep.equal(['login', 'refresh', 'keys', 'verify'])
  })

  it('never has more calls in progress than places, of both kinds together', async () => {
    const transport = limited(3)
    for (let i = 0; i < 9; i++) {
      transport.send(callOf(i % 2 ? 'login' : 'refresh')).catch(() => {})
      await wire.answer(i - 3)
      expect(wire.calls.length - Math.max(i - 2, 0)).to.be.at.most(3)
    }
  })

  it('cancels a call at its deadline, and frees its place only when the transport has finished with it', async () => {
    const clock = fakeClock()
    try {
      const transport = limited(1)
      const late = transport.send(callOf('login', 50)).catch((error: Error) => error)
      const next = transport.send(callOf('login', 1_000))
      clock.tick(50)
      expect(await late).to.include({ code: 'ERR_CANCELED' })
      expect(wire.calls.map(({ cancelled }) => cancelled)).to.deep.equal([true])
      wire.calls[0]?.end.reject(new Error('closed'))
      await new Promise(setImmediate)
      await wire.answer(1)
      expect(await next).to.equal(ANSWER)
    } finally {
      clock.restore()
    }
  })

  it('never sends a call that was cancelled while it waited', async () => {
    const clock = fakeClock()
    try {
      const transport = limited(1)
      const first = transport.send(callOf('login'))
      const late = transport.send(callOf('login', 50)).catch((error: Error) => error)
      clock.tick(50)
      expect(await late).to.include({ code: 'ERR_CANCELED' })
      await wire.answer(0)
      await first
      expect(wire.calls).to.have.lengthOf(1)
    } finally {
      clock.restore()
    }
  })

  for (const step of ['login', 'refresh'] as const) {
    it(`gives each place back: a thousand calls of one kind, one after another (${step})`, async () => {
      const answering = () => ({ response: Promise.resolve(ANSWER), cancel: () => {} })
      for (const most of [1, 2, 3, 4]) {
        const transport = new LimitedTransport(answering, most)
        for (let n = 0; n < 250; n++) expect(await transport.send(callOf(step))).to.equal(ANSWER)
        expect([transport.inUse, transport.waiting]).to.deep.equal([0, 0])
      }
    })
  }
})
