import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { expect } from 'chai'
import sinon from 'sinon'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import type { EndEvent, LoginEvent, RefreshEvent } from '../../lib/tokens/events.js'
import { noSeal } from '../../lib/tokens/seal.js'
import { Browser } from '../support/browser.js'
import {
  type AppProcess,
  LOGIN,
  logIn,
  startProcesses,
  startTwoWithDue,
} from '../support/processes.js'
import { type Provider, settle } from '../support/provider.js'
import { goToAlipay, logIn as logInAt, openShop } from '../support/shop.js'

describe('the events', () => {
  let clock: sinon.SinonFakeTimers
  let provider: Provider
  let app: AppProcess
  let other: AppProcess
  let told: (RefreshEvent | EndEvent)[]
  const listen = (event: unknown) => told.push(event as RefreshEvent | EndEvent)
  beforeEach(async () => {
    told = []
    subscribe('passport-oneaccess-alipay:refresh', listen)
    subscribe('passport-oneaccess-alipay:end', listen)
    ;({ clock, provider, app, other } = await startTwoWithDue())
  })
  afterEach(() => {
    unsubscribe('passport-oneaccess-alipay:refresh', listen)
    unsubscribe('passport-oneaccess-alipay:end', listen)
    sinon.restore()
  })

  it('report a refresh, whether it rotated, how long it took, and who joined it', async () => {
    const call = provider.holdAnswer()
    const renewed = app.request().idToken()
    await call.arrived
    const joined = other.request().idToken()
    await clock.tickAsync(400)
    call.release()
    await clock.tickAsync(200)
    await Promise.all([renewed, joined])
    expect(told[0]).to.deep.include({
      outcome: 'renewed',
      rotated: true,
      called: true,
      duration: 400,
    })
    expect(told[1]).to.deep.include({ outcome: 'joined', called: false, login: told[0]?.login })
    expect(told).to.have.length(2)
  })

  it('tell of a session token that stays as it was', async () => {
    provider.rotation = 'omitted'
    await app.request().idToken()
    expect(told[0]).to.deep.include({ outcome: 'renewed', rotated: false })
  })

  it('tell of a failure by its code, and of an end by its reason, once', async () => {
    provider.fail('busy')
    await app
      .request()
      .idToken()
      .catch(() => {})
    await clock.tickAsync(2_000)
    provider.endSession()
    await app
      .request()
      .idToken()
      .catch(() => {})
    await app.records.end(LOGIN, 'logout')
    await app.records.end(LOGIN, 'logout')
    expect(told[0]).to.deep.include({ outcome: 'failed', code: 'busy', duration: 0 })
    expect(told.map((one) => ('reason' in one ? one.reason : one.code))).to.deep.equal([
      'busy',
      'refused',
      'session_ended',
      'logout',
    ])
  })

  it('tell whether OneAccess was called for what failed', async () => {
    provider.fail('busy')
    const fail = () => app.refresher.refresh(LOGIN).catch(() => {})
    await fail()
    await fail() // backs off
    expect(told.map((one) => 'called' in one && one.called)).to.deep.equal([true, false])
  })

  it('tell of the first end that someone asked for, by a name that is not the record’s', async () => {
    await app.records.end(LOGIN, 'login')
    await app.records.end(LOGIN, 'logout')
    expect(told).to.have.length(1)
    expect(told[0]).to.include({ reason: 'login' })
    expect(told[0]?.login).to.match(/^[0-9a-f]{12}$/)
  })

  it('report nothing if another process has refreshed already', async () => {
    await app.request().idToken()
    told.length = 0
    expect((await other.refresher.refresh(LOGIN)).sessionToken).to.equal('session-1')
    expect(told).to.deep.equal([])
  })

  it('call a failure that is none of ours unknown', async () => {
    const store = new MemoryTokenStore()
    const close = () => {
      throw new Error('no entropy')
    }
    const seal = { ...noSeal, close }
    const [sound] = startProcesses(1, provider, { store }) as [AppProcess]
    const [broken] = startProcesses(1, provider, { store, seal }) as [AppProcess]
    await logIn(sound, provider)
    await clock.tickAsync(300_000)
    const error = await broken.refresher.refresh(LOGIN).catch((thrown) => thrown)
    expect(error.message).to.equal('no entropy')
    expect(told[0]).to.deep.include({ outcome: 'failed', code: 'unknown' })
  })

  it('carry no token and no record id', async () => {
    const tokens = [LOGIN, provider.sessionToken]
    for (const failure of ['busy', 'garbage', 'timeout', 'ended'] as const) {
      tokens.push(
        await app
          .request()
          .idToken()
          .catch(() => 'none'),
      )
      await clock.tickAsync(400_000)
      provider.fail(failure)
      await app
        .request()
        .idToken()
        .catch(() => {})
      tokens.push(provider.sessionToken)
      await settle()
    }
    expect(told.length).to.be.at.least(4)
    const shown = inspect(told, { depth: 9 })
    for (const token of tokens.filter((one) => one !== 'none')) expect(shown).not.to.include(token)
  })
})

describe('the event of a login', () => {
  it('reports the result of each, and nothing about the user', async () => {
    const told: LoginEvent[] = []
    const listen = (event: unknown) => told.push(event as LoginEvent)
    subscribe('passport-oneaccess-alipay:login', listen)
    const shop = await openShop()
    await logInAt(shop)
    const browser = new Browser()
    await browser.get(await goToAlipay(shop, browser, shop.simulator.people[0], 'refuse'))
    shop.simulator.fault('ticket', { status: 502, body: '' })
    await logInAt(shop)
    unsubscribe('passport-oneaccess-alipay:login', listen)
    await shop.close()
    const shown = told.map(({ duration, ...event }) => event)
    expect(shown).to.deep.equal([
      { flow: 'web', outcome: 'success' },
      { flow: 'web', outcome: 'fail', code: 'code_missing' },
      {
        flow: 'web',
        outcome: 'error',
        code: 'upstream_failed',
        step: 'ticket',
        httpStatus: 502,
        hint: 'OneAccess failed: try again later; if it persists, contact its support',
      },
    ])
    for (const { duration } of told) expect(duration).to.be.within(0, 10_000)
  })
})
