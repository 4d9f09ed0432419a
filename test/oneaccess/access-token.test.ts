import { expect } from 'chai'
import sinon, { type SinonFakeTimers } from 'sinon'
import type { OneAccessClient } from '../../lib/index.js'
import { type Reply, startUpstream, type Upstream } from '../support/upstream.js'
import { BEARER_CALLS } from './every-call.js'
import { CONTEXT, CREDENTIAL, createClient, networkErrorOf, TICKET, wireOf } from './support.js'

/** The nth credential: `a-1`, `a-2`, … */
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

  describe('is kept', () => {
    for (const [life, early] of [
      [1800, 1200],
      [1719, 1200],
      [60, 40],
      [10, 5],
    ] as const) {
      it(`for most of the ${life} seconds that the answer says, and not to their very end`, async () => {
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

    it('counting from when it was asked for, not from when it came', async () => {
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

    it('for a while when the answer does not say how long, and not for ever', async () => {
      upstream.script(CREDENTIAL, granted(1, {}), granted(2))
      await client.ssoTicket('s1', CONTEXT)
      await client.ssoTicket('s1', CONTEXT)
      clock.tick(1800_000)
      await client.ssoTicket('s1', CONTEXT)
      expect(bearers()).to.deep.equal(['Bearer a-1', 'Bearer a-1', 'Bearer a-2'])
    })

    it('accepts expires_in as a string, too', async () => {
      upstream.script(CREDENTIAL, granted(1, { expires_in: '1719' }), granted(2))
      await client.prepare()
      clock.tick(1200_000)
      await client.prepare()
      expect(fetches()).to.equal(1)
      clock.tick(519_000)
      await client.prepare()
      expect(fetches()).to.equal(2)
    })

    it('by each client for itself', async () => {
      upstream.script(CREDENTIAL, granted(1), granted(2))
      await client.prepare()
      await createClient(upstream).prepare()
      expect(fetches()).to.equal(2)
    })
  })

  describe('is fetched once', () => {
    it('for 50 calls that want it at the same time', async () => {
      upstream.script(CREDENTIAL, granted(1))
      await Promise.all(Array.from({ length: 50 }, () => client.ssoTicket('s1', CONTEXT)))
      expect(fetches()).to.equal(1)
      expect(upstream.at(TICKET)).to.have.lengthOf(50)
    })

    it('for 50 calls that find it at its end at the same time', async () => {
      upstream.script(CREDENTIAL, granted(1), granted(2))
      await client.prepare()
      clock.tick(1800_000)
      await Promise.all(Array.from({ length: 50 }, () => client.ssoTicket('s1', CONTEXT)))
      expect(fetches()).to.equal(2)
      expect(new Set(bearers())).to.deep.equal(new Set(['Bearer a-2']))
    })

    it('for 50 calls that are told at the same time that it is spent', async () => {
      upstream.script(CREDENTIAL, granted(1), granted(2))
      upstream.script(TICKET, (request) => {
        const { authorization } = wireOf(request).headers
        return authorization === 'Bearer a-2' ? OK : { status: 400, body: SPENT }
      })
      await Promise.all(Array.from({ length: 50 }, () => client.ssoTicket('s1', CONTEXT)))
      expect(fetches()).to.equal(2)
      expect(upstream.at(TICKET)).to.have.lengthOf(100)
    })

    it('though a call that began with the old one is told so late', async () => {
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

  const refusals: [what: string, refusal: Reply][] = [
    ['400 invalid_token', { status: 400, body: SPENT }],
    ['401 invalid_token', { status: 401, body: SPENT }],
    ['401 and nothing else', { status: 401 }],
  ]
  for (const call of BEARER_CALLS) {
    for (const [what, refusal] of refusals) {
      describe(`that ${call.name} refuses with ${what}`, () => {
        const make = () => call.make(createClient(upstream, call.options))

        it('is renewed, and the same call sent once more with the new one', async () => {
          upstream.script(CREDENTIAL, granted(1), granted(2))
          upstream.script(call.path, refusal, OK)
          await make()
          expect(bearers(call.path)).to.deep.equal(['Bearer a-1', 'Bearer a-2'])
          const [first, second] = upstream.at(call.path)
          expect(second?.body.equals(first?.body ?? Buffer.from(''))).to.equal(true)
        })

        it('is not renewed twice', async () => {
          upstream.script(CREDENTIAL, granted(1), granted(2), granted(3))
          upstream.script(call.path, refusal)
          expect(await networkErrorOf(make())).to.include({ code: 'credential_spent', status: 503 })
          expect(bearers(call.path)).to.deep.equal(['Bearer a-1', 'Bearer a-2'])
          expect(fetches()).to.equal(2)
        })

        it('and cannot be renewed: the error is that of the credential', async () => {
          upstream.script(CREDENTIAL, granted(1), {
            status: 401,
            body: { error: 'invalid_client' },
          })
          upstream.script(call.path, refusal)
          const error = await networkErrorOf(make())
          expect(error).to.include({ code: 'credential_refused', step: 'credential', status: 500 })
          expect(upstream.at(call.path)).to.have.lengthOf(1)
        })
      })
    }
  }

  describe('stays as it is', () => {
    const others: [what: string, refusal: Reply][] = [
      ['another 400', { status: 400, body: { error_code: 'IDAAS.SDK.PARAM.0023' } }],
      ['403', { status: 403 }],
      ['500', { status: 500, body: { error_code: 'IDAAS.TENANT.COM.0002' } }],
      ['429', { status: 429 }],
      ['an answer that is no JSON', { body: '<html>' }],
    ]
    for (const [what, refusal] of others) {
      it(`after ${what}, and the call is not sent again`, async () => {
        upstream.script(CREDENTIAL, granted(1), granted(2))
        upstream.script(TICKET, refusal, OK)
        await networkErrorOf(client.ssoTicket('s1', CONTEXT))
        expect(upstream.at(TICKET)).to.have.lengthOf(1)
        await client.ssoTicket('s1', CONTEXT)
        expect(fetches()).to.equal(1)
      })
    }
  })

  describe('that cannot be had', () => {
    it('is asked for once, fails every call that waits, and is asked for again by the next', async () => {
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

    for (const [what, reply] of [
      ['an empty answer', { body: {} }],
      ['a lost connection', (_request: unknown, res: { destroy(): unknown }) => void res.destroy()],
    ] as const) {
      it(`is asked for again after ${what}`, async () => {
        upstream.script(CREDENTIAL, reply, granted(2))
        await networkErrorOf(client.prepare())
        await client.ssoTicket('s1', CONTEXT)
        expect(bearers()).to.deep.equal(['Bearer a-2'])
      })
    }
  })
})
