import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { startSimulator } from '../../lib/simulator/index.js'
import { Browser } from '../support/browser.js'

const SERVER = fileURLToPath(new URL('../../example/server.js', import.meta.url))

describe('example/server.js', function () {
  this.timeout(20_000)
  const children: ChildProcess[] = []
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  /** The example as a process of its own, with nothing of this one's environment that it reads. */
  function run(env: Record<string, string>) {
    const child = spawn(process.execPath, [SERVER], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    const said = { out: '', err: '' }
    child.stdout.on('data', (data: Buffer) => {
      said.out += data
    })
    child.stderr.on('data', (data: Buffer) => {
      said.err += data
    })
    const ended = once(child, 'close').then(([code]) => ({ code, ...said }))
    return { child, said, ended }
  }

  /** Until it prints the address to open. */
  async function started(env: Record<string, string>) {
    const running = run(env)
    for (;;) {
      const url = /^open (\S+)\/$/m.exec(running.said.out)?.[1]
      if (url) return { ...running, url }
      const [data] = await Promise.race([
        once(running.child.stdout, 'data'),
        running.ended.then(() => []),
      ])
      if (data === undefined) throw new Error(running.said.err)
    }
  }

  it('starts with nothing set, says where to open it, and logs somebody in', async () => {
    const { url, said, child, ended } = await started({ PORT: '0' })
    expect(said.out).to.match(/simulated at http:\/\/127\.0\.0\.1:\d+\//)
    expect(said.out).to.contain('no identity provider')
    const browser = new Browser()
    const { location } = await browser.get(`${url}/auth/alipay`)
    const person = /name="person" value="([^"]+)"/.exec((await browser.get(location)).text)?.[1]
    const back = await browser.post(location, { person: person ?? '', decision: 'agree' })
    expect((await browser.get(back.location)).location).to.equal(`${url}/`)
    expect((await browser.get(`${url}/me`)).status).to.equal(200)
    child.kill('SIGTERM')
    const { code, err } = await ended
    expect([code, err]).to.deep.equal([0, ''])
  })

  it('answers who is under way before it stops', async () => {
    const simulator = await startSimulator()
    const port = await freePort()
    const { url, child, ended } = await started({
      ONEACCESS_DOMAIN: simulator.domain,
      ONEACCESS_CLIENT_ID: simulator.clientID,
      ONEACCESS_CLIENT_SECRET: simulator.clientSecret,
      ALIPAY_APP_ID: simulator.alipayAppID,
      ALIPAY_AUTHORIZATION_URL: simulator.authorizationURL,
      PORT: String(port),
      CALLBACK_URL: `http://127.0.0.1:${port}/auth/alipay/callback`,
    })
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

  it('says clearly that its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { code, err } = await run({ PORT: String(port) }).ended
    other.close()
    expect(code).to.equal(1)
    expect(err).to.contain(`PORT ${port} is taken by another program`)
  })

  it('names every variable that is missing or wrong, at once', async () => {
    const { code, err, out } = await run({
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

  it('does not put the simulator into production', async () => {
    const { code, err } = await run({ NODE_ENV: 'production', SESSION_SECRET: 's' }).ended
    expect(code).to.equal(1)
    expect(err).to.contain('ONEACCESS_DOMAIN is missing')
  })

  it('does not start when Redis cannot be reached', async () => {
    const { code, err } = await run({ PORT: '0', REDIS_URL: 'redis://127.0.0.1:1' }).ended
    expect(code).to.equal(1)
    expect(err).to.match(/^ {2}REDIS_URL cannot be reached: .*ECONNREFUSED/m)
  })
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
