import { expect } from 'chai'
import { Browser } from '../support/browser.js'
import { type Example, logIn, openExample, personWith, whoIs } from '../support/example.js'

describe('several tabs in the example', () => {
  let example: Example
  before(async () => {
    example = await openExample()
  })
  beforeEach(() => example.simulator.reset())
  after(() => example.close())

  /** Starts one login per tab in one browser; resolves to their callback URLs. */
  async function beginIn(browser: Browser, tabs: number): Promise<string[]> {
    const person = personWith(example.simulator, 'SUCCESS').id
    const begun: string[] = []
    for (let tab = 0; tab < tabs; tab++) {
      begun.push((await browser.get(`${example.url}/auth/alipay`)).location)
    }
    const decided = begun.map((page) => browser.post(page, { person, decision: 'agree' }))
    return (await Promise.all(decided)).map((page) => page.location)
  }

  it('complete their own logins in any order', async () => {
    const browser = new Browser()
    const [first = '', second = ''] = await beginIn(browser, 2)
    expect((await browser.get(second)).location).to.equal(`${example.url}/`)
    expect((await browser.get(first)).location).to.equal(`${example.url}/`)
    expect(example.simulator.count('login')).to.equal(2)
    expect((await whoIs(example, browser))?.user.name).to.equal('王芳')
  })

  it('complete five logins that were started at the same time', async () => {
    const browser = new Browser()
    await browser.get(`${example.url}/auth/alipay`)
    const begun = await Promise.all(
      Array.from({ length: 5 }, () => browser.get(`${example.url}/auth/alipay`)),
    )
    const person = personWith(example.simulator, 'SUCCESS').id
    for (const { location } of begun) {
      const { location: callback } = await browser.post(location, { person, decision: 'agree' })
      expect((await browser.get(callback)).location).to.equal(`${example.url}/`)
    }
  })

  it('complete five logins that return at the same time', async () => {
    const browser = new Browser()
    const callbacks = await beginIn(browser, 5)
    const pages = await Promise.all(callbacks.map((one) => browser.get(one)))
    expect(pages.map((page) => page.location)).to.deep.equal(Array(5).fill(`${example.url}/`))
    expect(example.simulator.count('login')).to.equal(5)
    expect((await whoIs(example, browser))?.user.name).to.equal('王芳')
    expect((await browser.get(`${example.url}/token`)).status).to.equal(200)
  })

  it('are all logged out by a logout in one', async () => {
    const browser = await logIn(example)
    const tab = browser.clone()
    await browser.post(`${example.url}/logout`)
    expect(await whoIs(example, tab)).to.equal(undefined)
    expect((await tab.get(`${example.url}/token`)).status).to.equal(401)
  })
})
