import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import { mock } from 'node:test'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import type { Express } from 'express'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { inRepository } from '../package/installed.js'
import { Browser } from '../support/browser.js'
import { codeBlocksOf, pageAt } from './markdown.js'

// The page's other files need test tools, which `npm run compat testing` installs.
describe('the app of docs/testing.md', () => {
  const blocks = codeBlocksOf(pageAt('docs/testing.md'))
  let simulator: Simulator
  let server: Server

  before(async () => {
    const app = await pageApp()
    simulator = await startSimulator()
    const { domain, clientID, clientSecret, alipayAppID, authorizationURL } = simulator
    const tenant = { domain, clientID, clientSecret, alipayAppID, authorizationURL, http: {} }
    server = createServer(app(tenant)).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
  })
  afterEach(() => mock.timers.reset())
  after(async () => {
    server.close()
    await simulator.close()
  })

  async function pageApp(): Promise<(tenant: object) => Express> {
    const path = inRepository('dist/docs-blocks-testing/app.mjs')
    await mkdir(dirname(path), { recursive: true })
    const code = blocks.find((block) => block.code.startsWith('// app.mjs\n'))?.code ?? ''
    await writeFile(path, code)
    return (await import(pathToFileURL(path).href)).createApp
  }

  it('refreshes the id_token at once when a mocked Date is past its expiry', async () => {
    const shop = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const browser = new Browser()
    const { location } = await browser.get(`${shop}/auth/alipay`)
    const { pathname, search } = new URL(simulator.authorize(location))
    expect((await browser.get(shop + pathname + search)).location).to.equal(`${shop}/me`)
    const token = async () => (await browser.get(`${shop}/token`)).json() as { token: string }
    const first = await token()
    expect(await token()).to.deep.equal(first)
    const end = Date.now() + simulator.settings.idTokenLife * 1000
    mock.timers.enable({ apis: ['Date'], now: end })
    expect((await token()).token)
      .to.be.a('string')
      .and.not.equal(first.token)
    expect(simulator.count('refresh-id-token')).to.equal(1)
  })

  it('has exactly the files that npm run compat testing runs', () => {
    const names = blocks.flatMap(({ code }) => /^\/\/ (\S+\.[cm]js)\n/.exec(code)?.[1] ?? [])
    expect(names).to.have.members([
      'app.mjs',
      'login.mjs',
      'login.test.mjs',
      'vitest/login.test.mjs',
      'jest-esm/jest.config.mjs',
      'jest-esm/login.test.mjs',
      'jest-cjs/jest.config.cjs',
      'jest-cjs/client.test.cjs',
      'guards.test.mjs',
    ])
  })
})
