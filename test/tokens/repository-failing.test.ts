import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import sinon from 'sinon'
import type { StoreEvent } from '../../lib/index.js'
import { fakeClock } from '../support/clock.js'
import { type AppProcess, LOGIN, logIn, startProcess } from '../support/processes.js'
import { Provider } from '../support/provider.js'

describe('TokenRepository, with a store that fails', () => {
  let clock: sinon.SinonFakeTimers
  let provider: Provider
  let app: AppProcess
  beforeEach(async () => {
    clock = fakeClock()
    provider = new Provider()
    app = startProcess(provider)
    await logIn(app, provider)
  })
  afterEach(() => sinon.restore())

  const calls = [
    ['get', 'read'],
    ['compareAndSet', 'write'],
    ['acquireLease', 'lease'],
  ] as const
  for (const [verb, what] of calls) {
    it(`rejects with store_failed and names the operation if ${verb}() fails or hangs`, async () => {
      for (const [fault, how] of [
        ['fail', `${what} failed`],
        ['hang', `${what} took longer than 1000 ms`],
      ] as const) {
        await clock.tickAsync(300_000)
        app.store.fault(verb, fault)
        const failing = app.refresher.refresh(LOGIN).catch((thrown) => thrown)
        await clock.tickAsync(1_000)
        const error = await failing
        expect(error).to.include({ code: 'store_failed', step: 'store', status: 503 })
        expect(error.message).to.include(how)
        expect(error.hint).to.include('nobody was logged out')
        await app.refresher.drain()
      }
    })
  }

  it('leaves no timer behind if the store throws instead of rejecting', async () => {
    const before = clock.countTimers()
    sinon.stub(app.store, 'get').throws(new Error('closed'))
    const error = await app.records.read(LOGIN).catch((thrown) => thrown)
    expect(error).to.include({ code: 'store_failed' })
    expect(error.message).to.include('read failed')
    expect(clock.countTimers()).to.equal(before)
  })

  it('gives up a logout after 20 lost compare-and-sets', async () => {
    const write = sinon.stub(app.store, 'compareAndSet').resolves(false)
    const error = await app.records.end(LOGIN, 'logout').catch((thrown) => thrown)
    expect(error).to.include({ code: 'store_failed', status: 503 })
    expect(error.message).to.include('changed too often')
    expect(write.callCount).to.equal(20)
  })

  for (const [what, fault] of [
    ['a save of refreshed tokens', undefined],
    ['the end of a refused login', 'ended'],
  ] as const) {
    it(`gives up ${what} after 20 lost compare-and-sets`, async () => {
      await clock.tickAsync(300_000)
      const call = provider.holdCall()
      const refreshing = app.refresher.refresh(LOGIN).catch((thrown) => thrown)
      await call.arrived
      const write = sinon.stub(app.store, 'compareAndSet').resolves(false)
      write.onCall(100).rejects(new Error('it is asked for ever'))
      call.release(fault)
      const { sessionToken, code } = await refreshing
      expect(write.callCount).to.equal(20)
      expect(sessionToken ?? code).to.equal(fault ? 'store_failed' : 'session-1')
      write.restore()
      await clock.tickAsync(2_000)
      expect((await app.stored()).sessionToken).to.equal(fault ? 'session-0' : 'session-1')
      await app.refresher.drain()
    })
  }

  it('publishes a store event with operation, outcome and duration for each call', async () => {
    const published: StoreEvent[] = []
    const listen = (event: unknown) => published.push(event as StoreEvent)
    subscribe('passport-oneaccess-alipay:store', listen)
    try {
      const { version, record } = await app.records.read(LOGIN)
      await app.records.replace(LOGIN, version, record)
      app.store.fault('get', 'fail')
      await app.records.read(LOGIN).catch(() => {})
    } finally {
      unsubscribe('passport-oneaccess-alipay:store', listen)
    }
    expect(published.map(({ operation, outcome }) => [operation, outcome])).to.deep.equal([
      ['read', 'done'],
      ['write', 'done'],
      ['read', 'failed'],
    ])
    for (const { duration } of published) expect(duration).to.be.within(0, 60_000)
  })

  it('has the thrown error’s name as cause, or Error if the store rejected with undefined', async () => {
    for (const [thrown, cause] of [
      [new RangeError('no such key'), 'RangeError'],
      [undefined, 'Error'],
    ] as const) {
      const get = sinon.stub(app.store, 'get').rejects(thrown)
      if (thrown === undefined) get.callsFake(() => Promise.reject())
      const error = await app.records.read(LOGIN).catch((failure) => failure)
      expect(error).to.include({ code: 'store_failed' })
      expect(String(error.cause)).to.include(cause)
      get.restore()
    }
  })

  const UNREADABLE = [
    ['{"format":99}', 'misconfigured', 'its format is newer'],
    ['{"format":1}', 'store_failed', 'it is damaged'],
    ['no JSON', 'store_failed', 'it is damaged'],
  ] as const
  for (const [value, code, detail] of UNREADABLE) {
    it(`rejects with ${code} for the value ${value} and warns once`, async () => {
      const warn = sinon.stub(process, 'emitWarning')
      sinon.stub(app.store, 'get').resolves({ version: 3, value })
      for (let n = 0; n < 2; n++) {
        const error = await app.records.read(LOGIN).catch((failure) => failure)
        expect(error).to.include({ code, status: 503 })
        expect(error.message).to.include(`a record cannot be read: ${detail}`)
      }
      const [warning] = warn.args as unknown as [string, { code: string }][]
      expect(warn.callCount).to.equal(1)
      expect(warning?.[0]).to.include(detail)
      expect(warning?.[1]).to.include({ code: 'ONEACCESS_RECORD_UNREADABLE' })
    })
  }

  it('reads null as missing, and rejects with store_failed for anything that is not { version, value }', async () => {
    const get = sinon.stub(app.store, 'get')
    const find = (value: unknown) => get.resolves(value as undefined)
    find(null)
    expect((await app.records.read('another')).record.ended?.reason).to.equal('missing')
    for (const junk of ['text', 7, [], {}, { version: 1 }, { version: 'x', value: '{}' }]) {
      find(junk)
      const error = await app.records.read('another').catch((failure) => failure)
      expect(error, JSON.stringify(junk)).to.include({ code: 'store_failed', status: 503 })
      expect(error.message).to.include('no { version, value }')
    }
  })

  for (const answer of [false, undefined]) {
    it(`rejects with store_failed if compareAndSet() of a new login resolves to ${answer}`, async () => {
      sinon.stub(app.store, 'compareAndSet').resolves(answer as boolean)
      const { record } = await app.records.read(LOGIN)
      const error = await app.records.create('new', record).catch((failure) => failure)
      expect(error).to.include({ code: 'store_failed', status: 503 })
      expect(error.message).to.include('not written')
    })
  }
})
