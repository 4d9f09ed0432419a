import { expect } from 'chai'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { credential, type Result, type Sent, send } from './support.js'

const TOKEN = '/api/v2/tenant/token'
const BASIC_QUERY = `${TOKEN}?grant_type=client_credentials`

describe("the simulator's access tokens", () => {
  let simulator: Simulator

  beforeEach(async () => {
    simulator = await startSimulator()
  })
  afterEach(() => simulator.close())

  function form(changes: Record<string, string> = {}): URLSearchParams {
    return new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: simulator.clientID,
      client_secret: simulator.clientSecret,
      ...changes,
    })
  }

  function basic(user = simulator.clientID, password = simulator.clientSecret): Sent {
    const pair = Buffer.from(`${user}:${password}`).toString('base64')
    return { headers: { authorization: `Basic ${pair}` } }
  }

  function code({ body }: Result): string | undefined {
    return body.error ?? body.error_code
  }

  it('are issued for credentials in a form, with their lifetime', async () => {
    simulator.settings.accessTokenLife = 1719
    const { status, body } = await send(simulator, TOKEN, { body: form() })
    expect(status).to.equal(200)
    expect(body.access_token).to.be.a('string').with.length.above(20)
    expect([body.token_type, body.expires_in]).to.deep.equal(['Bearer', 1719])
  })

  it('are issued for Basic credentials with grant_type in the query', async () => {
    const { status, body } = await send(simulator, BASIC_QUERY, basic())
    expect(status).to.equal(200)
    expect(body.access_token).to.be.a('string')
  })

  it('have the token type in lower case with product ciam', async () => {
    simulator.settings.product = 'ciam'
    const { body } = await send(simulator, TOKEN, { body: form() })
    expect(body.token_type).to.equal('bearer')
  })

  it('stay valid when a new one is issued', async () => {
    const old = await credential(simulator)
    await credential(simulator)
    const answer = await send(simulator, '/api/v2/tenant/sso/sso-ticket/verify', {
      headers: { authorization: `Bearer ${old}`, 'content-type': 'application/json' },
      body: {},
    })
    expect(code(answer)).not.to.equal('invalid_token')
  })

  it('expire after 30 minutes', async () => {
    const token = await credential(simulator)
    const use = () =>
      send(simulator, '/api/v2/tenant/sso/sso-ticket/verify', {
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: {},
      })
    simulator.clock.advance(1_799_000)
    expect(code(await use())).not.to.equal('invalid_token')
    simulator.clock.advance(1000)
    expect(code(await use())).to.equal('invalid_token')
  })

  it('are refused for a wrong client id or secret, with 400 for a form and 401 for Basic', async () => {
    const answers = [
      await send(simulator, TOKEN, { body: form({ client_secret: 'wrong' }) }),
      await send(simulator, TOKEN, { body: form({ client_id: 'wrong' }) }),
      await send(simulator, BASIC_QUERY, basic(simulator.clientID, 'wrong')),
    ]
    expect(answers.map(code)).to.deep.equal(Array(3).fill('invalid_client'))
    expect(answers.map(({ status }) => status)).to.deep.equal([400, 400, 401])
  })

  it('are refused for a secret in the query', async () => {
    const { status, body } = await send(simulator, `${TOKEN}?${form()}`)
    expect(status).to.equal(400)
    expect(body.error_msg).to.include('query')
  })

  it('are refused for a mix of form and Basic with a query', async () => {
    const withBody = await send(simulator, BASIC_QUERY, { ...basic(), body: form() })
    const withQuery = await send(simulator, BASIC_QUERY, { body: form() })
    expect([withBody.status, withQuery.status]).to.deep.equal([400, 400])
  })

  it('are refused for JSON, another grant, and a missing, repeated or unknown field', async () => {
    const json = await send(simulator, TOKEN, {
      headers: { 'content-type': 'application/json' },
      body: Object.fromEntries(form()),
    })
    expect(json.status).to.equal(415)
    const grant = await send(simulator, TOKEN, { body: form({ grant_type: 'password' }) })
    const missing = await send(simulator, TOKEN, { body: form({ client_secret: '' }) })
    const repeated = await send(simulator, TOKEN, {
      body: new URLSearchParams(`${form()}&client_id=${simulator.clientID}`),
    })
    const unknown = await send(simulator, TOKEN, { body: form({ scope: 'all' }) })
    expect([grant, missing, repeated, unknown].map(code)).to.deep.equal([
      'unsupported_grant_type',
      'invalid_request',
      'SIMULATOR.STRICT',
      'SIMULATOR.STRICT',
    ])
  })
})
