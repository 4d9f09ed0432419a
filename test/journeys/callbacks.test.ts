import { expect } from 'chai'
import sinon from 'sinon'
import { Browser } from '../support/browser.js'
import {
  decideAtAlipay,
  type Example,
  logIn,
  openExample,
  personWith,
  whoIs,
} from '../support/example.js'

const callbackPath = '/auth/alipay/callback'

describe('the callback of the example', () => {
  let example: Example
  before(async () => {
    example = await openExample()
  })
  beforeEach(() => example.simulator.reset())
  afterEach(() => sinon.restore())
  after(() => example.close())

  const failedAs = (code: string) => `${example.url}/login?failed=${code}`

  it('refuses a forged state', async () => {
    const browser = new Browser()
    const url = new URL(await decideAtAlipay(example, browser))
    url.searchParams.set('state', '0'.repeat(40))
    expect((await browser.get(url.href)).location).to.equal(failedAs('state_unknown'))
    expect(example.simulator.count('login')).to.equal(0)
  })

  it('refuses a missing state in a browser that is logged in', async () => {
    const browser = await logIn(example)
    const code = example.simulator.issueCode(personWith(example.simulator, 'SUCCESS', 1).id)
    const forged = await browser.get(`${example.url}${callbackPath}?auth_code=${code}`)
    expect(forged.location).to.equal(failedAs('state_missing'))
    expect((await whoIs(example, browser))?.user.name).to.equal('王芳')
    expect(example.simulator.count('login')).to.equal(1)
  })

  it('refuses another browser, and does not spend the attempt of its own', async () => {
    const [owner, thief] = [new Browser(), new Browser()]
    const callback = await decideAtAlipay(example, owner)
    await thief.get(`${example.url}/auth/alipay`)
    expect((await thief.get(callback)).location).to.equal(failedAs('state_unknown'))
    expect(await whoIs(example, thief)).to.equal(undefined)
    expect((await owner.get(callback)).location).to.equal(`${example.url}/`)
  })

  it('refuses a state that is older than ten minutes', async () => {
    const browser = new Browser()
    const callback = await decideAtAlipay(example, browser)
    const clock = sinon.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    clock.tick(601_000)
    expect((await browser.get(callback)).location).to.equal(failedAs('state_expired'))
    clock.restore()
    expect(example.simulator.count('login')).to.equal(0)
  })

  it('refuses a code that OneAccess refuses, and sends it only once', async () => {
    const browser = new Browser()
    const url = new URL(await decideAtAlipay(example, browser))
    url.searchParams.set('auth_code', 'f'.repeat(32))
    const refused = await browser.get(url.href)
    expect(refused.location).to.equal(failedAs('code_refused'))
    const replayed = await browser.get(url.href)
    expect(replayed.location).to.equal(failedAs('code_refused'))
    expect(example.simulator.count('login'), 'the code is used once').to.equal(1)
  })

  it('makes one login of five concurrent deliveries', async () => {
    const browser = new Browser()
    const callback = await decideAtAlipay(example, browser)
    const copies = Array.from({ length: 5 }, () => browser.clone())
    const pages = await Promise.all(copies.map((copy) => copy.get(callback)))
    expect(pages.map((page) => page.location)).to.deep.equal(Array(5).fill(`${example.url}/`))
    expect(example.simulator.count('login')).to.equal(1)
    for (const copy of copies) expect((await whoIs(example, copy))?.user.name).to.equal('王芳')
  })

  it('redirects to the home page when the user goes back to it', async () => {
    const browser = new Browser()
    const callback = await decideAtAlipay(example, browser)
    await browser.get(callback)
    expect((await browser.get(callback)).location).to.equal(`${example.url}/`)
    expect((await whoIs(example, browser))?.user.name).to.equal('王芳')
    expect(example.simulator.count('login')).to.equal(1)
  })

  it('does not log the user in again after a logout', async () => {
    const browser = new Browser()
    const callback = await decideAtAlipay(example, browser)
    await browser.get(callback)
    await browser.post(`${example.url}/logout`)
    expect((await browser.get(callback)).location).to.equal(failedAs('state_unknown'))
    expect(await whoIs(example, browser)).to.equal(undefined)
    expect(example.simulator.count('login')).to.equal(1)
  })

  it('spends no code for a prefetch', async () => {
    const browser = new Browser()
    const callback = await decideAtAlipay(example, browser)
    const ahead = await browser.get(callback, { 'sec-purpose': 'prefetch' })
    expect(ahead.status).to.equal(503)
    expect(example.simulator.count('login')).to.equal(0)
    expect((await browser.get(callback)).location).to.equal(`${example.url}/`)
  })

  it('redirects to the login page when it has no parameters', async () => {
    const empty = await new Browser().get(example.url + callbackPath)
    expect(empty.location).to.equal(failedAs('code_missing'))
  })

  it('refuses repeated, nested, long and control-character parameters', async () => {
    for (const query of [
      'auth_code=a&auth_code=b&state=c',
      'auth_code[x]=a&state=b',
      `auth_code=${'a'.repeat(600)}&state=b`,
      'auth_code=%00&state=b',
    ]) {
      const { location } = await new Browser().get(`${example.url}${callbackPath}?${query}`)
      expect(location, query).to.match(/failed=(parameters_malformed|state_unknown)$/)
    }
    expect(example.simulator.count('login')).to.equal(0)
  })
})
