import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import sinon from 'sinon'
import type { CallEvent } from '../../lib/index.js'
import { logIn, openShop, type Shop } from '../support/shop.js'

describe('call event', () => {
  let shop: Shop
  const events: CallEvent[] = []
  const listen = (event: unknown) => void events.push(event as CallEvent)
  beforeEach(async () => {
    shop = await openShop({ strategy: { maxConnections: 4 } })
    events.length = 0
    subscribe('passport-oneaccess-alipay:call', listen)
  })
  afterEach(async () => {
    unsubscribe('passport-oneaccess-alipay:call', listen)
    await shop.close()
  })

  it('contains step, outcome and times of each call of a login, and nothing about the user', async () => {
    await logIn(shop)
    expect(events.map(({ step, outcome }) => `${step} ${outcome}`).sort()).to.deep.equal([
      'credential answered',
      'login answered',
      'ticket answered',
      'verify answered',
    ])
    for (const event of events) {
      expect(event).to.have.all.keys('step', 'outcome', 'duration', 'queued', 'inUse', 'waiting')
      expect(event.duration).to.be.at.least(event.queued)
    }
  })

  it('contains code, errorCode and httpStatus of a failed call', async () => {
    shop.simulator.fault('login', { status: 400, body: { error_code: 'IDAAS.SDK.COM.0002' } })
    await logIn(shop)
    const failed = events.find(({ outcome }) => outcome === 'failed')
    expect(failed).to.include({
      step: 'login',
      code: 'busy',
      errorCode: 'IDAAS.SDK.COM.0002',
      httpStatus: 400,
    })
  })

  it('contains how long calls waited for a connection, and how many still wait', async () => {
    let release = () => {}
    const hold = new Promise<void>((resolve) => {
      release = resolve
    })
    for (let n = 0; n < 8; n++) shop.simulator.fault('login', { hold })
    const logins = Array.from({ length: 8 }, () => logIn(shop))
    await shop.simulator.nextCall('login')
    release()
    await Promise.all(logins)
    expect(events.some(({ waiting }) => waiting > 0)).to.equal(true)
    expect(events.every(({ inUse }) => inUse <= 4)).to.equal(true)
    expect(events.some(({ queued }) => queued > 0)).to.equal(true)
  })

  it('is not published without a subscriber', async () => {
    const calls = channel('passport-oneaccess-alipay:call')
    // subscribers of other tests' apps may still be there
    Object.defineProperty(calls, 'hasSubscribers', { value: false, configurable: true })
    const publish = sinon.spy(calls, 'publish')
    await logIn(shop)
    expect(publish.callCount).to.equal(0)
    publish.restore()
    Reflect.deleteProperty(calls, 'hasSubscribers')
    await logIn(shop)
    expect(events).to.have.length(3) // the access token is cached
  })
})

describe('store event', () => {
  it('is published for each read and write of a login, with its outcome', async () => {
    const shop = await openShop()
    const events: { operation: string; outcome: string; duration: number }[] = []
    const listen = (event: unknown) => void events.push(event as (typeof events)[0])
    subscribe('passport-oneaccess-alipay:store', listen)
    await logIn(shop)
    unsubscribe('passport-oneaccess-alipay:store', listen)
    expect(events.map(({ operation, outcome }) => `${operation} ${outcome}`)).to.include.members([
      'read done',
      'write done',
    ])
    expect(events.every(({ duration }) => duration >= 0)).to.equal(true)
    await shop.close()
  })
})
