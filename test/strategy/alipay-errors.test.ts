import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import { Browser } from '../support/browser.js'
import { goToAlipay, openShop, outcomeOf, type Shop } from '../support/shop.js'

describe("errors and app_id in Alipay's callback", () => {
  let shop: Shop
  let events: { code?: string; errorCode?: string }[]
  const listen = (event: unknown) => events.push(event as object)
  beforeEach(async () => {
    shop = await openShop({ authenticate: { state: 'cart' } })
    events = []
    subscribe('passport-oneaccess-alipay:login', listen)
  })
  afterEach(async () => {
    unsubscribe('passport-oneaccess-alipay:login', listen)
    await shop.close()
  })

  /** Logs in at Alipay and requests the callback with these parameters changed. */
  async function callbackWith(
    changes: Record<string, string | undefined>,
    browser = new Browser(),
  ) {
    const callback = new URL(await goToAlipay(shop, browser))
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) callback.searchParams.delete(name)
      else callback.searchParams.set(name, value)
    }
    return { page: await browser.get(callback.href), callback, browser }
  }

  it('rejects a callback for another Alipay app and spends the attempt', async () => {
    const { page, callback, browser } = await callbackWith({ app_id: '2021000000000099' })
    const { verb, info, status } = outcomeOf(page)
    expect([verb, status, info?.code, info?.state]).to.deep.equal([
      'fail',
      403,
      'app_id_mismatch',
      'cart',
    ])
    callback.searchParams.set('app_id', shop.simulator.alipayAppID)
    callback.searchParams.set('auth_code', 'another')
    expect(outcomeOf(await browser.get(callback.href)).verb).to.equal('fail')
    expect(shop.simulator.count('login')).to.equal(0)
  })

  for (const app_id of ['2021000000000099', 'other', '20210000000000010']) {
    it(`fails with app_id_mismatch for app_id ${app_id}`, async () => {
      const { page } = await callbackWith({ app_id })
      expect(outcomeOf(page).info?.code).to.equal('app_id_mismatch')
    })
  }

  for (const app_id of [undefined, '', '2021']) {
    it(`accepts an app_id that is missing, empty or truncated: ${app_id}`, async () => {
      const { page } = await callbackWith({ app_id })
      expect(outcomeOf(page).verb).to.equal('success')
    })
  }

  const refusals = [
    ...['access_denied', 'ACCESS_DENIED', 'auth_denied', 'user_denied', 'user_refused'],
    ...['user_cancel', 'user_canceled', 'user_cancelled', 'cancel', 'canceled', 'cancelled'],
  ]
  for (const error of refusals) {
    it(`fails with declined for error=${error}`, async () => {
      const { page } = await callbackWith({ auth_code: undefined, error })
      expect(outcomeOf(page).info).to.include({ code: 'declined', state: 'cart' })
      expect(events.at(-1)).to.include({ outcome: 'fail', code: 'declined' })
    })
  }

  const errors: [parameters: Record<string, string>, errorCode: string | undefined][] = [
    [{ error: 'insufficient-isv-permissions' }, 'insufficient-isv-permissions'],
    [{ error_code: 'isv.invalid-app-id' }, 'isv.invalid-app-id'],
    [{ error_code: '40006', error_description: 'no permission' }, '40006'],
    [{ error: 'access-control-limit' }, 'access-control-limit'],
    [{ error: '15200000001' }, undefined],
    [{ error: 'call 15200000001 <script>' }, undefined],
    [{ error: 'x'.repeat(65) }, undefined],
    [{ error_description: 'not a code' }, undefined],
  ]
  for (const [parameters, errorCode] of errors) {
    it(`errors with alipay_error for ${JSON.stringify(parameters).slice(0, 60)}`, async () => {
      const { page } = await callbackWith({ auth_code: undefined, ...parameters })
      expect(page.status).to.equal(500)
      expect(outcomeOf(page).error).to.include({ code: 'alipay_error', status: 500 })
      expect(outcomeOf(page).error?.hint).to.include('alipayAppID')
      expect(events.at(-1)).to.include({ outcome: 'error', code: 'alipay_error', step: 'consent' })
      expect(events.at(-1)?.errorCode).to.equal(errorCode)
      expect(outcomeOf(page).error?.message).to.include(errorCode ?? 'no readable error code')
      expect(page.text).to.not.match(/152|script|xxx|not a code/)
      expect(shop.simulator.count('login')).to.equal(0)
    })
  }

  it('errors with alipay_error when the callback has no state', async () => {
    const page = await new Browser().get(`${shop.url}/callback?error=insufficient-isv-permissions`)
    expect(outcomeOf(page).error).to.include({ code: 'alipay_error', status: 500 })
  })
})
