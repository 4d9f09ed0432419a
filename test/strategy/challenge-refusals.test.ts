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

/** Responses of a firewall or gateway in front of OneAccess, which say nothing about the code. */
const FIREWALL: Fault[] = [
  { status: 403, body: '<html><h1>403 Forbidden</h1></html>' },
  { status: 401, body: '' },
  { status: 403, body: { timestamp: 1, status: 403, error: 'Forbidden', path: '/' } },
  { status: 401, body: { error_code: 'APIG.0301', error_msg: 'Incorrect IAM authentication' } },
  { status: 401, body: { error: 'unauthorized' } },
]
/** OneAccess does not document how it rejects a code, so each of these counts as a wrong code. */
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

describe("flow 'challenge', rejections and errors", () => {
  let shop: Shop
  beforeEach(async () => {
    shop = await openShop()
  })
  afterEach(() => shop.close())

  for (const [status, endpoint] of STEPS) {
    it(`errors with unexpected_answer on a response of a firewall, which uses up no try: ${status}`, async () => {
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

    it(`fails with verify_code_wrong on any rejection by OneAccess: ${status}`, async () => {
      const { browser, code } = await challengeWithCode(shop, personWith(shop, status))
      for (const [n, fault] of WRONG.entries()) {
        shop.simulator.fault(endpoint, fault)
        const { info } = await finishChallenge(shop, browser, { verify_code: code })
        expect(info).to.include({ code: 'verify_code_wrong', triesLeft: 4 - n })
      }
    })
  }

  it('errors with unexpected_answer when a firewall blocks the captcha or the text message', async () => {
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
    it(`sends ${endpoint} a code that this challenge did not request: ${status}`, async () => {
      const { browser } = await beginChallenge(shop, personWith(shop, status))
      const form = { mobile: freshMobile, verify_code: '123456' }
      const { info } = await finishChallenge(shop, browser, form)
      expect(info).to.include({ code: 'verify_code_wrong', triesLeft: 4 })
      expect(shop.simulator.count(endpoint)).to.equal(1)
    })
  }

  it('fails with challenge_missing when the form that completed it is sent again', async () => {
    const { browser, code } = await challengeWithCode(shop, personWith(shop, 'SOCIAL_BIND'))
    const form = { verify_code: code }
    expect((await finishChallenge(shop, browser, form)).verb).to.equal('success')
    expect((await finishChallenge(shop, browser, form)).info?.code).to.equal('challenge_missing')
    expect(shop.simulator.count('social-bind')).to.equal(1)
  })

  it('logs in both requests of a form sent twice, even if the store is slow for the first', async () => {
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

  describe('while the store fails to save challenges and guess counts', () => {
    /** Rejects writes to keys with one of the prefixes in `failing`. */
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

    /** The store fails from the moment that OneAccess has received the code. */
    async function finishWithFailingStore(fault: Fault): Promise<Outcome> {
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

    it('logs in when OneAccess has completed the login', async () => {
      expect((await finishWithFailingStore({})).verb).to.equal('success')
    })

    it('errors with the error of OneAccess, not with that of the store', async () => {
      const { error } = await finishWithFailingStore({ status: 502, body: '' })
      expect(error?.code).to.equal('upstream_failed')
    })
  })

  describe('MFA_AUTH, whose mobile number comes from OneAccess', () => {
    const enter = async () => {
      const { browser } = await beginChallenge(shop, personWith(shop, 'MFA_AUTH'))
      return (form = { verify_code: '000000' }) => finishChallenge(shop, browser, form)
    }

    it('ends when OneAccess rejects the state token', async () => {
      const tryCode = await enter()
      shop.simulator.fault('mobile-by-token', { status: 400, body: { error_code: 'PARAM.0014' } })
      expect((await tryCode()).info?.code).to.equal('challenge_missing')
      expect((await tryCode()).info?.code).to.equal('challenge_missing')
      expect(shop.simulator.count('mobile-by-token')).to.equal(1)
    })

    it('does not request the number again once the tries are used up', async () => {
      const tryCode = await enter()
      for (let n = 0; n < 5; n++) await tryCode()
      const asked = shop.simulator.count('mobile-by-token')
      expect((await tryCode()).info?.code).to.equal('challenge_over')
      expect(shop.simulator.count('mobile-by-token')).to.equal(asked)
    })
  })

  it('returns expiresAt, 10 minutes after the challenge was opened', async () => {
    const before = Date.now()
    const { browser } = await beginChallenge(shop, personWith(shop, 'SOCIAL_BIND'))
    const { expiresAt } = (await browser.get(`${shop.url}/challenge`)).json() as {
      expiresAt: number
    }
    expect(expiresAt).to.be.within(before + 600_000, Date.now() + 600_000)
  })
})
