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
  const listen = (event: unknown) => saves.push((event as { outcome: string }).outcome)
  beforeEach(async () => {
    store = new FaultyStore(new MemoryTokenStore())
    shop = await openShop({
      simulator: { rotation: 'always' },
      strategy: { tokenStore: store, timeouts: { store: 50 } },
    })
    saves.length = 0
    subscribe('passport-oneaccess-alipay:save', listen)
  })
  afterEach(async () => {
    unsubscribe('passport-oneaccess-alipay:save', listen)
    store.up()
    await shop.close()
  })

  /** Holds the next refresh: `asked` resolves when OneAccess has the request, `answer` sends the response. */
  function holdRefresh(): { asked: Promise<unknown>; answer: () => void } {
    let answer = () => {}
    const holdAnswer = new Promise<void>((resolve) => {
      answer = resolve
    })
    shop.simulator.fault('refresh-id-token', { holdAnswer })
    return { asked: shop.simulator.nextCall('refresh-id-token'), answer }
  }

  /** A refresh whose new tokens the store fails to save. */
  async function refreshUnsaved(): Promise<void> {
    const { browser } = await logIn(shop)
    const { asked, answer } = holdRefresh()
    const refreshing = browser.post(`${shop.url}/refresh`)
    await asked
    store.down()
    answer()
    expect((await refreshing).status).to.equal(200)
  }

  it('returns unsaved: 0 when everything is saved', async () => {
    await logIn(shop)
    expect(await shop.strategy.drain()).to.deep.equal({ unsaved: 0 })
  })

  it('waits for the check for lost records that starts when the store reconnects', async () => {
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

  it('resolves after its timeout with the number of unsaved refreshes', async () => {
    await refreshUnsaved()
    expect(await shop.strategy.drain({ timeout: 100 })).to.deep.equal({ unsaved: 1 })
    expect(saves).to.deep.equal(['held'])
  })

  it('waits for a store that recovers, then returns unsaved: 0', async () => {
    await refreshUnsaved()
    const draining = shop.strategy.drain()
    store.up()
    expect(await draining).to.deep.equal({ unsaved: 0 })
    expect(saves).to.deep.equal(['held', 'saved'])
  })

  it('rejects a timeout that is not a positive number', async () => {
    for (const timeout of [0, -1, Number.NaN, '20' as never]) {
      const error = await shop.strategy.drain({ timeout }).catch((thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(TypeError)
    }
  })

  it('waits for the response to a refresh even if the browser has disconnected', async () => {
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
