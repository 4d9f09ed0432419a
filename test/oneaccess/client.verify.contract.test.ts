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

describe('OneAccessClient.verifyTicket, against docs/wire.md#sso_ticket-to-user', () => {
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
    it(`sends the documented request to ${name}, and nothing besides`, async () => {
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
    ["OneAccess's example", { code: '0', message: 'success', data: { user: USER } }],
    ["OneAccess's table", { code: '0', message: 'success', data: USER }],
    ["CIAM's answer", USER],
  ]
  for (const [name, body] of shapes) {
    it(`reads the user from ${name}`, async () => {
      expect(await answered(body)).to.deep.equal(USER)
    })
  }

  it('is content with an id alone, in each of the three', async () => {
    const { id } = USER
    for (const body of [{ code: '0', data: { user: { id } } }, { code: '0', data: { id } }, { id }])
      expect((await answered(body)).id).to.equal(id)
  })

  it('keeps fields that a tenant adds, and drops those that reach a prototype', async () => {
    const body = `{"id":"u1","department":"研发","__proto__":{"admin":true},"constructor":{"x":1}}`
    const user = await answered(body)
    expect(user).to.deep.equal({ id: 'u1', department: '研发' })
    expect('admin' in user).to.equal(false)
  })

  for (const code of ['1', '-1', '00', 'IDAAS.1', 500]) {
    it(`takes code ${JSON.stringify(code)} with HTTP 200 for a failure, though a user is there`, async () => {
      const body = { code, message: 'user is locked', data: { user: USER } }
      const error = await networkErrorOf(answered(body))
      expect(error).to.include({ code: 'refused', step: 'verify', errorCode: String(code) })
      expect(error.status).to.equal(502)
      expect(error.message).to.include('user is locked')
    })
  }

  const broken: [what: string, body: unknown][] = [
    ['no id', { code: '0', data: { user: { userName: 'zhangsan' } } }],
    ['an empty id', { ...USER, id: '' }],
    ['an id that is a number', { ...USER, id: 20220126 }],
    ['an id that is an array', { ...USER, id: ['u1'] }],
    ['sub in place of id', { sub: 'u1', userName: 'zhangsan' }],
    ['no user', { code: '0', message: 'success', data: null }],
    ['an empty user', { code: '0', message: 'success', data: {} }],
  ]
  for (const [what, body] of broken) {
    it(`takes ${what} for no answer: 502, and the error names verify and id`, async () => {
      const error = await networkErrorOf(answered(body))
      expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'verify' })
      expect(error.hint).to.match(/\bverify\b.*\bid$/)
    })
  }

  it('presents a ticket that OneAccess refuses once only', async () => {
    upstream.script(VERIFY, { status: 400, body: { error_code: 'PARAM.0099', error_msg: 'no' } })
    await networkErrorOf(createClient(upstream).verifyTicket(SSO_TICKET, CONTEXT))
    expect(upstream.at(VERIFY)).to.have.lengthOf(1)
  })
})
