import { expect } from 'chai'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { credential, type Result, type Sent, send } from './support.js'

const TOKEN = '/api/v2/tenant/token'
const BASIC_QUERY = `${TOKEN}?grant_type=client_credentials`

describe("the simulator's access credential", () => {
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

  it('accepts the credential in a form, and returns the lifetime of the token', async () => {
    simulator.settings.accessTokenLife = 1719
    const { status, body } = await send(simulator, TOKEN, { body: form() })
    expect(status).to.equal(200)
    expect(body.access_token).to.be.a('string').with.length.above(20)
    expect([body.token_type, body.expires_in]).to.deep.equal(['Bearer', 1719])
  })

  it('accepts Basic with the grant in the query', async () => {
    const { status, body } = await send(simulator, BASIC_QUERY, basic())
    expect(status).to.equal(200)
    expect(body.access_token).to.be.a('string')
  })

  it('writes the token type as CIAM does when set so', async () => {
    simulator.settings.product = 'ciam'
    const { body } = await send(simulator, TOKEN, { body: form() })
    expect(body.token_type).to.equal('bearer')
  })

  it('does not end the old token with a new one', async () => {
    const old = await credential(simulator)
    await credential(simulator)
    const answer = await send(simulator, '/api/v2/tenant/sso/sso-ticket/verify', {
      headers: { authorization: `Bearer ${old}`, 'content-type': 'application/json' },
      body: {},
    })
    expect(code(answer)).not.to.equal('invalid_token')
  })

  it('ends a token when its life is over', async () => {
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

  it('refuses a wrong client or secret, 400 by form and 401 by Basic', async () => {
    const answers = [
      await send(simulator, TOKEN, { body: form({ client_secret: 'wrong' }) }),
      await send(simulator, TOKEN, { body: form({ client_id: 'wrong' }) }),
      await send(simulator, BASIC_QUERY, basic(simulator.clientID, 'wrong')),
    ]
    expect(answers.map(code)).to.deep.equal(Array(3).fill('invalid_client'))
    expect(answers.map(({ status }) => status)).to.deep.equal([400, 400, 401])
  })

  it('refuses a secret in the query, however the rest is', async () => {
    const { status, body } = await send(simulator, `${TOKEN}?${form()}`)
    expect(status).to.equal(400)
    expect(body.error_msg).to.include('query')
  })

  it('refuses both forms at once', async () => {
    const withBody = await send(simulator, BASIC_QUERY, { ...basic(), body: form() })
    const withQuery = await send(simulator, BASIC_QUERY, { body: form() })
    expect([withBody.status, withQuery.status]).to.deep.equal([400, 400])
  })

  it('refuses JSON, another grant, a missing, a repeated and an unknown field', async () => {
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
