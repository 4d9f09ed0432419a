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

  /** Expects that the store keeps the record for exactly this long. */
  async function expectStoredFor(milliseconds: number): Promise<void> {
    const key = writes.firstCall.args[0] // a read through the repository would end and write it
    await clock.tickAsync(milliseconds - 1)
    expect(await store.get(key)).not.to.equal(undefined)
    await clock.tickAsync(1)
    expect(await store.get(key)).to.equal(undefined)
  }

  it('is stored until 2 hours after the session expires at OneAccess', async () => {
    await app.records.create(LOGIN, recordOf(answer(3_600), { device }, undefined))
    await expectStoredFor(3 * HOUR)
  })

  it('is stored for 7 days and 2 hours if OneAccess does not say when the session expires', async () => {
    await app.records.create(LOGIN, recordOf(answer(), { device }, undefined))
    expect((await app.stored()).sessionExpiresAt).to.equal(undefined)
    await expectStoredFor((7 * 24 + 2) * HOUR)
  })

  it('is stored for 2 hours if its session has already expired', async () => {
    const record = recordOf(answer(3_600), { device }, undefined)
    await clock.tickAsync(10 * HOUR)
    await app.records.create(LOGIN, record)
    await expectStoredFor(2 * HOUR)
  })

  it('is stored for 2 hours once ended, without the session token and the device values', async () => {
    await logIn(app, provider)
    await app.records.end(LOGIN, 'logout')
    const { sessionToken, device: kept } = await app.stored()
    expect({ sessionToken, ...kept }).to.deep.equal({
      ...{ sessionToken: '', osVersion: '', fingerprint: '', ip: '', agent: '' },
    })
    expect(tombstone('logout').device).to.deep.equal(kept)
    await expectStoredFor(2 * HOUR)
  })

  it('keeps its tenant and its device through a refresh', async () => {
    const context = { device, tenantID: 'tenant' }
    await app.records.create(LOGIN, recordOf(answer(3_600), context, undefined))
    await app.request().refresh()
    expect(await app.stored()).to.deep.include({ sessionToken: 'session-1', ...context })
  })

  it('assumes a life of 5 minutes for an id_token without exp', () => {
    const now = Date.now()
    const expiryOf = (idToken: string) =>
      recordOf({ sessionToken: 's', idToken }, { device }, undefined).expiresAt
    expect(expiryOf('opaque')).to.equal(now + 300_000)
    expect(expiryOf(`e30.${Buffer.from('{}').toString('base64url')}.c2ln`)).to.equal(now + 300_000)
  })

  it('expires at exp, or one id_token life after its arrival if that is earlier', () => {
    const now = Date.now() / 1000
    const lifeOf = (iat: number | undefined, exp: number) => {
      const claims = Buffer.from(JSON.stringify({ iat, exp })).toString('base64url')
      const answer = { sessionToken: 's', idToken: `e30.${claims}.c2ln` }
      return Number(recordOf(answer, { device }, undefined).expiresAt) / 1000 - now
    }
    expect(lifeOf(now + 90, now + 390), 'our clock is 90 s behind').to.equal(300)
    expect(lifeOf(now - 90, now + 210), 'our clock is 90 s ahead, or it is not new').to.equal(210)
    expect(lifeOf(undefined, now + 300), 'no iat').to.equal(300)
    expect(lifeOf(now + 400, now + 300), 'iat is after exp').to.equal(300)
  })

  it('is due for a refresh before its session expires, if that is earlier than the id_token', () => {
    sinon.stub(Math, 'random').returns(0.5)
    const given = { sessionToken: 's', idToken: idTokenOf(0, 7_200), expiresIn: 3_600 }
    const { expiresAt, refreshAt } = recordOf(given, { device }, undefined)
    expect([expiresAt, refreshAt]).to.deep.equal([
      Date.now() + 7_200_000,
      Date.now() + 3_600_000 - 360_000,
    ])
  })

  it('is due early by a tenth of the id_token’s life, at most 10 minutes, or by refreshBefore, at most half its life, with jitter', () => {
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
