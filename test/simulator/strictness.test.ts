import { randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { expect } from 'chai'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import {
  bearer,
  deviceMembers,
  type Result,
  sdkHeaders,
  send,
  sessionToken,
  signature,
  ticket,
} from './support.js'

const LOGIN = '/api/v3/sdk/login/alipay'
const REFRESH = '/api/v2/sdk/sso/session-token/id-token'
const TICKET = '/api/v2/tenant/sso/session-token/sso-ticket'
const VERIFY = '/api/v2/tenant/sso/sso-ticket/verify'
const RENEW = '/api/v2/tenant/sso/session-token/refresh'
const SIGNED = '/api/v2/sdk/session-token/refresh-id-token'

interface ValidCall {
  path: string
  headers: Record<string, string>
  body?: Record<string, unknown>
}

/** A valid request for each endpoint, of which each test changes one thing. */
const calls: Record<string, (simulator: Simulator) => Promise<ValidCall>> = {
  login: async (simulator) => ({
    path: LOGIN,
    headers: sdkHeaders(simulator),
    body: { code: simulator.issueCode(simulator.people[0]?.id ?? '') },
  }),
  'refresh-id-token': async (simulator) => ({
    path: REFRESH,
    headers: { ...sdkHeaders(simulator), 'session-token': await sessionToken(simulator) },
  }),
  'refresh-signed-id-token': async (simulator) => ({
    path: SIGNED,
    headers: {
      ...sdkHeaders(simulator),
      'x-signature': await signature(simulator, await sessionToken(simulator), randomUUID()),
    },
  }),
  ticket: async (simulator) => ({
    path: TICKET,
    headers: await bearer(simulator),
    body: { session_token: await sessionToken(simulator), ...deviceMembers },
  }),
  verify: async (simulator) => ({
    path: VERIFY,
    headers: await bearer(simulator),
    body: { sso_ticket: await ticket(simulator), ...deviceMembers },
  }),
  'refresh-session-token': async (simulator) => ({
    path: RENEW,
    headers: await bearer(simulator),
    body: { session_token: await sessionToken(simulator), ...deviceMembers },
  }),
}

const sdkCalls = ['login', 'refresh-id-token', 'refresh-signed-id-token']
const bearerCalls = ['ticket', 'verify', 'refresh-session-token']
const bodyCalls = ['login', 'ticket', 'verify', 'refresh-session-token']

describe("the simulator's checks of requests", () => {
  let simulator: Simulator

  beforeEach(async () => {
    simulator = await startSimulator()
  })
  afterEach(() => simulator.close())

  async function call(name: string, spoil: (made: ValidCall) => void = () => {}): Promise<Result> {
    const made = await calls[name]?.(simulator)
    if (!made) throw new Error(`no call ${name}`)
    spoil(made)
    return send(simulator, made.path, made)
  }

  async function refusal(
    name: string,
    spoil: (made: ValidCall) => void,
  ): Promise<string | undefined> {
    const { status, body } = await call(name, spoil)
    expect(status).to.be.within(400, 499)
    return body.error_code ?? body.error
  }

  for (const name of ['refresh-id-token', ...bodyCalls]) {
    it(`accept only application/json for ${name}, with or without charset utf-8`, async () => {
      const types = ['application/json', 'application/json; charset=utf-8', 'text/plain']
      const statuses = []
      for (const type of types) {
        const { status } = await call(name, ({ headers }) => {
          headers['content-type'] = type
        })
        statuses.push(status)
      }
      expect(statuses).to.deep.equal([200, 200, 415])
    })
  }

  for (const name of Object.keys(calls)) {
    it(`accept a valid ${name} call`, async () => {
      expect((await call(name)).status).to.equal(200)
    })

    it(`refuse ${name} with another method or a query`, async () => {
      const query = await call(name, (made) => {
        made.path += '?a=b'
      })
      const made = await calls[name]?.(simulator)
      const method = await send(simulator, made?.path ?? '', { method: 'GET' })
      expect([query.status, method.status]).to.deep.equal([400, 405])
      expect(method.headers.get('allow')).to.equal('POST')
    })

    it(`refuse ${name} without x-tenant-id or with another tenant if tenantID is set`, async () => {
      const statusFor = async (tenant: string) => {
        simulator.settings.tenantID = undefined
        const { status } = await call(name, ({ headers }) => {
          simulator.settings.tenantID = 'tenant-a'
          headers['x-tenant-id'] = tenant
        })
        return status
      }
      expect(await statusFor('')).to.equal(400)
      expect(await statusFor('tenant-b')).to.equal(400)
      expect(await statusFor('tenant-a')).to.equal(200)
    })
  }

  for (const name of sdkCalls) {
    for (const header of ['x-operating-sys-version', 'x-device-fingerprint', 'x-agent']) {
      it(`refuse ${name} without ${header}, with each product’s code`, async () => {
        const spoil = ({ headers }: ValidCall) => {
          headers[header] = ''
        }
        expect(await refusal(name, spoil)).to.equal('SDK.COMMON.1003')
        simulator.settings.product = 'ciam'
        expect(await refusal(name, spoil)).to.equal('IDAAS.SDK.PARAM.0001')
      })
    }

    it(`refuse ${name} with an empty or another x-client-id, with each product’s code`, async () => {
      const withClient = (id: string) =>
        refusal(name, ({ headers }) => {
          headers['x-client-id'] = id
        })
      expect([await withClient(''), await withClient('another')]).to.deep.equal([
        'SDK.COMMON.1012',
        'APP.0001',
      ])
      simulator.settings.product = 'ciam'
      expect([await withClient(''), await withClient('another')]).to.deep.equal([
        'IDAAS.SDK.PARAM.0002',
        'IDAAS.SDK.PARAM.0003',
      ])
    })

    it(`accept ${name} without the optional header x-device-ip`, async () => {
      const { status } = await call(name, ({ headers }) => {
        headers['x-device-ip'] = ''
      })
      expect(status).to.equal(200)
    })

    it(`refuse ${name} with a control character in a header`, async () => {
      const control = await refusal(name, ({ headers }) => {
        headers['x-agent'] = 'Mozilla\u0085'
      })
      expect(control).to.equal('SIMULATOR.STRICT')
    })
  }

  for (const name of bearerCalls) {
    it(`refuse ${name} with a missing, lower-case, unknown or expired bearer`, async () => {
      const authorized = (change: (value: string) => string) => (made: ValidCall) => {
        made.headers.authorization = change(made.headers.authorization ?? '')
      }
      expect(
        await refusal(
          name,
          authorized(() => ''),
        ),
      ).to.equal('unauthorized')
      const lower = authorized((value) => value.replace('Bearer', 'bearer'))
      expect(await refusal(name, lower)).to.equal('invalid_token')
      expect(
        await refusal(
          name,
          authorized(() => 'Bearer 334963fc'),
        ),
      ).to.equal('invalid_token')
      expect(await refusal(name, () => simulator.expireCredential())).to.equal('invalid_token')
    })

    it(`refuse ${name} with an expired bearer with the status credentialErrors`, async () => {
      const spent = () => simulator.expireCredential()
      expect((await call(name, spent)).status).to.equal(400)
      simulator.settings.credentialErrors = 401
      expect((await call(name, spent)).status).to.equal(401)
    })

    for (const member of ['operating_sys_version', 'device_fingerprint', 'device_ip']) {
      it(`refuse ${name} with a missing or empty ${member}`, async () => {
        for (const value of [undefined, '']) {
          const code = await refusal(name, ({ body }) =>
            Object.assign(body ?? {}, { [member]: value }),
          )
          expect(code).to.equal('SDK.COMMON.1003')
        }
      })
    }
  }

  for (const name of ['refresh-id-token', 'refresh-signed-id-token', ...bearerCalls]) {
    const names: [string, string][] = [
      ['x-operating-sys-version', 'operating_sys_version'],
      ['x-device-fingerprint', 'device_fingerprint'],
      ['x-device-ip', 'device_ip'],
      ['x-agent', 'agent'],
    ]
    for (const [header, member] of names) {
      it(`refuse ${name} with another ${member} than the login`, async () => {
        const code = await refusal(name, ({ headers, body }) => {
          if (body) body[member] = 'another'
          else headers[header] = 'another'
        })
        expect(code).to.equal('SDK.COMMON.1003')
      })
    }
  }

  for (const name of bodyCalls) {
    const bodies: [string, unknown][] = [
      ['no body', undefined],
      ['invalid JSON', '{"code":'],
      ['an array', '[]'],
      ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ]
    for (const [what, body] of bodies) {
      it(`refuse ${name} with ${what}`, async () => {
        expect(await refusal(name, (made) => Object.assign(made, { body }))).to.equal(
          'SIMULATOR.STRICT',
        )
      })
    }

    it(`refuse ${name} with an undocumented member, or one that is not a string`, async () => {
      const more = await refusal(name, ({ body }) => Object.assign(body ?? {}, { more: 'x' }))
      const number = await refusal(name, ({ body }) => {
        const first = Object.keys(body ?? {})[0] ?? ''
        Object.assign(body ?? {}, { [first]: 1 })
      })
      expect([more, number]).to.deep.equal(['SIMULATOR.STRICT', 'SIMULATOR.STRICT'])
    })

    it(`refuse ${name} with a body over 64 KiB`, async () => {
      const { status } = await call(name, ({ body }) =>
        Object.assign(body ?? {}, { code: 'x'.repeat(65536) }),
      )
      expect(status).to.equal(413)
    })
  }

  it('have their own codes for an empty session token and an empty ticket', async () => {
    const empty = ({ body }: ValidCall) => Object.assign(body ?? {}, { session_token: '' })
    expect(await refusal('ticket', empty)).to.equal('IDAAS.SDK.PARAM.0022')
    expect(await refusal('refresh-session-token', empty)).to.equal('IDAAS.SDK.PARAM.0022')
    const none = ({ headers }: ValidCall) => Object.assign(headers, { 'session-token': '' })
    expect(await refusal('refresh-id-token', none)).to.equal('IDAAS.SDK.PARAM.0022')
    const noTicket = ({ body }: ValidCall) => Object.assign(body ?? {}, { sso_ticket: '' })
    expect(await refusal('verify', noTicket)).to.equal('PARAM.0031')
  })

  for (const name of ['refresh-id-token', 'refresh-signed-id-token']) {
    it(`refuse ${name} with a body`, async () => {
      const code = await refusal(name, (made) => {
        made.body = {}
      })
      expect(code).to.equal('SIMULATOR.STRICT')
    })
  }

  it('refuse a signed refresh that also has the session-token header', async () => {
    const code = await refusal('refresh-signed-id-token', ({ headers }) =>
      Object.assign(headers, { 'session-token': 'st' }),
    )
    expect(code).to.equal('SIMULATOR.STRICT')
  })

  it('refuse a repeated header', async () => {
    const { path, headers, body } = (await calls.login?.(simulator)) ?? { path: '', headers: {} }
    const twice = { ...headers, 'x-l': ['zh', 'en'] }
    const status = await new Promise((resolve, reject) => {
      const sent = request(simulator.url + path, { method: 'POST', headers: twice }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
      sent.on('error', reject)
      sent.end(JSON.stringify(body))
    })
    expect(status).to.equal(400)
  })

  it('answer 404 for an undocumented path', async () => {
    const answer = await send(simulator, '/api/v1/sdk/login/alipay', { body: {} })
    expect(answer.status).to.equal(404)
    expect(simulator.calls.at(-1)?.endpoint).to.equal('unknown')
  })
})
