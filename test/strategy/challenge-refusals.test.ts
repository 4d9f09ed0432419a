import { expect } from 'chai'
import { MemoryTokenStore } from '../../lib/index.js'
import type { Endpoint, Fault } from '../../simulator/index.js'
import { FaultyStore } from '../support/faulty-store.js'
import {
  beginChallenge,
  challengeWithCode,
  finishChallenge,
  freshMobile,
  personWith,
  sendCodeIn,
  wrongCode,
} from '../support/first-login.js'
import { openShop, type Shop } from '../support/shop.js'

/** What stands in front of OneAccess says so, with a page or with nothing. */
const FIREWALL: Fault[] = [
  { status: 403, body: '<html><h1>403 Forbidden</h1></html>' },
  { status: 401, body: '' },
]
/** What OneAccess itself says of a code, as far as anybody knows. */
const WRONG: Fault[] = [
  { status: 400, body: '' },
  { status: 403, body: { error_code: 'USER.0815' } },
  { status: 401, body: { error: 'code_wrong' } },
]

const STEPS: [status: string, endpoint: Endpoint][] = [
  ['SOCIAL_BIND', 'social-bind'],
  ['USER_REGISTER', 'register-bind'],
  ['MFA_AUTH', 'mfa-sms'],
]

describe('a challenge that is refused', () => {
  let shop: Shop
  beforeEach(async () => {
    shop = await openShop()
  })
  afterEach(() => shop.close())

  for (const [status, endpoint] of STEPS) {
    it(`is an error where no code was judged, and costs no try: ${status}`, async () => {
      const { browser, code } = await challengeWithCode(shop, personWith(shop, status))
      for (const fault of [...FIREWALL, ...FIREWALL, ...FIREWALL]) {
        shop.simulator.fault(endpoint, fault)
        const { error } = await finishChallenge(shop, browser, { verify_code: code })
        expect([error?.status, error?.code]).to.deep.equal([502, 'unexpected_answer'])
        expect(error?.hint).to.include('firewall')
      }
      const wrong = await finishChallenge(shop, browser, { verify_code: wrongCode(code) })
      expect(wrong.info).to.include({ code: 'verify_code_wrong', triesLeft: 4 })
      const right = await finishChallenge(shop, browser, { verify_code: code })
      expect(right.verb).to.equal('success')
    })

    it(`is a wrong code where OneAccess says so, with whatever code: ${status}`, async () => {
      const { browser, code } = await challengeWithCode(shop, personWith(shop, status))
      for (const [n, fault] of WRONG.entries()) {
        shop.simulator.fault(endpoint, fault)
        const { info } = await finishChallenge(shop, browser, { verify_code: code })
        expect(info).to.include({ code: 'verify_code_wrong', triesLeft: 4 - n })
      }
    })
  }

  it('is no puzzle wrongly solved, and no code that was not sent, where a firewall says 403', async () => {
    const { browser } = await beginChallenge(shop, personWith(shop, 'SOCIAL_BIND'))
    for (const endpoint of ['captcha-verify', 'sms-send'] as const) {
      for (const fault of FIREWALL) {
        shop.simulator.fault(endpoint, fault)
        const solution = { token: 'a-token', x: 1, contact: freshMobile }
        const page =
          endpoint === 'captcha-verify'
            ? await browser.postJson(`${shop.url}/challenge/solve`, solution)
            : await sendCodeIn(shop, browser, { mobile: freshMobile }, freshMobile)
        expect([page.status, page.json()]).to.deep.include(502)
        expect(page.json()).to.have.property('code', 'unexpected_answer')
      }
    }
  })

  for (const [status, endpoint] of STEPS) {
    it(`tries a code that was ordered elsewhere, by the step that ${status} has`, async () => {
      const { browser } = await beginChallenge(shop, personWith(shop, status))
      const form = { mobile: freshMobile, verify_code: '123456' }
      const { info } = await finishChallenge(shop, browser, form)
      expect(info).to.include({ code: 'verify_code_wrong', triesLeft: 4 })
      expect(shop.simulator.count(endpoint)).to.equal(1)
    })
  }

  it('is over for the form that ended it, when that is sent once more', async () => {
    const { browser, code } = await challengeWithCode(shop, personWith(shop, 'SOCIAL_BIND'))
    const form = { verify_code: code }
    expect((await finishChallenge(shop, browser, form)).verb).to.equal('success')
    expect((await finishChallenge(shop, browser, form)).info?.code).to.equal('challenge_missing')
    expect(shop.simulator.count('social-bind')).to.equal(1)
  })

  it('is the same success for a form sent twice, though the store is slow for the first', async () => {
    await shop.close()
    const store = new FaultyStore(new MemoryTokenStore())
    shop = await openShop({ strategy: { tokenStore: store } })
    const { browser, code } = await challengeWithCode(shop, personWith(shop, 'SOCIAL_BIND'))
    const held = store.holdAnswer('get')
    const slow = finishChallenge(shop, browser.clone(), { verify_code: code })
    await held.arrived
    const second = finishChallenge(shop, browser, { verify_code: code })
    held.release()
    expect((await slow).verb).to.equal('success')
    expect((await second).verb).to.equal('success')
    expect(shop.simulator.count('social-bind')).to.equal(1)
  })

  it('says until when it is open', async () => {
    const before = Date.now()
    const { browser } = await beginChallenge(shop, personWith(shop, 'SOCIAL_BIND'))
    const { expiresAt } = (await browser.get(`${shop.url}/challenge`)).json() as {
      expiresAt: number
    }
    expect(expiresAt).to.be.within(before + 600_000, Date.now() + 600_000)
  })
})
