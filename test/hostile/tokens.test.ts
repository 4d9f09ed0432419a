import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { expect } from 'chai'
import { MemoryStore } from 'express-session'
import sinon from 'sinon'
import type { Tokens } from '../../lib/index.js'
import { Browser } from '../support/browser.js'
import { goToAlipay, logIn, openShop, outcomeOf, type Shop } from '../support/shop.js'

describe('the tokens of a login', () => {
  let shop: Shop
  afterEach(async () => {
    sinon.restore()
    syncBuiltinESMExports()
    await shop.close()
  })

  const tokenRecords = (store: MemoryStore) =>
    new Promise<string[]>((resolve) => {
      store.all((_error, all) => {
        const values = Object.values(all ?? {}).map((one) => JSON.stringify(one))
        resolve(values.filter((value) => value.includes('sessionToken')))
      })
    })

  it('never reach the browser: no page, header or cookie contains the session token', async () => {
    shop = await openShop()
    const { browser, outcome } = await logIn(shop)
    const [session] = shop.simulator.sessions()
    const pages = [
      JSON.stringify(outcome),
      ...(
        await Promise.all(['/me', '/token', '/login'].map((path) => browser.get(shop.url + path)))
      ).map(({ text, headers }) => text + JSON.stringify([...headers])),
      decodeURIComponent(browser.cookieHeader(shop.url).cookie),
    ]
    expect(session?.sessionToken).to.match(/^bts.{20}/)
    for (const page of pages) expect(page).to.not.include(session?.sessionToken)
  })

  it('are not in the browser’s session, which only has an id for them', async () => {
    const store = new MemoryStore()
    shop = await openShop({ store })
    const { browser } = await logIn(shop)
    const [id = ''] = decodeURIComponent(browser.cookie(shop.url, 'connect.sid') ?? '')
      .replace(/^s:/, '')
      .split('.')
    const kept = await new Promise((resolve) => store.get(id, (_error, found) => resolve(found)))
    const [session] = shop.simulator.sessions()
    expect(JSON.stringify(kept)).to.include('oneaccess').and.not.include(session?.sessionToken)
  })

  it('are erased from the store by a logout, even during a refresh', async () => {
    const store = new MemoryStore()
    shop = await openShop({ store, simulator: { rotation: 'always' } })
    const { browser } = await logIn(shop)
    expect(await tokenRecords(store)).to.have.length(1)
    let release = () => {}
    shop.simulator.fault('refresh-id-token', {
      holdAnswer: new Promise<void>((resolve) => {
        release = resolve
      }),
    })
    const asked = shop.simulator.nextCall('refresh-id-token')
    const refreshing = browser.post(`${shop.url}/refresh`)
    await asked
    expect((await browser.clone().post(`${shop.url}/logout`)).status).to.equal(200)
    release()
    await refreshing
    await shop.strategy.drain()
    const [session] = shop.simulator.sessions()
    expect(session?.refreshes).to.equal(1)
    const left = await tokenRecords(store)
    expect(left.join()).to.include('"reason').and.not.include(session?.sessionToken)
    expect((await browser.get(`${shop.url}/me`)).status).to.equal(401)
  })

  it('are erased by the next login in the same browser', async () => {
    const store = new MemoryStore()
    shop = await openShop({ store })
    const { browser } = await logIn(shop)
    await logIn(shop, browser)
    const [former, latter] = shop.simulator.sessions()
    const left = (await tokenRecords(store)).join()
    expect(left).to.include(latter?.sessionToken).and.not.include(former?.sessionToken)
  })

  it('are encrypted in the store if tokenStore.secret is set', async () => {
    const store = new MemoryStore()
    const secret = 'x'.repeat(40)
    shop = await openShop({ store, strategy: { tokenStore: { secret } } })
    const { browser } = await logIn(shop)
    expect((await browser.get(`${shop.url}/token`)).status).to.equal(200)
    const [session] = shop.simulator.sessions()
    const all = JSON.stringify(store)
    expect(all).to.include('oneaccess').and.not.include(session?.sessionToken)
    expect(all).to.not.include('refreshedAt').and.not.include(secret)
  })

  it('are protected by a state that is compared in constant time', async () => {
    shop = await openShop()
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    const compare = sinon.spy(crypto, 'timingSafeEqual')
    syncBuiltinESMExports()
    const before = compare.callCount
    const wrong = new URL(callback)
    wrong.searchParams.set('state', '0'.repeat(40))
    expect(outcomeOf(await browser.get(wrong.href)).info?.code).to.equal('state_unknown')
    const [one, other] = compare.args.slice(before).find(([a]) => a.byteLength === 64) ?? []
    expect(one?.byteLength, 'compared as hashes').to.equal(other?.byteLength).and.equal(64)
  })

  it('come with a profile that pollutes no prototype when an app merges it', async () => {
    let json = {}
    shop = await openShop({
      simulator: { idTokenAtLogin: false }, // it would name another user
      verify: async (_tokens: Tokens, profile: { id: string; _json: object }) => {
        json = profile._json
        return { id: profile.id }
      },
    })
    const body =
      '{"id":"u1","__proto__":{"admin":1},"constructor":{"prototype":{"admin":1}},' +
      '"name":{"__proto__":{"admin":1}},"list":[{"\\u005f_proto__":{"admin":1}}]}'
    shop.simulator.fault('verify', { body })
    const { outcome } = await logIn(shop)
    expect(outcome.user).to.deep.equal({ id: 'u1' })
    expect(JSON.stringify(json)).to.not.match(/admin|proto|constructor/)
    merge({}, json)
    expect(({} as { admin?: number }).admin).to.equal(undefined)
  })

  it('are never requested from the target of a redirect', async () => {
    shop = await openShop()
    const elsewhere = await openShop()
    for (const endpoint of ['credential', 'login', 'ticket', 'verify'] as const) {
      const path = '/api/v3/sdk/login/alipay'
      shop.simulator.clearFaults()
      shop.simulator.fault(endpoint, { redirect: elsewhere.simulator.url + path, times: 'always' })
      expect((await logIn(shop)).outcome.error?.code).to.equal('unexpected_answer')
    }
    const calls = elsewhere.simulator.calls.length
    await elsewhere.close()
    expect(calls).to.equal(0)
  })
})

/** A deep merge without a check of the keys, as apps have it. */
function merge(target: Record<string, unknown>, source: object): void {
  for (const key in source) {
    const value = (source as Record<string, unknown>)[key]
    if (typeof value !== 'object' || value === null) target[key] = value
    else {
      target[key] ??= {}
      merge(target[key] as Record<string, unknown>, value)
    }
  }
}
