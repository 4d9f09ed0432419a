import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import type { CallEvent } from '../../lib/index.js'
import { logIn, openShop, type Shop } from '../support/shop.js'

describe('the event of a call', () => {
  let shop: Shop
  const events: CallEvent[] = []
  const hear = (event: unknown) => void events.push(event as CallEvent)
  beforeEach(async () => {
    shop = await openShop({ strategy: { maxConnections: 4 } })
    events.length = 0
    subscribe('passport-oneaccess-alipay:call', hear)
  })
  afterEach(async () => {
    unsubscribe('passport-oneaccess-alipay:call', hear)
    await shop.close()
  })

  it('tells step, outcome and times of each call of a login, and nothing of the user', async () => {
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

  it('tells why a call failed, by the code, OneAccess’s own, and the status', async () => {
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

  it('tells how long calls waited for a place, and how many still do', async () => {
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

  it('is not made when nobody listens', async () => {
    unsubscribe('passport-oneaccess-alipay:call', hear)
    await logIn(shop)
    expect(events).to.deep.equal([])
  })
})

describe('the event of a store operation', () => {
  it('tells each read and write of a login, and how it came out', async () => {
    const shop = await openShop()
    const events: { operation: string; outcome: string; duration: number }[] = []
    const hear = (event: unknown) => void events.push(event as (typeof events)[0])
    subscribe('passport-oneaccess-alipay:store', hear)
    await logIn(shop)
    unsubscribe('passport-oneaccess-alipay:store', hear)
    expect(events.map(({ operation, outcome }) => `${operation} ${outcome}`)).to.include.members([
      'read done',
      'write done',
    ])
    expect(events.every(({ duration }) => duration >= 0)).to.equal(true)
    await shop.close()
  })
})
