import { expect } from 'chai'
import session from 'express-session'
import sinon from 'sinon'
import { Browser } from '../support/browser.js'
import { goToAlipay, openShop, type Shop } from '../support/shop.js'

const MINUTE = 60_000
const LIFE = 30 * MINUTE

type Done = (error?: unknown) => void

/** Expires each session half an hour after its last touch, whatever its cookie says. */
class SlidingStore extends session.MemoryStore {
  readonly touches: string[] = []
  readonly #until = new Map<string, number>()

  override get(
    sid: string,
    callback: (error: unknown, found?: session.SessionData | null) => void,
  ) {
    if ((this.#until.get(sid) ?? 0) > Date.now()) super.get(sid, callback)
    else callback(null, null)
  }

  override set(sid: string, data: session.SessionData, callback?: Done) {
    this.#until.set(sid, Date.now() + LIFE)
    super.set(sid, data, callback)
  }

  override touch(sid: string, data: session.SessionData, callback?: () => void) {
    this.touches.push(sid)
    if (this.#until.has(sid)) this.#until.set(sid, Date.now() + LIFE)
    super.touch(sid, data, callback)
  }
}

describe('a session store that expires untouched sessions', () => {
  let clock: sinon.SinonFakeTimers
  let store: SlidingStore
  let shop: Shop
  let restarted: Shop
  let browser: Browser
  beforeEach(async () => {
    clock = sinon.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    store = new SlidingStore()
    shop = await openShop({ store, simulator: { idTokenLife: 24 * 3_600 } })
    restarted = await openShop({ store })
    browser = new Browser()
    await browser.get(await goToAlipay(shop, browser))
  })
  afterEach(async () => {
    sinon.restore()
    await shop.close()
    await restarted.close()
  })

  const statusAt = async (where: Shop, path = '/token') => {
    const headers = browser.cookieHeader(shop.url)
    return (await browser.get(`${where.url}${path}`, headers)).status
  }
  const ofTokens = () => store.touches.filter((sid) => sid.startsWith('oneaccess:')).length

  it('keeps the tokens of an active user, even across a restart', async () => {
    for (let passed = 0; passed < 4 * LIFE; passed += 10 * MINUTE) {
      clock.tick(10 * MINUTE)
      expect(await statusAt(shop, '/me')).to.equal(200)
    }
    clock.tick(LIFE - MINUTE)
    expect(await statusAt(restarted, '/me')).to.equal(200)
    expect(await statusAt(restarted)).to.equal(200)
  })

  it('is touched for the tokens of an active user once a minute', async () => {
    clock.tick(MINUTE)
    const before = ofTokens()
    for (let n = 0; n < 5; n++) await statusAt(shop, '/me')
    expect(ofTokens() - before).to.equal(1)
    clock.tick(MINUTE - 1)
    await statusAt(shop, '/me')
    expect(ofTokens() - before).to.equal(1)
    clock.tick(1)
    await statusAt(shop, '/me')
    expect(ofTokens() - before).to.equal(2)
  })

  it('whose touch() fails for the tokens logs no one out', async () => {
    sinon.stub(store, 'touch').callsFake((_sid, _data, callback?: Done) => callback?.())
    clock.tick(LIFE - MINUTE)
    const broken = new Error('no touch')
    const touch = store.touch as sinon.SinonStub
    touch.callsFake((sid: string, _data: object, callback: Done) => {
      callback(sid.startsWith('oneaccess:') ? broken : undefined)
    })
    expect(await statusAt(shop, '/me')).to.equal(200)
    expect(await statusAt(shop)).to.equal(200)
  })
})
