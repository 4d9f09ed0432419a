import { expect } from 'chai'
import { startUpstream, type Upstream } from '../support/upstream.js'
import {
  BEARER,
  CLIENT_ID,
  CONTEXT,
  CREDENTIAL,
  createClient,
  DEVICE_FIELDS,
  DEVICE_HEADERS,
  GRANTED,
  networkErrorOf,
  REFRESH_ID_TOKEN,
  REFRESH_SESSION_TOKEN,
  TENANTS,
  wireOf,
} from './support.js'

const TOKEN = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWJqZWN'
const RENEWED = {
  session_token: 'nRUxqRE5TSlQwd3NBIiwiaW',
  expire: 604800,
  id_token: 'eyJraWQi.OiI0NjJX.EuY29tIn0',
}

const CALLS = [
  { refreshWith: 'id-token', path: REFRESH_ID_TOKEN },
  { refreshWith: 'session-token', path: REFRESH_SESSION_TOKEN },
] as const

describe('OneAccessClient.refresh', () => {
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
    upstream.script(CREDENTIAL, GRANTED)
    for (const { path } of CALLS) upstream.script(path, { body: RENEWED })
  })

  afterEach(() => upstream.close())

  for (const { name, options, context, headers } of TENANTS) {
    it(`sends ${name} the documented request for an id_token, without a body`, async () => {
      await createClient(upstream, options).refresh(TOKEN, context)
      expect(upstream.requests.map(wireOf)).to.deep.equal([
        {
          line: `POST ${REFRESH_ID_TOKEN}`,
          headers: {
            'content-type': 'application/json',
            'session-token': TOKEN,
            ...DEVICE_HEADERS,
            'x-client-id': CLIENT_ID,
            ...headers,
          },
          body: '',
        },
      ])
    })

    it(`sends ${name} the documented request with refreshWith: 'session-token'`, async () => {
      await createClient(upstream, { ...options, refreshWith: 'session-token' }).refresh(
        TOKEN,
        context,
      )
      expect(upstream.at(REFRESH_SESSION_TOKEN).map(wireOf)).to.deep.equal([
        {
          line: `POST ${REFRESH_SESSION_TOKEN}`,
          headers: {
            'content-type': 'application/json;charset=utf8',
            authorization: BEARER,
            ...headers,
          },
          body: { session_token: TOKEN, ...DEVICE_FIELDS },
        },
      ])
    })
  }

  it('sends X-L only to the path under /sdk/, and only when language is set', async () => {
    await createClient(upstream, { language: 'en' }).refresh(TOKEN, CONTEXT)
    await createClient(upstream).refresh(TOKEN, CONTEXT)
    await createClient(upstream, { language: 'en', refreshWith: 'session-token' }).refresh(
      TOKEN,
      CONTEXT,
    )
    const sent = upstream.requests
      .filter(({ path }) => path !== CREDENTIAL)
      .map((request) => wireOf(request).headers['x-l'])
    expect(sent).to.deep.equal(['en', undefined, undefined])
  })

  it('fetches no access token for the path under /sdk/', async () => {
    await createClient(upstream).refresh(TOKEN, CONTEXT)
    expect(upstream.at(CREDENTIAL)).to.have.lengthOf(0)
  })

  for (const { refreshWith, path } of CALLS) {
    const answered = (body: unknown) => {
      upstream.script(path, { body })
      return createClient(upstream, { refreshWith }).refresh(TOKEN, CONTEXT)
    }

    describe(`with refreshWith: '${refreshWith}'`, () => {
      it('reads a new session token', async () => {
        expect(await answered(RENEWED)).to.deep.equal({
          sessionToken: RENEWED.session_token,
          idToken: RENEWED.id_token,
          expiresIn: 604800,
        })
      })

      it('reads an unchanged session token', async () => {
        const { sessionToken } = await answered({ ...RENEWED, session_token: TOKEN })
        expect(sessionToken).to.equal(TOKEN)
      })

      it('keeps the session token that it sent when the response has none', async () => {
        const { session_token: _, ...rest } = RENEWED
        for (const body of [rest, { ...rest, session_token: null }])
          expect((await answered(body)).sessionToken).to.equal(TOKEN)
      })

      it('errors with 502 and names session_token when it has the wrong type', async () => {
        const error = await networkErrorOf(answered({ ...RENEWED, session_token: { a: 1 } }))
        expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'refresh' })
        expect(error.hint).to.match(/\brefresh\b.*\bsession_token$/)
      })

      for (const field of ['id_token', 'expire']) {
        it(`keeps the new session token even if ${field} has the wrong type`, async () => {
          const read = await answered({ ...RENEWED, [field]: { a: 1 } })
          expect(read.sessionToken).to.equal(RENEWED.session_token)
          expect(read).not.to.have.property(field === 'expire' ? 'expiresIn' : 'idToken')
        })
      }

      it('sends the session token once, and not to the other path, after a failure', async () => {
        for (const { path: each } of CALLS) upstream.script(each, { status: 500 })
        await networkErrorOf(createClient(upstream, { refreshWith }).refresh(TOKEN, CONTEXT))
        const sent = upstream.requests.filter((request) => request.path !== CREDENTIAL)
        expect(sent.map((request) => request.path)).to.deep.equal([path])
      })
    })
  }
})
