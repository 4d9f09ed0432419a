// The steps of a challenge in the shop of `shop.ts`.
import { expect } from 'chai'
import type { Person } from '../../simulator/index.js'
import { Browser, type Page } from './browser.js'
import { goToAlipay, type Outcome, outcomeOf, type Shop } from './shop.js'

/** A number that no simulated user has. */
export const freshMobile = '13900001111'

export const wrongCode = (right: string) => (right === '000000' ? '111111' : '000000')

export function personWith(shop: Shop, outcome: string, after?: string): Person {
  const found = shop.simulator.people.find((one) => one.outcome === outcome && one.after === after)
  if (!found) throw new Error(`nobody with ${outcome}`)
  return found
}

/** Logs in until the login fails with a challenge. */
export async function beginChallenge(
  shop: Shop,
  person: Person,
  browser = new Browser(),
): Promise<{ browser: Browser; outcome: Outcome }> {
  const outcome = outcomeOf(await browser.get(await goToAlipay(shop, browser, person)))
  expect(outcome.verb).to.equal('fail')
  return { browser, outcome }
}

/** Solves a puzzle; resolves to the token for `sendCode()`. */
export async function solvePuzzle(shop: Shop, browser: Browser, contact?: string): Promise<string> {
  const captcha = (await browser.get(`${shop.url}/challenge/captcha`)).json() as { token: string }
  const x = shop.simulator.captchaAnswer(captcha.token)
  const page = await browser.postJson(`${shop.url}/challenge/solve`, {
    token: captcha.token,
    x,
    contact,
  })
  return (page.json() as { captchaToken: string }).captchaToken
}

export async function sendCodeIn(
  shop: Shop,
  browser: Browser,
  to: object,
  contact?: string,
): Promise<Page> {
  const captchaToken = await solvePuzzle(shop, browser, contact)
  return browser.postJson(`${shop.url}/challenge/send`, { ...to, captchaToken })
}

export async function finishChallenge(
  shop: Shop,
  browser: Browser,
  form: Record<string, string>,
): Promise<Outcome> {
  return outcomeOf(await browser.post(`${shop.url}/challenge`, form))
}

/** Begins a challenge and requests a code by text message; resolves to the code. */
export async function challengeWithCode(
  shop: Shop,
  person: Person,
  mobile = person.mobile ?? freshMobile,
): Promise<{ browser: Browser; code: string; mobile: string }> {
  const { browser } = await beginChallenge(shop, person)
  expect((await sendCodeIn(shop, browser, { mobile }, mobile)).status).to.equal(200)
  const code = shop.simulator.lastCode(mobile) ?? ''
  expect(code).to.match(/^\d{4,8}$/)
  return { browser, code, mobile }
}
