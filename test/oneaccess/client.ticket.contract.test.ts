import { expect } from 'chai'
import { startUpstream, type Upstream } from '../support/upstream.js'
import {
  BEARER,
  CLIENT_ID,
  CONTEXT,
  CREDENTIAL,
  createClient,
  DEVICE_FIELDS,
  GRANTED,
  networkErrorOf,
  TENANTS,
  TICKET,
  wireOf,
} from './support.js'

describe('OneAccessClient.ssoTicket (docs/wire.md#session_token-to-sso_ticket)', () => {
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
    upstream.script(CREDENTIAL, GRANTED)
    upstream.script(TICKET, { body: { expire: 9600, sso_ticket: 'cd7******yjn' } })
  })

  afterEach(() => upstream.close())

  for (const { name, options, context, headers } of TENANTS) {
    it(`sends the documented request to ${name}, and nothing else`, async () => {
      await createClient(upstream, options).ssoTicket('iJK******ITu', context)
      expect(upstream.at(TICKET).map(wireOf)).to.deep.equal([
        {
          line: `POST ${TICKET}`,
          headers: {
            'content-type': 'application/json;charset=utf8',
            authorization: BEARER,
            ...headers,
          },
          body: { session_token: 'iJK******ITu', client_id: CLIENT_ID, ...DEVICE_FIELDS },
        },
      ])
    })
  }

  it('sends no X-L, which is only for paths under /sdk/', async () => {
    await createClient(upstream, { language: 'zh' }).ssoTicket('s', CONTEXT)
    expect(wireOf(upstream.at(TICKET)[0]).headers).to.not.have.property('x-l')
  })

  it('sends the device values in UTF-8', async () => {
    const device = { ...CONTEXT.device, agent: 'Café/1.0 (¡hola!) ÿ' }
    await createClient(upstream).ssoTicket('s', { device })
    expect(wireOf(upstream.at(TICKET)[0]).body).to.include({ agent: 'Café/1.0 (¡hola!) ÿ' })
  })

  it('reads the ticket', async () => {
    expect(await createClient(upstream).ssoTicket('s', CONTEXT)).to.equal('cd7******yjn')
  })

  const broken: [problem: string, body: unknown][] = [
    ['no ticket', { expire: 9600 }],
    ['an empty ticket', { sso_ticket: '' }],
    ['a ticket that is null', { sso_ticket: null }],
    ['a ticket that is an object', { sso_ticket: { value: 'x' } }],
    ['a ticket with a space', { sso_ticket: 'a b' }],
  ]
  for (const [problem, body] of broken) {
    it(`errors with 502 on ${problem} and names ticket and sso_ticket`, async () => {
      upstream.script(TICKET, { body })
      const error = await networkErrorOf(createClient(upstream).ssoTicket('s', CONTEXT))
      expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'ticket' })
      expect(error.hint).to.match(/\bticket\b.*\bsso_ticket$/)
    })
  }
})
