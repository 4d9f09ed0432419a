import { expect } from 'chai'
import sinon from 'sinon'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import { recordOf, tombstone } from '../../lib/tokens/record.js'
import { fakeClock } from '../support/clock.js'
import { type AppProcess, LOGIN, logIn, startProcesses } from '../support/processes.js'
import { idTokenOf, Provider } from '../support/provider.js'

const HOUR = 3_600_000
const device = { osVersion: 'Linux', fingerprint: 'f', ip: '127.0.0.1', agent: 'test' }

describe('a token record', () => {
  let clock: sinon.SinonFakeTimers
  let provider: Provider
  let app: AppProcess
  let store: MemoryTokenStore
  let writes: sinon.SinonSpy<Parameters<MemoryTokenStore['compareAndSet']>>
  beforeEach(() => {
    clock = fakeClock()
    provider = new Provider()
    store = new MemoryTokenStore()
    writes = sinon.spy(store, 'compareAndSet')
    ;[app] = startProcesses(1, provider, { store }) as [AppProcess]
  })
  afterEach(() => sinon.restore())

  const answer = (expiresIn?: number) => ({
    sessionToken: provider.sessionToken,
    idToken: idTokenOf(0, 300),
    ...(expiresIn === undefined ? {} : { expiresIn }),
  })

  /** Whether the store has it until then, and not longer. */
  async function lasts(milliseconds: number): Promise<void> {
    const key = writes.firstCall.args[0] // read through the records it would be ended, and written
    await clock.tickAsync(milliseconds - 1)
    expect(await store.get(key)).not.to.equal(undefined)
    await clock.tickAsync(1)
    expect(await store.get(key)).to.equal(undefined)
  }

  it('is stored for 2 hours longer than OneAccess keeps the session', async () => {
    await app.records.create(LOGIN, recordOf(answer(3_600), { device }, undefined))
    await lasts(3 * HOUR)
  })

  it('is stored for 7 days and 2 hours when OneAccess does not say', async () => {
    await app.records.create(LOGIN, recordOf(answer(), { device }, undefined))
    expect((await app.stored()).sessionExpiresAt).to.equal(undefined)
    await lasts((7 * 24 + 2) * HOUR)
  })

  it('is stored for 2 hours after a renewal that came when its time was over', async () => {
    const record = recordOf(answer(3_600), { device }, undefined)
    await clock.tickAsync(10 * HOUR)
    await app.records.create(LOGIN, record)
    await lasts(2 * HOUR)
  })

  it('that has ended is stored for 2 hours, without the device values', async () => {
    await logIn(app, provider)
    await app.records.end(LOGIN, 'logout')
    const { sessionToken, device: kept } = await app.stored()
    expect({ sessionToken, ...kept }).to.deep.equal({
      ...{ sessionToken: '', osVersion: '', fingerprint: '', ip: '', agent: '' },
    })
    expect(tombstone('logout').device).to.deep.equal(kept)
    await lasts(2 * HOUR)
  })

  it('keeps its tenant and its device through a renewal', async () => {
    const context = { device, tenantID: 'tenant' }
    await app.records.create(LOGIN, recordOf(answer(3_600), context, undefined))
    await app.request().refresh()
    expect(await app.stored()).to.deep.include({ sessionToken: 'session-1', ...context })
  })

  it('takes an id_token that does not say when it ends for one of 5 minutes', () => {
    const now = Date.now()
    const made = (idToken: string) =>
      recordOf({ sessionToken: 's', idToken }, { device }, undefined).expiresAt
    expect(made('opaque')).to.equal(now + 300_000)
    expect(made(`e30.${Buffer.from('{}').toString('base64url')}.c2ln`)).to.equal(now + 300_000)
  })

  it('is good no longer than its whole life from its arrival, and never beyond its exp', () => {
    const now = Date.now() / 1000
    const made = (iat: number | undefined, exp: number) => {
      const claims = Buffer.from(JSON.stringify({ iat, exp })).toString('base64url')
      const answer = { sessionToken: 's', idToken: `e30.${claims}.c2ln` }
      return Number(recordOf(answer, { device }, undefined).expiresAt) / 1000 - now
    }
    expect(made(now + 90, now + 390), 'our clock is 90 s behind').to.equal(300)
    expect(made(now - 90, now + 210), 'our clock is 90 s ahead, or it is not new').to.equal(210)
    expect(made(undefined, now + 300), 'no iat').to.equal(300)
    expect(made(now + 400, now + 300), 'an iat that cannot be').to.equal(300)
  })

  it('is refreshed before its session expires, if that is earlier than the id_token', () => {
    sinon.stub(Math, 'random').returns(0.5)
    const given = { sessionToken: 's', idToken: idTokenOf(0, 7_200), expiresIn: 3_600 }
    const { expiresAt, refreshAt } = recordOf(given, { device }, undefined)
    expect([expiresAt, refreshAt]).to.deep.equal([
      Date.now() + 7_200_000,
      Date.now() + 3_600_000 - 360_000,
    ])
  })

  it('is renewed early by a tenth of the life or as the app wants, at most by half, with jitter', () => {
    const now = Date.now()
    const random = sinon.stub(Math, 'random')
    const earlyBy = (life: number, refreshBefore?: number) => {
      const given = { sessionToken: 's', idToken: idTokenOf(0, life) }
      return now + life * 1000 - (recordOf(given, { device }, refreshBefore).refreshAt ?? 0)
    }
    for (const [drawn, factor] of [
      [0, 0.75],
      [0.5, 1],
    ] as const) {
      random.returns(drawn)
      expect(earlyBy(300)).to.equal(30_000 * factor)
      expect(earlyBy(36_000)).to.equal(600_000 * factor)
      expect(earlyBy(300, 60_000)).to.equal(60_000 * factor)
      expect(earlyBy(300, 600_000)).to.equal(150_000 * factor)
    }
  })
})
