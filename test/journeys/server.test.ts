import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { startSimulator } from '../../simulator/index.js'
import { Browser } from '../support/browser.js'
import { englishIn } from '../support/chinese.js'
import {
  freePort,
  killExamples,
  printed,
  runExample,
  startExample,
  tenantOf,
} from '../support/example-process.js'

describe('example/server.js', function () {
  this.timeout(30_000)
  afterEach(killExamples)

  it('starts without settings, with a simulated tenant, and logs a user in', async () => {
    const { url, child, ended } = await startExample({ PORT: '0' })
    const browser = new Browser()
    const { location } = await browser.get(`${url}/auth/alipay`)
    const person = /name="person" value="([^"]+)"/.exec((await browser.get(location)).text)?.[1]
    const back = await browser.post(location, { person: person ?? '', decision: 'agree' })
    expect((await browser.get(back.location)).location).to.equal(`${url}/`)
    expect((await browser.get(`${url}/me`)).status).to.equal(200)
    child.kill('SIGTERM')
    const { code, out, err } = await ended
    expect([code, err]).to.deep.equal([0, ''])
    expect(out).to.match(/simulated at http:\/\/127\.0\.0\.1:\d+\//)
    expect(out).to.contain('not an identity provider')
  })

  it('prints Chinese with LANG=zh_CN.UTF-8', async () => {
    const chinese = { LANG: 'zh_CN.UTF-8' }
    const example = runExample({ ...chinese, PORT: '0' })
    const [, url = ''] = await printed(example, /^请打开 (\S+)\/$/m)
    expect((await fetch(url)).status).to.equal(200)
    example.child.kill('SIGTERM')
    const { code, out } = await example.ended
    expect(code).to.equal(0)
    expect(out).to.contain('由模拟器代替').and.to.contain('正在完成令牌刷新')
    expect(englishIn(out)).to.equal(undefined)
    const { err } = await runExample({ ...chinese, NODE_ENV: 'production' }).ended
    expect(err).to.contain('没有设置 SESSION_SECRET').and.to.contain('不能用于生产环境')
    expect(englishIn(err)).to.equal(undefined)
  })

  it('completes a login in progress before it stops', async () => {
    const simulator = await startSimulator()
    const { url, child, ended } = await startExample(tenantOf(simulator, await freePort()))
    const browser = new Browser()
    const { location } = await browser.get(`${url}/auth/alipay`)
    const person = simulator.people[0]?.id ?? ''
    const back = await browser.post(location, { person, decision: 'agree' })
    let release = () => {}
    const hold = new Promise<void>((resolve) => {
      release = resolve
    })
    simulator.fault('login', { hold })
    const arrived = simulator.nextCall('login')
    const answer = browser.get(back.location)
    await arrived
    child.kill('SIGINT')
    release()
    expect((await answer).location).to.equal(`${url}/`)
    expect((await ended).code).to.equal(0)
    await simulator.close()
  })

  it('exits with 1 and a message if its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { code, err } = await runExample({ PORT: String(port) }).ended
    other.close()
    expect(code).to.equal(1)
    expect(err).to.contain(`PORT ${port} is in use by another program`)
  })

  it('exits with 1 and names every missing or invalid variable', async () => {
    const { code, err, out } = await runExample({
      ONEACCESS_DOMAIN: 'acme.example.com',
      ALIPAY_APP_ID: '2021000000000001',
      CALLBACK_URL: 'https://shop.example.com/elsewhere',
      ONEACCESS_LOGIN_VERSION: '3',
      NODE_ENV: 'production',
    }).ended
    expect([code, out]).to.deep.equal([1, ''])
    for (const name of ['CLIENT_ID', 'CLIENT_SECRET', 'LOGIN_VERSION']) {
      expect(err).to.match(new RegExp(`^  ONEACCESS_${name} (is missing|must be)`, 'm'))
    }
    expect(err).to.match(/^ {2}SESSION_SECRET is missing$/m)
    expect(err).to.match(/^ {2}CALLBACK_URL must be .*\/auth\/alipay\/callback$/m)
    expect(err).to.not.contain('    at ')
  })

  it('does not start the simulator in production', async () => {
    const { code, err } = await runExample({ NODE_ENV: 'production', SESSION_SECRET: 's' }).ended
    expect(code).to.equal(1)
    expect(err).to.contain('ONEACCESS_DOMAIN is missing')
  })

  it('exits with 1 if Redis cannot be reached', async () => {
    const { code, err } = await runExample({ PORT: '0', REDIS_URL: 'redis://127.0.0.1:1' }).ended
    expect(code).to.equal(1)
    expect(err).to.match(/^ {2}REDIS_URL cannot be reached: .*ECONNREFUSED/m)
  })
})
