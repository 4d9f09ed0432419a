import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import { MemoryTokenStore } from '../../lib/index.js'
import { Browser } from '../support/browser.js'
import { FaultyStore } from '../support/faulty-store.js'
import { logIn, openShop, type Shop } from '../support/shop.js'

describe('drain()', () => {
  let shop: Shop
  let store: FaultyStore
  const saves: unknown[] = []
  const hear = (event: unknown) => saves.push((event as { outcome: string }).outcome)
  beforeEach(async () => {
    store = new FaultyStore(new MemoryTokenStore())
    shop = await openShop({
      simulator: { rotation: 'always' },
      strategy: { tokenStore: store, timeouts: { store: 50 } },
    })
    saves.length = 0
    subscribe('passport-oneaccess-alipay:save', hear)
  })
  afterEach(async () => {
    unsubscribe('passport-oneaccess-alipay:save', hear)
    store.up()
    await shop.close()
  })

  /** The next refresh: when OneAccess has it, and what lets its answer go. */
  function holdRefresh(): { asked: Promise<unknown>; answer: () => void } {
    let answer = () => {}
    const holdAnswer = new Promise<void>((resolve) => {
      answer = resolve
    })
    shop.simulator.fault('refresh-id-token', { holdAnswer })
    return { asked: shop.simulator.nextCall('refresh-id-token'), answer }
  }

  /** A refresh that OneAccess answers, and that the store does not take. */
  async function refreshUnsaved(): Promise<void> {
    const { browser } = await logIn(shop)
    const { asked, answer } = holdRefresh()
    const refreshing = browser.post(`${shop.url}/refresh`)
    await asked
    store.down()
    answer()
    expect((await refreshing).status).to.equal(200)
  }

  it('says that nothing is unsaved when nothing is', async () => {
    await logIn(shop)
    expect(await shop.strategy.drain()).to.deep.equal({ unsaved: 0 })
  })

  it('waits until what a failover may have lost was looked for', async () => {
    let reconnected = () => {}
    const recovering = Object.assign(new FaultyStore(new MemoryTokenStore()), {
      onReconnect: (listener: () => void) => {
        reconnected = listener
      },
    })
    const own = await openShop({ strategy: { tokenStore: recovering } })
    await logIn(own)
    const held = recovering.hold('get')
    reconnected()
    await held.arrived
    let drained = false
    const draining = own.strategy.drain().then(() => {
      drained = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(drained).to.equal(false)
    held.release()
    await draining
    await own.close()
  })

  it('is over at its timeout, and says how many refreshes the store does not have', async () => {
    await refreshUnsaved()
    expect(await shop.strategy.drain({ timeout: 100 })).to.deep.equal({ unsaved: 1 })
    expect(saves).to.deep.equal(['held'])
  })

  it('waits for a store that comes back, and then nothing is unsaved', async () => {
    await refreshUnsaved()
    const draining = shop.strategy.drain()
    store.up()
    expect(await draining).to.deep.equal({ unsaved: 0 })
    expect(saves).to.deep.equal(['held', 'saved'])
  })

  it('refuses a timeout that is no number of milliseconds', async () => {
    for (const timeout of [0, -1, Number.NaN, '20' as never]) {
      const error = await shop.strategy.drain({ timeout }).catch((thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(TypeError)
    }
  })

  it('waits for the answer of a refresh that was sent, though the browser has gone', async () => {
    const { browser } = await logIn(shop)
    const { asked, answer } = holdRefresh()
    const away = new AbortController()
    const { cookie } = browser.cookieHeader(shop.url)
    const headers = { cookie, 'user-agent': new Browser().headers['user-agent'] ?? '' }
    fetch(`${shop.url}/refresh`, { method: 'POST', headers, signal: away.signal }).catch(() => {})
    await asked
    away.abort()
    const draining = shop.strategy.drain()
    answer()
    expect(await draining).to.deep.equal({ unsaved: 0 })
    expect((await browser.get(`${shop.url}/token`)).status).to.equal(200)
  })
})
