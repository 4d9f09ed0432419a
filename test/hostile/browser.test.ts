import { expect } from 'chai'
import type { NextFunction, Request, Response } from 'express'
import { Browser } from '../support/browser.js'
import {
  goToAlipay,
  logIn,
  openShop,
  outcomeOf,
  type Shop,
  type ShopOptions,
} from '../support/shop.js'
import { getRaw, postRaw } from './raw.js'

describe('an attacker with a browser or a forged request', () => {
  let shop: Shop
  const open = async (options: ShopOptions = {}) => {
    shop = await openShop(options)
  }
  afterEach(() => shop.close())

  const lastLogin = () => shop.simulator.calls.findLast((call) => call.endpoint === 'login')

  it('cannot log a victim in as the attacker with the attacker’s callback', async () => {
    await open()
    const callback = await goToAlipay(shop, new Browser())
    const victim = new Browser()
    await goToAlipay(shop, victim) // the victim has started a login too
    expect(outcomeOf(await victim.get(callback))).to.deep.include({ verb: 'fail', status: 403 })
    expect((await victim.get(`${shop.url}/me`)).status).to.equal(401)
    expect(shop.simulator.count('login')).to.equal(0)
  })

  it('cannot use a callback of another browser, before or after its owner does', async () => {
    await open()
    const owner = new Browser()
    const callback = await goToAlipay(shop, owner)
    const thief = new Browser()
    expect(outcomeOf(await thief.get(callback)).info?.code).to.equal('state_unknown')
    expect(outcomeOf(await owner.get(callback)).verb).to.equal('success')
    expect(outcomeOf(await thief.get(callback)).info?.code).to.equal('state_unknown')
    expect((await thief.get(`${shop.url}/me`)).status).to.equal(401)
  })

  it('cannot fix a session: a session id planted before the login is not logged in', async () => {
    await open()
    const attacker = new Browser()
    await attacker.get(`${shop.url}/login`)
    const victim = attacker.clone()
    await logIn(shop, victim)
    expect((await victim.get(`${shop.url}/me`)).status).to.equal(200)
    expect((await attacker.get(`${shop.url}/me`)).status).to.equal(401)
  })

  it('cannot post a code as a form or as text/plain', async () => {
    await open()
    const code = shop.simulator.issueCode(shop.simulator.people[0]?.id ?? '')
    const outcome = outcomeOf(await new Browser().post(`${shop.url}/app`, { auth_code: code }))
    expect(outcome).to.deep.include({ verb: 'fail', status: 400 })
    const text = await fetch(`${shop.url}/app`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ auth_code: code }),
    })
    expect(await text.json()).to.deep.include({ verb: 'fail', status: 400 })
    expect(shop.simulator.count('login')).to.equal(0)
  })

  const POLLUTIONS = [
    'auth_code=a&auth_code=b&state=S',
    'auth_code[]=a&state=S',
    'auth_code[x]=a&state=S',
    'auth_code=a&state=S&state=S',
    'auth_code=a&state=S&state[0]=x',
    'auth_code=a&state[__proto__]=S&state=S',
    'auth_code=a%00b&state=S',
    'auth_code=a%0d%0aX-Evil:%201&state=S',
    `auth_code=${'a'.repeat(513)}&state=S`,
    'auth_code=a&state=S&error=x&error=y',
    'auth_code=a&state=S&error_description=%1b[31m',
  ]
  for (const query of POLLUTIONS) {
    it(`cannot log in with polluted parameters: ${query.slice(0, 60)}`, async () => {
      await open()
      const browser = new Browser()
      const callback = new URL(await goToAlipay(shop, browser))
      const state = callback.searchParams.get('state') ?? ''
      const page = await browser.get(`${shop.url}/callback?${query.replaceAll('S', state)}`)
      expect(outcomeOf(page)).to.deep.include({ verb: 'fail', status: 400 })
      expect(shop.simulator.count('login')).to.equal(0)
      expect(({} as Record<string, unknown>).S).to.equal(undefined)
    })
  }

  const AGENTS: [name: string, value: string][] = [
    ['Chinese text', '浏览器/1.0 安卓'],
    ['emoji', 'Mozilla/5.0 😀🕶️'],
    ['Latin-1 control characters', 'Mozilla \x80\x85\x9f x'],
    ['12 kB', 'x'.repeat(12_000)],
    ['an empty string', ''],
    ['spaces', '   '],
    ['a tab', 'a\tb'],
  ]
  for (const [name, agent] of AGENTS) {
    for (const header of ['user-agent', 'accept-language']) {
      it(`cannot break a header sent to OneAccess with ${name} in ${header}`, async () => {
        await open()
        const code = shop.simulator.issueCode(shop.simulator.people[0]?.id ?? '')
        const bytes = Buffer.from(agent, 'utf8').toString('latin1')
        const { body } = await postRaw(`${shop.url}/app`, { auth_code: code }, [header, bytes])
        expect(JSON.parse(body)).to.have.property('verb', 'success')
        const sent = lastLogin()?.headers ?? {}
        for (const one of ['x-agent', 'x-operating-sys-version', 'x-device-fingerprint']) {
          expect(sent[one]).to.match(/^[\x20-\x7e\xa1-\xff]{1,512}$/)
        }
      })
    }
  }

  it('gets 431 from Node for a header of 64 kB, and cannot send CR or LF in one', async () => {
    await open()
    const huge = await postRaw(`${shop.url}/app`, {}, ['user-agent', 'x'.repeat(65_536)])
    expect(huge.status).to.equal(431)
    const post = () => postRaw(`${shop.url}/app`, {}, ['user-agent', 'a\r\nX-Evil: 1'])
    expect(post).to.throw('Invalid character')
    expect(shop.simulator.count('login')).to.equal(0)
  })

  it('cannot break a header through values that the option device returns', async () => {
    const evil = { agent: 'a\r\nX-Evil: 1', fingerprint: '指纹\0', ip: '1.2.3.4\n', osVersion: '' }
    await open({ strategy: { device: () => evil } })
    expect((await logIn(shop)).outcome.verb).to.equal('success')
    expect(lastLogin()?.headers).to.include({
      'x-agent': 'a??X-Evil: 1',
      'x-device-fingerprint': '???',
      'x-operating-sys-version': 'unknown',
    })
    expect(lastLogin()?.headers).to.not.have.property('x-evil')
  })

  const FORGED = ['x-forwarded-for', '6.6.6.6', 'x-real-ip', '6.6.6.6', 'forwarded', 'for=6.6.6.6']

  it('cannot set its IP address with a header if the app trusts no proxy', async () => {
    await open()
    const code = shop.simulator.issueCode(shop.simulator.people[0]?.id ?? '')
    await postRaw(`${shop.url}/app`, { auth_code: code }, FORGED)
    expect(lastLogin()?.headers).to.include({ 'x-device-ip': '127.0.0.1' })
  })

  it('has the IP address that a trusted proxy saw, not the one it claims itself', async () => {
    await open({ first: trustingOneProxy })
    const code = shop.simulator.issueCode(shop.simulator.people[0]?.id ?? '')
    const headers = ['x-forwarded-for', '6.6.6.6, 203.0.113.9', 'x-real-ip', '6.6.6.6']
    await postRaw(`${shop.url}/app`, { auth_code: code }, headers)
    expect(lastLogin()?.headers).to.include({ 'x-device-ip': '203.0.113.9' })
  })

  for (const [name, first] of [
    ['no proxy is trusted', undefined],
    ['a proxy is trusted', trustingOneProxy],
  ] as const) {
    it(`cannot change redirect_uri with Host or X-Forwarded-* when ${name}`, async () => {
      await open(first ? { first } : {})
      const headers = ['host', 'evil.example', 'x-forwarded-host', 'evil.example']
      const { location } = await getRaw(`${shop.url}/login?redirect_uri=https://evil.example`, [
        ...headers,
        ...['x-forwarded-proto', 'javascript', 'x-original-url', '//evil.example'],
      ])
      const url = new URL(location)
      expect(url.origin + url.pathname).to.equal(shop.simulator.authorizationURL)
      expect(url.searchParams.get('redirect_uri')).to.equal(`${shop.url}/callback`)
    })
  }

  it('cannot set info.state with a callback parameter', async () => {
    await open({ authenticate: { state: { returnTo: '/orders' } } })
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    const evil = encodeURIComponent('https://evil.example/')
    const more = `&returnTo=${evil}&returnTo[]=x&__proto__[returnTo]=${evil}`
    const { info } = outcomeOf(await browser.get(callback + more))
    expect(info?.state).to.deep.equal({ returnTo: '/orders' })
  })

  it('spends no code with a HEAD or prerender request', async () => {
    await open()
    const browser = new Browser()
    const callback = await goToAlipay(shop, browser)
    const ahead = await browser.get(callback, { 'sec-purpose': 'prefetch;prerender' })
    expect(ahead.status).to.equal(503)
    await fetch(callback, { method: 'HEAD', headers: browser.cookieHeader(callback) })
    expect(outcomeOf(await browser.get(callback)).verb).to.equal('success')
    expect(shop.simulator.count('login')).to.equal(1)
  })

  it('gets no cookie for a callback that this browser did not start', async () => {
    await open()
    const page = await new Browser().get(`${shop.url}/callback?auth_code=x&state=${'0'.repeat(40)}`)
    expect(page.headers.get('set-cookie')).to.equal(null)
  })

  it('leaves at most 8 attempts open after starting 20 logins', async () => {
    await open()
    const browser = new Browser()
    const states: string[] = []
    for (let n = 0; n < 20; n++) {
      const { location } = await browser.get(`${shop.url}/login`)
      states.push(new URL(location).searchParams.get('state') ?? '')
    }
    const codes: (string | undefined)[] = []
    for (const state of states) {
      const page = await browser.get(`${shop.url}/callback?state=${state}`)
      codes.push(outcomeOf(page).info?.code)
    }
    expect(codes.filter((code) => code === 'state_unknown')).to.have.length(12)
    expect(codes.slice(12)).to.deep.equal(Array(8).fill('code_missing'))
  })
})

function trustingOneProxy(req: Request, _res: Response, next: NextFunction): void {
  req.app.set('trust proxy', 1)
  next()
}
