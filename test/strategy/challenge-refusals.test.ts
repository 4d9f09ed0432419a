import { expect } from 'chai'
import type { Endpoint, Fault } from '../../lib/simulator/index.js'
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
        const solution = { token: 'a-token', x: 1, sender: freshMobile }
        const page =
          endpoint === 'captcha-verify'
            ? await browser.postJson(`${shop.url}/challenge/solve`, solution)
            : await sendCodeIn(shop, browser, { mobile: freshMobile }, freshMobile)
        expect([page.status, page.json()]).to.deep.include(502)
        expect(page.json()).to.have.property('code', 'unexpected_answer')
      }
    }
  })
})
