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
  beforeEach(() => {
    clock = fakeClock()
    provider = new Provider()
    ;[app] = startProcesses(1, provider, { store: new MemoryTokenStore() }) as [AppProcess]
  })
  afterEach(() => sinon.restore())

  const answer = (expiresIn?: number) => ({
    sessionToken: provider.sessionToken,
    idToken: idTokenOf(0, 300),
    ...(expiresIn === undefined ? {} : { expiresIn }),
  })

  /** Whether the store has it until then, and not longer. */
  async function lasts(milliseconds: number): Promise<void> {
    await clock.tickAsync(milliseconds - 1)
    expect((await app.stored()).ended?.reason).not.to.equal('missing')
    await clock.tickAsync(1)
    expect((await app.stored()).ended?.reason).to.equal('missing')
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

  it('that has ended is stored for 2 hours, and tells nothing of the device', async () => {
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
