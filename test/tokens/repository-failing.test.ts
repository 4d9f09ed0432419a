import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import sinon from 'sinon'
import type { StoreEvent } from '../../lib/index.js'
import { fakeClock } from '../support/clock.js'
import { type AppProcess, LOGIN, logIn, startProcess } from '../support/processes.js'
import { Provider } from '../support/provider.js'

describe('the store of TokenRepository that fails', () => {
  let clock: sinon.SinonFakeTimers
  let app: AppProcess
  beforeEach(async () => {
    clock = fakeClock()
    const provider = new Provider()
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
    it(`is named with the call that failed or hung: ${verb}`, async () => {
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

  it('is no longer waited for though it throws where it should reject', async () => {
    const before = clock.countTimers()
    sinon.stub(app.store, 'get').throws(new Error('closed'))
    const error = await app.records.read(LOGIN).catch((thrown) => thrown)
    expect(error).to.include({ code: 'store_failed' })
    expect(error.message).to.include('read failed')
    expect(clock.countTimers()).to.equal(before)
  })

  it('is no longer asked to end a login when it has let no write through 20 times', async () => {
    const write = sinon.stub(app.store, 'compareAndSet').resolves(false)
    const error = await app.records.end(LOGIN, 'logout').catch((thrown) => thrown)
    expect(error).to.include({ code: 'store_failed', status: 503 })
    expect(error.message).to.include('changed too often')
    expect(write.callCount).to.equal(20)
  })

  it('is published: which call, its result, how long it took', async () => {
    const told: StoreEvent[] = []
    const listen = (event: unknown) => told.push(event as StoreEvent)
    subscribe('passport-oneaccess-alipay:store', listen)
    try {
      const { version, record } = await app.records.read(LOGIN)
      await app.records.replace(LOGIN, version, record)
      app.store.fault('get', 'fail')
      await app.records.read(LOGIN).catch(() => {})
    } finally {
      unsubscribe('passport-oneaccess-alipay:store', listen)
    }
    expect(told.map(({ operation, outcome }) => [operation, outcome])).to.deep.equal([
      ['read', 'done'],
      ['write', 'done'],
      ['read', 'failed'],
    ])
    for (const { duration } of told) expect(duration).to.be.within(0, 60_000)
  })

  it('keeps what it threw by name, and fails where it threw nothing', async () => {
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
    it(`has an unreadable value: ${value}; warns once`, async () => {
      const warn = sinon.stub(process, 'emitWarning')
      sinon.stub(app.store, 'get').resolves({ version: 3, value })
      for (let n = 0; n < 2; n++) {
        const error = await app.records.read(LOGIN).catch((failure) => failure)
        expect(error).to.include({ code, status: 503 })
        expect(error.message).to.include(`a record cannot be read: ${detail}`)
      }
      const [said] = warn.args as unknown as [string, { code: string }][]
      expect(warn.callCount).to.equal(1)
      expect(said?.[0]).to.include(detail)
      expect(said?.[1]).to.include({ code: 'ONEACCESS_RECORD_UNREADABLE' })
    })
  }

  it('is absent where a database says null, and is damaged where it says anything else', async () => {
    const get = sinon.stub(app.store, 'get')
    const answers = (found: unknown) => get.resolves(found as undefined)
    answers(null)
    expect((await app.records.read('another')).record.ended?.reason).to.equal('missing')
    for (const junk of ['text', 7, [], {}, { version: 1 }, { version: 'x', value: '{}' }]) {
      answers(junk)
      const error = await app.records.read('another').catch((failure) => failure)
      expect(error, JSON.stringify(junk)).to.include({ code: 'store_failed', status: 503 })
      expect(error.message).to.include('no { version, value }')
    }
  })

  for (const answer of [false, undefined]) {
    it(`is told where it does not write a new login: ${answer}`, async () => {
      sinon.stub(app.store, 'compareAndSet').resolves(answer as boolean)
      const { record } = await app.records.read(LOGIN)
      const error = await app.records.create('new', record).catch((failure) => failure)
      expect(error).to.include({ code: 'store_failed', status: 503 })
      expect(error.message).to.include('not written')
    })
  }
})
