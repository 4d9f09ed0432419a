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

describe('the refresh and end events', () => {
  let clock: sinon.SinonFakeTimers
  let provider: Provider
  let app: AppProcess
  let other: AppProcess
  let published: (RefreshEvent | EndEvent)[]
  const listen = (event: unknown) => published.push(event as RefreshEvent | EndEvent)
  beforeEach(async () => {
    published = []
    subscribe('passport-oneaccess-alipay:refresh', listen)
    subscribe('passport-oneaccess-alipay:end', listen)
    ;({ clock, provider, app, other } = await startTwoWithDue())
  })
  afterEach(() => {
    unsubscribe('passport-oneaccess-alipay:refresh', listen)
    unsubscribe('passport-oneaccess-alipay:end', listen)
    sinon.restore()
  })

  it('report a refresh with rotated, called and duration, and each process that joined it', async () => {
    const call = provider.holdAnswer()
    const renewed = app.request().idToken()
    await call.arrived
    const joined = other.request().idToken()
    await clock.tickAsync(400)
    call.release()
    await clock.tickAsync(200)
    await Promise.all([renewed, joined])
    expect(published[0]).to.deep.include({
      outcome: 'renewed',
      rotated: true,
      called: true,
      duration: 400,
    })
    expect(published[1]).to.deep.include({
      outcome: 'joined',
      called: false,
      login: published[0]?.login,
    })
    expect(published).to.have.length(2)
  })

  it('report rotated: false when the session token stays the same', async () => {
    provider.rotation = 'omitted'
    await app.request().idToken()
    expect(published[0]).to.deep.include({ outcome: 'renewed', rotated: false })
  })

  it('report each failure by its code, and each end once by its reason', async () => {
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
    expect(published[0]).to.deep.include({ outcome: 'failed', code: 'busy', duration: 0 })
    expect(published.map((one) => ('reason' in one ? one.reason : one.code))).to.deep.equal([
      'busy',
      'refused',
      'session_ended',
      'logout',
    ])
  })

  it('report whether OneAccess was called by a failed refresh', async () => {
    provider.fail('busy')
    const fail = () => app.refresher.refresh(LOGIN).catch(() => {})
    await fail()
    await fail() // backs off
    expect(published.map((one) => 'called' in one && one.called)).to.deep.equal([true, false])
  })

  it('report only the first of two requested ends, under a name that is not the record id', async () => {
    await app.records.end(LOGIN, 'login')
    await app.records.end(LOGIN, 'logout')
    expect(published).to.have.length(1)
    expect(published[0]).to.include({ reason: 'login' })
    expect(published[0]?.login).to.match(/^[0-9a-f]{12}$/)
  })

  it('are not published if another process has refreshed already', async () => {
    await app.request().idToken()
    published.length = 0
    expect((await other.refresher.refresh(LOGIN)).sessionToken).to.equal('session-1')
    expect(published).to.deep.equal([])
  })

  it('report an error that is not a OneAccessError as unknown', async () => {
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
    expect(published[0]).to.deep.include({ outcome: 'failed', code: 'unknown' })
  })

  it('contain no token and no record id', async () => {
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
    expect(published.length).to.be.at.least(4)
    const shown = inspect(published, { depth: 9 })
    for (const token of tokens.filter((one) => one !== 'none')) expect(shown).not.to.include(token)
  })
})

describe('the login event', () => {
  it('reports the outcome of each login and nothing about the user', async () => {
    const published: LoginEvent[] = []
    const listen = (event: unknown) => published.push(event as LoginEvent)
    subscribe('passport-oneaccess-alipay:login', listen)
    const shop = await openShop()
    await logInAt(shop)
    const browser = new Browser()
    await browser.get(await goToAlipay(shop, browser, shop.simulator.people[0], 'refuse'))
    shop.simulator.fault('ticket', { status: 502, body: '' })
    await logInAt(shop)
    unsubscribe('passport-oneaccess-alipay:login', listen)
    await shop.close()
    const shown = published.map(({ duration, ...event }) => event)
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
    for (const { duration } of published) expect(duration).to.be.within(0, 10_000)
  })
})
