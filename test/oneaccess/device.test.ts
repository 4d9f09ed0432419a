import { expect } from 'chai'
import fc from 'fast-check'
import { type Device, osVersionOf, sanitizeDevice } from '../../lib/oneaccess/device.js'
import { startUpstream } from '../support/upstream.js'
import { CREDENTIAL, createClient, GRANTED, LOGIN_V3, TICKET, wireOf } from './support.js'

/** What docs/wire.md#device-values allows in a header value. HTTP strips spaces at either end. */
const VALID = /^[\x21-\x7e\xa1-\xff]([\x20-\x7e\xa1-\xff]*[\x21-\x7e\xa1-\xff])?$/
const NAMES = ['osVersion', 'fingerprint', 'ip', 'agent'] as const

describe('sanitizeDevice', () => {
  const DEVICE: Device = {
    osVersion: 'Android 10',
    fingerprint: '156aysdna213sc50',
    ip: '2001:db8::1',
    agent: 'Café/1.0 (¡hola!) ÿ',
  }

  it('keeps values of visible Latin-1 characters', () => {
    expect(sanitizeDevice(DEVICE)).to.deep.equal(DEVICE)
  })

  for (const name of NAMES) {
    for (const value of ['', '   ', '\t', undefined, null, 7, {}, ['a']]) {
      it(`replaces ${name} with a placeholder when it is ${JSON.stringify(value)}`, () => {
        const { [name]: found, ...rest } = sanitizeDevice({ ...DEVICE, [name]: value })
        const { [name]: _, ...expected } = DEVICE
        expect(found).to.match(VALID)
        expect(rest).to.deep.equal(expected)
      })
    }

    for (const bad of ['a\r\nX-client-id: b', 'a\0b', 'a\tb', 'a\x7fb', 'a\x85b', 'a\u2028b']) {
      it(`removes control characters from ${name}: ${JSON.stringify(bad)}`, () => {
        const found = sanitizeDevice({ ...DEVICE, [name]: bad })[name]
        expect(found)
          .to.match(VALID)
          .and.to.match(/^a.+b$/)
      })
    }

    it(`limits the length of ${name}`, () => {
      expect(sanitizeDevice({ ...DEVICE, [name]: 'a'.repeat(100_000) })[name].length).to.be.below(
        1e3,
      )
    })
  }

  it('replaces each other character with one question mark', () => {
    expect(sanitizeDevice({ agent: '支付宝/10 😀x' }).agent).to.equal('???/10 ?x')
  })

  it('returns valid header values for any input, and returns its own output unchanged', () => {
    const units = fc.uint16Array({ maxLength: 40 }).map((codes) => String.fromCharCode(...codes))
    const anything = fc.oneof(units, fc.string(), fc.constantFrom(undefined, null, 7, {}))
    const devices = fc.record(Object.fromEntries(NAMES.map((name) => [name, anything])))
    fc.assert(
      fc.property(devices, (raw: object) => {
        const device = sanitizeDevice(raw)
        for (const name of NAMES) expect(device[name]).to.match(VALID)
        expect(sanitizeDevice(device)).to.deep.equal(device)
      }),
    )
  })

  it('returns values that arrive identically in a header and in a body', async () => {
    const upstream = await startUpstream()
    upstream.script(LOGIN_V3, { body: { status: 'SUCCESS', session_token: 's1' } })
    upstream.script(CREDENTIAL, GRANTED)
    upstream.script(TICKET, { body: { sso_ticket: 't1' } })
    const client = createClient(upstream)
    try {
      const visible = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('')
      for (const agent of [visible, ` ${visible} `, 'a  b', '"quoted", {"json":1}']) {
        const device = sanitizeDevice({ ...DEVICE, agent })
        await client.loginWithAlipay('code-1', { device })
        await client.ssoTicket('s1', { device })
        expect(wireOf(upstream.at(LOGIN_V3).at(-1)).headers['x-agent']).to.equal(device.agent)
        expect(wireOf(upstream.at(TICKET).at(-1)).body).to.include({ agent: device.agent })
      }
    } finally {
      await upstream.close()
    }
  })
})

describe('osVersionOf', () => {
  const agents: [system: string, agent: string][] = [
    [
      'Android 10',
      'Mozilla/5.0 (Linux; Android 10; Redmi K30 Build/QKQ1.190825.002; wv) AppleWebKit/537.36',
    ],
    ['Android 8.1.0', 'Mozilla/5.0 (Linux; U; Android 8.1.0; zh-CN; EML-AL00) AppleWebKit/537.36'],
    ['iOS 13.3', 'Mozilla/5.0 (iPhone; CPU iPhone OS 13_3 like Mac OS X)'],
    ['iOS 15.6.1', 'Mozilla/5.0 (iPad; CPU OS 15_6_1 like Mac OS X) AppleWebKit/605.1.15'],
    ['Windows NT 10.0', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36'],
    ['macOS 10.15.7', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36'],
    ['HarmonyOS 5.0', 'Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 ArkWeb/4.1'],
    ['HarmonyOS', 'Mozilla/5.0 (Linux; Android 12; HarmonyOS; NOH-AN00) AppleWebKit/537.36'],
    ['ChromeOS 14541.0.0', 'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36'],
    ['Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0'],
  ]
  for (const [system, agent] of agents) {
    it(`reads ${system} from ${agent.slice(12, 60)}`, () => {
      expect(osVersionOf(agent)).to.equal(system)
    })
  }

  for (const agent of ['', 'curl/8.0', 'okhttp/4.9.3']) {
    it(`returns unknown for "${agent}"`, () => {
      expect(osVersionOf(agent)).to.equal('unknown')
    })
  }
})
