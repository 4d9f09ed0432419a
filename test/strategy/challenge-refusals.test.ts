import { expect } from 'chai'
import { MemoryTokenStore } from '../../lib/index.js'
import type { Endpoint, Fault } from '../../simulator/index.js'
import { deferred } from '../support/deferred.js'
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
import { type Outcome, openShop, type Shop } from '../support/shop.js'

/** What stands in front of OneAccess says so, with a page or with nothing. */
const FIREWALL: Fault[] = [
  { status: 403, body: '<html><h1>403 Forbidden</h1></html>' },
  { status: 401, body: '' },
  { status: 403, body: { timestamp: 1, status: 403, error: 'Forbidden', path: '/' } },
  { status: 401, body: { error_code: 'APIG.0301', error_msg: 'Incorrect IAM authentication' } },
  { status: 401, body: { error: 'unauthorized' } },
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

  it('has ended when the form that completed it is sent again', async () => {
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

  describe('while the store takes nothing that is only noted', () => {
    /** Takes the writes under these keys until it is told to fail. */
    class Failing extends MemoryTokenStore {
      failing: string[] = []
      override compareAndSet(...given: Parameters<MemoryTokenStore['compareAndSet']>) {
        const isAway = this.failing.some((start) => given[0].startsWith(start))
        return isAway ? Promise.reject(new Error('away')) : super.compareAndSet(...given)
      }
    }
    let store: Failing
    beforeEach(async () => {
      await shop.close()
      store = new Failing()
      shop = await openShop({ strategy: { tokenStore: store } })
    })

    /** The store goes away when OneAccess has the code. */
    async function finishWithout(fault: Fault): Promise<Outcome> {
      const { browser, code } = await challengeWithCode(shop, personWith(shop, 'SOCIAL_BIND'))
      const answer = deferred()
      shop.simulator.fault('social-bind', { ...fault, holdAnswer: answer.promise })
      const asked = shop.simulator.nextCall('social-bind')
      const finishing = finishChallenge(shop, browser, { verify_code: code })
      await asked
      store.failing = ['guesses:', 'challenge:']
      answer.resolve()
      return finishing
    }

    it('is the login that OneAccess has completed, and not an error', async () => {
      expect((await finishWithout({})).verb).to.equal('success')
    })

    it('is the error that OneAccess gives, and not one of the store', async () => {
      const { error } = await finishWithout({ status: 502, body: '' })
      expect(error?.code).to.equal('upstream_failed')
    })
  })

  describe('whose second factor goes to a number that OneAccess is asked for', () => {
    const enter = async () => {
      const { browser } = await beginChallenge(shop, personWith(shop, 'MFA_AUTH'))
      return (form = { verify_code: '000000' }) => finishChallenge(shop, browser, form)
    }

    it('ends when the state token is no longer accepted', async () => {
      const tryCode = await enter()
      shop.simulator.fault('mobile-by-token', { status: 400, body: { error_code: 'PARAM.0014' } })
      expect((await tryCode()).info?.code).to.equal('challenge_missing')
      expect((await tryCode()).info?.code).to.equal('challenge_missing')
      expect(shop.simulator.count('mobile-by-token')).to.equal(1)
    })

    it('no longer asks for it once the tries are used up', async () => {
      const tryCode = await enter()
      for (let n = 0; n < 5; n++) await tryCode()
      const asked = shop.simulator.count('mobile-by-token')
      expect((await tryCode()).info?.code).to.equal('challenge_over')
      expect(shop.simulator.count('mobile-by-token')).to.equal(asked)
    })
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
