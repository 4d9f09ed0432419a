import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import sinon from 'sinon'
import type { LoginEvent } from '../../lib/index.js'
import { Browser } from '../support/browser.js'
import { beginChallenge, finishChallenge, personWith } from '../support/first-login.js'
import { goToAlipay, logIn, openShop, outcomeOf, type Shop } from '../support/shop.js'

const CHANNEL = 'passport-oneaccess-alipay:login'

describe('login event', () => {
  let shop: Shop
  let events: LoginEvent[]
  const listen = (event: unknown) => events.push(event as LoginEvent)
  const withoutDuration = () => events.map(({ duration: _, ...rest }) => rest)
  beforeEach(() => {
    events = []
    subscribe(CHANNEL, listen)
  })
  afterEach(async () => {
    unsubscribe(CHANNEL, listen)
    sinon.restore()
    await shop.close()
  })

  it('is published once, when the login ends, and not on the redirect to Alipay or on a prefetch', async () => {
    shop = await openShop()
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    await browser.get(callback, { purpose: 'prefetch' })
    expect(events).to.deep.equal([])
    await browser.get(callback)
    expect(withoutDuration()).to.deep.equal([{ flow: 'web', outcome: 'success' }])
  })

  it('contains the code of a failure, and no state, auth_code or token', async () => {
    shop = await openShop({ authenticate: { state: { returnTo: '/cart' } } })
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    await browser.get(callback.replace(/auth_code=[^&]*/, 'auth_code=neverissued'))
    expect(withoutDuration()).to.deep.equal([
      { flow: 'web', outcome: 'fail', code: 'code_refused' },
    ])
  })

  it('contains the duration in milliseconds', async () => {
    shop = await openShop()
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    const clock = sinon.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    shop.simulator.fault('login', {
      change: (answer) => {
        clock.tick(1_234)
        return answer
      },
    })
    await browser.get(callback)
    expect(events).to.have.nested.property('[0].duration', 1_234)
  })

  it("contains the code of an error, or 'app' for an error of the app", async () => {
    const verify = () => {
      throw new Error('no database')
    }
    shop = await openShop({ verify })
    shop.simulator.fault('login', { status: 400, body: { error_code: 'IDAAS.SDK.COM.0002' } })
    await logIn(shop)
    await logIn(shop)
    expect(withoutDuration()).to.deep.equal([
      {
        flow: 'web',
        outcome: 'error',
        code: 'busy',
        step: 'login',
        errorCode: 'IDAAS.SDK.COM.0002',
        httpStatus: 400,
        hint: 'OneAccess is busy: try again later',
      },
      { flow: 'web', outcome: 'error', code: 'app' },
    ])
  })

  it('contains the flow', async () => {
    shop = await openShop()
    await new Browser().postJson(`${shop.url}/app`, {})
    const { browser } = await beginChallenge(shop, personWith(shop, 'SOCIAL_BIND'))
    await finishChallenge(shop, browser, { verify_code: '1' })
    expect(withoutDuration()).to.deep.equal([
      { flow: 'app', outcome: 'fail', code: 'code_missing' },
      { flow: 'web', outcome: 'fail', code: 'social_bind' },
      { flow: 'challenge', outcome: 'fail', code: 'verify_code_malformed' },
    ])
  })

  it('is optional: a login succeeds without a subscriber', async () => {
    unsubscribe(CHANNEL, listen)
    shop = await openShop()
    const { outcome, browser } = await logIn(shop)
    expect(outcome.verb).to.equal('success')
    expect(outcomeOf(await browser.get(`${shop.url}/me`))).to.have.property('user')
    expect(events).to.deep.equal([])
  })
})
