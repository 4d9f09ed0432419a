import { expect } from 'chai'
import type { Request } from 'express'
import { contextOf } from '../../lib/login/device.js'
import type { Settings } from '../../lib/options.js'
import { Browser } from '../support/browser.js'
import { goToAlipay, logIn, openShop, type Shop } from '../support/shop.js'

describe('contextOf', () => {
  const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)'
  const of = (
    settings: Partial<Settings> = {},
    headers: Record<string, string> = { 'user-agent': WINDOWS, 'accept-language': 'zh-CN' },
    ip: string | undefined = '192.0.2.7',
  ) => {
    const socket = { remoteAddress: '198.51.100.1' }
    const req = { headers, ip, socket } as unknown as Request
    return contextOf(req, { clientID: 'client-1', ...settings } as Settings)
  }

  it("contains the browser's values, and no tenantID unless it is set", () => {
    const { device, ...rest } = of()
    expect(rest).to.deep.equal({})
    expect(device).to.deep.include({
      osVersion: 'Windows NT 10.0',
      ip: '192.0.2.7',
      agent: WINDOWS,
    })
  })

  it('contains a fingerprint that depends on the browser and the client id, not on the IP address', () => {
    const all = [
      of(),
      of({ clientID: 'client-2' }),
      of({}, { 'user-agent': WINDOWS }),
      of({}, { 'user-agent': 'curl/8', 'accept-language': 'zh-CN' }),
    ].map(({ device }) => device.fingerprint)
    for (const one of all) expect(one).to.match(/^[0-9a-f]{32}$/)
    expect(new Set(all).size).to.equal(all.length)
    expect(of({}, undefined, '198.51.100.9').device.fingerprint).to.equal(all[0])
    // OneAccess keeps data for a device by its fingerprint, so releases must not change it
    expect(all[0]).to.equal('7f121f695ed77c005e55cb94d5508f49')
    expect(of({}, {}).device.fingerprint).to.equal('5499e3b168dd4de5dcb64b669a2d8ba5')
  })

  const addresses: [ip: string | undefined, sent: string][] = [
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:10.0.0.1', '10.0.0.1'],
    ['::ffff:c000:207', '::ffff:c000:207'],
    ['2001:db8::ffff:10.0.0.1', '2001:db8::ffff:10.0.0.1'],
    ['::1', '::1'],
    ['192.0.2.7:51234', '192.0.2.7'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:51234', '2001:db8::1'],
    ['"[2001:db8::1]:51234"', '2001:db8::1'],
    ['[::ffff:192.0.2.7]:51234', '192.0.2.7'],
    ['fe80::1%eth0', 'fe80::1'],
    [' 192.0.2.7 ', '192.0.2.7'],
    ['unknown', '198.51.100.1'],
    ['_hidden', '198.51.100.1'],
    ['', '198.51.100.1'],
    ['192.0.2.300', '198.51.100.1'],
    ['192.0.2.7, 203.0.113.9', '198.51.100.1'],
    ['shop.example.com', '198.51.100.1'],
    ['1'.repeat(1_000_000), '198.51.100.1'],
  ]
  for (const [ip, sent] of addresses) {
    it(`sends the address ${JSON.stringify(ip?.slice(0, 40))} as ${sent}`, () => {
      expect(of({}, undefined, ip).device.ip).to.equal(sent)
    })
  }

  it('normalizes the ip from the option device, and uses req.ip when it is invalid', () => {
    for (const [own, sent] of [
      ['203.0.113.5:443', '203.0.113.5'],
      ['unknown', '192.0.2.7'],
      [7, '192.0.2.7'],
    ] as const) {
      const device = () => ({ ip: own }) as never
      expect(of({ device }).device.ip).to.equal(sent)
    }
  })

  it('contains placeholders for values that the request lacks', () => {
    const req = { headers: {} } as unknown as Request
    expect(contextOf(req, { clientID: 'client-1' } as Settings).device).to.include({
      osVersion: 'unknown',
      ip: '0.0.0.0',
      agent: 'unknown',
    })
  })

  it('prefers the values from the option device and takes the rest from the browser', () => {
    const own = { fingerprint: 'own-1', ip: '203.0.113.5' }
    let asked: unknown
    const { device } = of({
      device: (req) => {
        asked = req.ip
        return own
      },
    })
    expect(asked).to.equal('192.0.2.7')
    expect(device).to.deep.equal({ ...own, osVersion: 'Windows NT 10.0', agent: WINDOWS })
    for (const none of [undefined, null]) {
      expect(of({ device: () => none as never })).to.deep.equal(of())
    }
  })

  for (const wrong of [7, 'own-1', ['own-1'], () => ({})]) {
    it(`throws a TypeError when the option device returns ${JSON.stringify(wrong) ?? 'a function'}`, () => {
      expect(() => of({ device: () => wrong as never })).to.throw(
        TypeError,
        'OneAccessAlipayStrategy: option device must return an object',
      )
    })
  }

  it('contains the tenantID from a string or a function, up to 128 visible ASCII characters', () => {
    const longest = 't'.repeat(128)
    expect(of({ tenantID: 'tenant-7' })).to.have.property('tenantID', 'tenant-7')
    expect(of({ tenantID: longest })).to.have.property('tenantID', longest)
    expect(of({ tenantID: (req) => `of ${req.ip}`.replace(' ', '-') })).to.have.property(
      'tenantID',
      'of-192.0.2.7',
    )
    for (const wrong of [`${longest}t`, 'a b', ' a', 'a\n', '租户']) {
      expect(() => of({ tenantID: () => wrong })).to.throw(TypeError, 'option tenantID must give')
    }
  })
})

describe('contextOf, with option functions in an app', () => {
  let shop: Shop
  afterEach(() => shop.close())

  for (const tenant of [7, undefined, null, '', 'a b', ['tenant-7']]) {
    it(`errors before the login call when tenantID returns ${JSON.stringify(tenant)}`, async () => {
      shop = await openShop({ strategy: { tenantID: (() => tenant) as never } })
      const { outcome } = await logIn(shop)
      expect(outcome.verb).to.equal('error')
      expect(outcome.error?.message).to.match(/option tenantID must give visible ASCII/)
      expect(shop.simulator.count('login')).to.equal(0)
    })
  }

  for (const [option, message] of [
    ['device', /option device must return an object/],
    ['tenantID', /option tenantID must give visible ASCII/],
  ] as const) {
    for (const what of ['resolves', 'rejects']) {
      it(`errors before the login call, and only once, when ${option} returns a promise that ${what}`, async () => {
        const late = async () => {
          if (what === 'rejects') throw new Error('nobody awaits this')
          return {}
        }
        shop = await openShop({ strategy: { [option]: late as never } })
        const { outcome } = await logIn(shop)
        expect(outcome.verb).to.equal('error')
        expect(outcome.error?.message).to.match(message)
        expect(shop.simulator.count('login')).to.equal(0)
      })
    }
  }

  for (const nothing of [undefined, null, 0, '', false]) {
    it(`errors, and does not call the route, when device throws ${JSON.stringify(nothing)}`, async () => {
      const device = () => {
        throw nothing
      }
      shop = await openShop({ strategy: { device } })
      const browser = new Browser()
      const callback = await goToAlipay(shop, browser)
      const page = await browser.get(callback.replace('/callback', '/plain'))
      expect(page.status).to.equal(500)
      expect(shop.outcomes).to.deep.equal(['error'])
    })
  }
})
