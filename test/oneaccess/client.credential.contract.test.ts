import { expect } from 'chai'
import { startUpstream, type Upstream } from '../support/upstream.js'
import {
  API_ID,
  API_SECRET,
  BEARER,
  CONTEXT,
  CREDENTIAL,
  createClient,
  GRANTED,
  networkErrorOf,
  TENANTS,
  TICKET,
  wireOf,
} from './support.js'

const FORM = 'application/x-www-form-urlencoded'

describe('OneAccessClient.prepare (docs/wire.md#access-token)', () => {
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
    upstream.script(CREDENTIAL, GRANTED)
    upstream.script(TICKET, { body: { sso_ticket: 'cd7******yjn', expire: 9600 } })
  })

  afterEach(() => upstream.close())

  for (const { name, options } of TENANTS) {
    it(`sends the client id and secret in a form to ${name}, and nothing else`, async () => {
      await createClient(upstream, options).prepare()
      expect(upstream.requests.map(wireOf)).to.deep.equal([
        {
          line: `POST ${CREDENTIAL}`,
          headers: { 'content-type': FORM },
          body: `grant_type=client_credentials&client_id=${API_ID}&client_secret=${API_SECRET}`,
        },
      ])
    })

    it(`sends the client id and secret with HTTP Basic to ${name} with auth: 'basic', and nothing else`, async () => {
      const credential = { clientID: API_ID, clientSecret: API_SECRET, auth: 'basic' } as const
      await createClient(upstream, { ...options, credential }).prepare()
      const pair = Buffer.from(`${API_ID}:${API_SECRET}`).toString('base64')
      expect(upstream.requests.map(wireOf)).to.deep.equal([
        {
          line: `POST ${CREDENTIAL}?grant_type=client_credentials`,
          headers: { 'content-type': FORM, authorization: `Basic ${pair}` },
          body: '',
        },
      ])
    })
  }

  it('never puts the secret in a URL', async () => {
    for (const auth of ['body', 'basic'] as const) {
      const credential = { clientID: API_ID, clientSecret: API_SECRET, auth }
      await createClient(upstream, { credential }).ssoTicket('s', CONTEXT)
    }
    for (const { path } of upstream.requests) expect(path).to.not.include(API_SECRET)
    expect(upstream.requests).to.have.lengthOf(4)
  })

  it('encodes reserved characters in the secret', async () => {
    const clientSecret = 'a&client_id=b+c=d%20e/ü支'
    const credential = { clientID: API_ID, clientSecret, auth: 'body' } as const
    await createClient(upstream, { credential }).prepare()
    const form = new URLSearchParams(upstream.requests[0]?.body.toString())
    expect([...form]).to.deep.equal([
      ['grant_type', 'client_credentials'],
      ['client_id', API_ID],
      ['client_secret', clientSecret],
    ])
  })

  for (const tokenType of ['Bearer', 'bearer', 'MAC', undefined]) {
    it(`sends the access token as Bearer when token_type is ${tokenType}`, async () => {
      const body = { access_token: 'a-1', token_type: tokenType, expires_in: 1800 }
      upstream.script(CREDENTIAL, { body })
      await createClient(upstream).ssoTicket('s', CONTEXT)
      expect(wireOf(upstream.at(TICKET)[0]).headers.authorization).to.equal('Bearer a-1')
    })
  }

  it('ignores an id_token and a scope in the response', async () => {
    const granted = GRANTED.body as object
    upstream.script(CREDENTIAL, { body: { ...granted, scope: 'all', id_token: 'x.y.z' } })
    await createClient(upstream).ssoTicket('s', CONTEXT)
    const ticket = wireOf(upstream.at(TICKET)[0])
    expect(ticket.headers.authorization).to.equal(BEARER)
    expect(JSON.stringify(ticket)).to.not.include('x.y.z')
  })

  describe('unexpected responses', () => {
    const broken: [problem: string, body: unknown, field: string][] = [
      ['no access_token', { expires_in: 1800 }, 'access_token'],
      ['an empty access_token', { access_token: '', expires_in: 1800 }, 'access_token'],
      ['an access_token that is a number', { access_token: 1, expires_in: 1800 }, 'access_token'],
      ['an access_token with a line break', { access_token: 'a\r\nX-L: b' }, 'access_token'],
      [
        'an expires_in that is not a number',
        { access_token: 'a', expires_in: 'half an hour' },
        'expires_in',
      ],
      ['a negative expires_in', { access_token: 'a', expires_in: -1 }, 'expires_in'],
    ]
    for (const [problem, body, field] of broken) {
      it(`errors with 502 on ${problem} and names credential and ${field}`, async () => {
        upstream.script(CREDENTIAL, { body })
        const error = await networkErrorOf(createClient(upstream).prepare())
        expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'credential' })
        expect(error.hint).to.match(new RegExp(`\\bcredential\\b.*\\b${field}$`))
      })
    }
  })
})
