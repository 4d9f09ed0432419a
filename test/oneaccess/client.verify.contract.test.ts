import { expect } from 'chai'
import { startUpstream, type Upstream } from '../support/upstream.js'
import {
  BEARER,
  CONTEXT,
  CREDENTIAL,
  createClient,
  DEVICE_FIELDS,
  GRANTED,
  networkErrorOf,
  TENANTS,
  VERIFY,
  wireOf,
} from './support.js'

const SSO_TICKET = 'ssoTicket-r5TCBLU14oSGxCMVdxeB5HA1uJiV'
const USER = {
  id: '20220126153857263-A04D-60E0D446C',
  userName: 'zhangsan',
  name: 'zhangsan',
  mobile: '+86-18310136755',
  email: '18310136755@163.com',
}

describe('OneAccessClient.verifyTicket (docs/wire.md#sso_ticket-to-user)', () => {
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
    upstream.script(CREDENTIAL, GRANTED)
    upstream.script(VERIFY, { body: USER })
  })

  afterEach(() => upstream.close())

  function answered(body: unknown) {
    upstream.script(VERIFY, { body })
    return createClient(upstream).verifyTicket(SSO_TICKET, CONTEXT)
  }

  for (const { name, options, context, headers } of TENANTS) {
    it(`sends the documented request to ${name}, and nothing else`, async () => {
      await createClient(upstream, options).verifyTicket(SSO_TICKET, context)
      expect(upstream.at(VERIFY).map(wireOf)).to.deep.equal([
        {
          line: `POST ${VERIFY}`,
          headers: {
            'content-type': 'application/json;charset=utf8',
            authorization: BEARER,
            ...headers,
          },
          body: { sso_ticket: SSO_TICKET, ...DEVICE_FIELDS },
        },
      ])
    })
  }

  const shapes: [name: string, body: unknown][] = [
    ["the shape of OneAccess's example", { code: '0', message: 'success', data: { user: USER } }],
    ["the shape of OneAccess's table", { code: '0', message: 'success', data: USER }],
    ["CIAM's shape", USER],
  ]
  for (const [name, body] of shapes) {
    it(`reads the user from ${name}`, async () => {
      expect(await answered(body)).to.deep.equal(USER)
    })
  }

  it('accepts a user with only an id in each shape', async () => {
    const { id } = USER
    for (const body of [{ code: '0', data: { user: { id } } }, { code: '0', data: { id } }, { id }])
      expect((await answered(body)).id).to.equal(id)
  })

  it('keeps additional fields, and drops __proto__ and constructor', async () => {
    const body = `{"id":"u1","department":"研发","__proto__":{"admin":true},"constructor":{"x":1}}`
    const user = await answered(body)
    expect(user).to.deep.equal({ id: 'u1', department: '研发' })
    expect('admin' in user).to.equal(false)
  })

  for (const code of ['1', '-1', '00', 'IDAAS.1', 500]) {
    it(`errors with refused on code ${JSON.stringify(code)} with HTTP 200, even if there is a user`, async () => {
      const body = { code, message: 'user is locked', data: { user: USER } }
      const error = await networkErrorOf(answered(body))
      expect(error).to.include({ code: 'refused', step: 'verify', errorCode: String(code) })
      expect(error.status).to.equal(502)
      expect(error.message).to.include('user is locked')
    })
  }

  const broken: [problem: string, body: unknown][] = [
    ['no id', { code: '0', data: { user: { userName: 'zhangsan' } } }],
    ['an empty id', { ...USER, id: '' }],
    ['an id that is a number', { ...USER, id: 20220126 }],
    ['an id that is an array', { ...USER, id: ['u1'] }],
    ['sub instead of id', { sub: 'u1', userName: 'zhangsan' }],
    ['no user', { code: '0', message: 'success', data: null }],
    ['an empty user', { code: '0', message: 'success', data: {} }],
  ]
  for (const [problem, body] of broken) {
    it(`errors with 502 on ${problem} and names verify and id`, async () => {
      const error = await networkErrorOf(answered(body))
      expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'verify' })
      expect(error.hint).to.match(/\bverify\b.*\bid$/)
    })
  }

  it('does not send a rejected ticket again', async () => {
    upstream.script(VERIFY, { status: 400, body: { error_code: 'PARAM.0099', error_msg: 'no' } })
    await networkErrorOf(createClient(upstream).verifyTicket(SSO_TICKET, CONTEXT))
    expect(upstream.at(VERIFY)).to.have.lengthOf(1)
  })
})
