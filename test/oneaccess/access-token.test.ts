import { expect } from 'chai'
import sinon, { type SinonFakeTimers } from 'sinon'
import type { OneAccessClient } from '../../lib/index.js'
import { type Reply, startUpstream, type Upstream } from '../support/upstream.js'
import { BEARER_CALLS } from './every-call.js'
import { CONTEXT, CREDENTIAL, createClient, networkErrorOf, TICKET, wireOf } from './support.js'

/** A response with the nth access token: `a-1`, `a-2`, … */
const granted = (n: number, more: object = { expires_in: 1800 }): Reply => ({
  body: { access_token: `a-${n}`, token_type: 'Bearer', ...more },
})
const SPENT = { error: 'invalid_token', error_description: 'Access token expired' }
const OK: Reply = { body: { sso_ticket: 't1', id: 'u1', session_token: 's1' } }

describe('AccessTokenProvider', () => {
  let upstream: Upstream
  let clock: SinonFakeTimers
  let client: OneAccessClient

  beforeEach(async () => {
    clock = sinon.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ['Date'] })
    upstream = await startUpstream()
    for (const { path } of BEARER_CALLS) upstream.script(path, OK)
    client = createClient(upstream)
  })

  afterEach(async () => {
    clock.restore()
    await upstream.close()
  })

  const fetches = () => upstream.at(CREDENTIAL).length
  const bearers = (path = TICKET) =>
    upstream.at(path).map((request) => wireOf(request).headers.authorization)

  describe('caching', () => {
    for (const [life, early] of [
      [1800, 1200],
      [1719, 1200],
      [60, 40],
      [10, 5],
    ] as const) {
      it(`reuses a token that lives ${life} s for most of that time, but not until the end`, async () => {
        upstream.script(CREDENTIAL, granted(1, { expires_in: life }), granted(2))
        await client.ssoTicket('s1', CONTEXT)
        clock.tick(early * 1000)
        await client.ssoTicket('s1', CONTEXT)
        expect(bearers()).to.deep.equal(['Bearer a-1', 'Bearer a-1'])
        clock.tick((life - early) * 1000 - 500)
        await client.ssoTicket('s1', CONTEXT)
        expect(bearers()).to.deep.equal(['Bearer a-1', 'Bearer a-1', 'Bearer a-2'])
      })
    }

    it('counts the lifetime from the request, not from the response', async () => {
      upstream.script(
        CREDENTIAL,
        () => {
          clock.tick(60_000)
          return granted(1, { expires_in: 100 })
        },
        granted(2),
      )
      await client.ssoTicket('s1', CONTEXT)
      clock.tick(39_500)
      await client.ssoTicket('s1', CONTEXT)
      expect(bearers()).to.deep.equal(['Bearer a-1', 'Bearer a-2'])
    })

    it('reuses a token without expires_in for a limited time', async () => {
      upstream.script(CREDENTIAL, granted(1, {}), granted(2))
      await client.ssoTicket('s1', CONTEXT)
      await client.ssoTicket('s1', CONTEXT)
      clock.tick(1800_000)
      await client.ssoTicket('s1', CONTEXT)
      expect(bearers()).to.deep.equal(['Bearer a-1', 'Bearer a-1', 'Bearer a-2'])
    })

    it('accepts expires_in as a string', async () => {
      upstream.script(CREDENTIAL, granted(1, { expires_in: '1719' }), granted(2))
      await client.prepare()
      clock.tick(1200_000)
      await client.prepare()
      expect(fetches()).to.equal(1)
      clock.tick(519_000)
      await client.prepare()
      expect(fetches()).to.equal(2)
    })

    it('keeps one token per client', async () => {
      upstream.script(CREDENTIAL, granted(1), granted(2))
      await client.prepare()
      await createClient(upstream).prepare()
      expect(fetches()).to.equal(2)
    })
  })

  describe('concurrent calls', () => {
    it('fetch one token for 50 calls', async () => {
      upstream.script(CREDENTIAL, granted(1))
      await Promise.all(Array.from({ length: 50 }, () => client.ssoTicket('s1', CONTEXT)))
      expect(fetches()).to.equal(1)
      expect(upstream.at(TICKET)).to.have.lengthOf(50)
    })

    it('fetch one token when 50 calls find the old one expired', async () => {
      upstream.script(CREDENTIAL, granted(1), granted(2))
      await client.prepare()
      clock.tick(1800_000)
      await Promise.all(Array.from({ length: 50 }, () => client.ssoTicket('s1', CONTEXT)))
      expect(fetches()).to.equal(2)
      expect(new Set(bearers())).to.deep.equal(new Set(['Bearer a-2']))
    })

    it('fetch one token when OneAccess rejects the old one in 50 calls', async () => {
      upstream.script(CREDENTIAL, granted(1), granted(2))
      upstream.script(TICKET, (request) => {
        const { authorization } = wireOf(request).headers
        return authorization === 'Bearer a-2' ? OK : { status: 400, body: SPENT }
      })
      await Promise.all(Array.from({ length: 50 }, () => client.ssoTicket('s1', CONTEXT)))
      expect(fetches()).to.equal(2)
      expect(upstream.at(TICKET)).to.have.lengthOf(100)
    })

    it('fetch one token when a call learns late that the old one is rejected', async () => {
      upstream.script(CREDENTIAL, granted(1), granted(2), granted(3))
      const other: { done?: Promise<unknown> } = {}
      const spent: Reply = { status: 400, body: SPENT }
      const arrived = new Promise<void>((resolve) => {
        const answerLate = async () => {
          resolve()
          await other.done
          return spent
        }
        upstream.script(TICKET, answerLate, spent, OK)
      })
      const late = client.ssoTicket('s1', CONTEXT)
      await arrived
      other.done = client.ssoTicket('s2', CONTEXT)
      await Promise.all([late, other.done])
      expect(bearers()).to.deep.equal(['Bearer a-1', 'Bearer a-1', 'Bearer a-2', 'Bearer a-2'])
      expect(fetches()).to.equal(2)
    })
  })

  const rejections: [response: string, reply: Reply][] = [
    ['400 invalid_token', { status: 400, body: SPENT }],
    ['401 invalid_token', { status: 401, body: SPENT }],
    ['401 without a body', { status: 401 }],
  ]
  for (const call of BEARER_CALLS) {
    for (const [response, reply] of rejections) {
      describe(`when ${call.name} answers ${response}`, () => {
        const make = () => call.make(createClient(upstream, call.options))

        it('fetches a new token and repeats the same call once', async () => {
          upstream.script(CREDENTIAL, granted(1), granted(2))
          upstream.script(call.path, reply, OK)
          await make()
          expect(bearers(call.path)).to.deep.equal(['Bearer a-1', 'Bearer a-2'])
          const [first, second] = upstream.at(call.path)
          expect(second?.body.equals(first?.body ?? Buffer.from(''))).to.equal(true)
        })

        it('errors with credential_spent when the new token is rejected too', async () => {
          upstream.script(CREDENTIAL, granted(1), granted(2), granted(3))
          upstream.script(call.path, reply)
          expect(await networkErrorOf(make())).to.include({ code: 'credential_spent', status: 503 })
          expect(bearers(call.path)).to.deep.equal(['Bearer a-1', 'Bearer a-2'])
          expect(fetches()).to.equal(2)
        })

        it('errors with credential_refused when it cannot fetch a new token', async () => {
          upstream.script(CREDENTIAL, granted(1), {
            status: 401,
            body: { error: 'invalid_client' },
          })
          upstream.script(call.path, reply)
          const error = await networkErrorOf(make())
          expect(error).to.include({ code: 'credential_refused', step: 'credential', status: 500 })
          expect(upstream.at(call.path)).to.have.lengthOf(1)
        })
      })
    }
  }

  describe('other failures', () => {
    const others: [failure: string, reply: Reply][] = [
      [
        '400 with another error code',
        { status: 400, body: { error_code: 'IDAAS.SDK.PARAM.0023' } },
      ],
      ['403', { status: 403 }],
      ['500', { status: 500, body: { error_code: 'IDAAS.TENANT.COM.0002' } }],
      ['429', { status: 429 }],
      ['a response that is not JSON', { body: '<html>' }],
    ]
    for (const [failure, reply] of others) {
      it(`keep the token after ${failure}, and the call is not repeated`, async () => {
        upstream.script(CREDENTIAL, granted(1), granted(2))
        upstream.script(TICKET, reply, OK)
        await networkErrorOf(client.ssoTicket('s1', CONTEXT))
        expect(upstream.at(TICKET)).to.have.lengthOf(1)
        await client.ssoTicket('s1', CONTEXT)
        expect(fetches()).to.equal(1)
      })
    }
  })

  describe('when no token can be fetched', () => {
    it('sends one request, fails every waiting call, and tries again at the next call', async () => {
      upstream.script(CREDENTIAL, { status: 500 }, granted(2))
      const calls = Array.from({ length: 50 }, () =>
        networkErrorOf(client.ssoTicket('s1', CONTEXT)),
      )
      for (const error of await Promise.all(calls)) {
        expect(error).to.include({ code: 'upstream_failed', step: 'credential' })
      }
      expect([fetches(), upstream.at(TICKET).length]).to.deep.equal([1, 0])
      await client.ssoTicket('s1', CONTEXT)
      expect(bearers()).to.deep.equal(['Bearer a-2'])
    })

    for (const [failure, reply] of [
      ['an empty response', { body: {} }],
      ['a lost connection', (_request: unknown, res: { destroy(): unknown }) => void res.destroy()],
    ] as const) {
      it(`tries again after ${failure}`, async () => {
        upstream.script(CREDENTIAL, reply, granted(2))
        await networkErrorOf(client.prepare())
        await client.ssoTicket('s1', CONTEXT)
        expect(bearers()).to.deep.equal(['Bearer a-2'])
      })
    }
  })
})
