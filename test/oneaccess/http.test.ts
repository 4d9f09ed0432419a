import { once } from 'node:events'
import { Agent } from 'node:https'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { LOOPBACK_TLS } from '../fixtures/loopback-tls.js'
import { type Handler, startUpstream, type Upstream } from '../support/upstream.js'
import {
  CONTEXT,
  createClient,
  LOGIN_V3,
  networkErrorOf,
  REFRESH_ID_TOKEN,
  wireOf,
} from './support.js'
import { WAYS } from './ways.js'

const LOGGED_IN = { body: { status: 'SUCCESS', session_token: 's1' } }
const LARGEST = 1024 * 1024

/** A login response of exactly this many bytes. */
function responseOf(bytes: number): string {
  const frame = JSON.stringify({ ...LOGGED_IN.body, padding: '' })
  return frame.replace('""}', `"${'a'.repeat(bytes - frame.length)}"}`)
}

for (const [way, optionsOf] of WAYS) {
  describe(`Http, ${way}`, () => {
    let upstream: Upstream

    beforeEach(async () => {
      upstream = await startUpstream()
    })

    afterEach(() => upstream.close())

    const logIn = (options = {}) =>
      createClient(upstream, { ...optionsOf(), ...options }).loginWithAlipay('code-1', CONTEXT)

    describe('connections', () => {
      it('are reused by later calls', async () => {
        upstream.script(LOGIN_V3, LOGGED_IN)
        const client = createClient(upstream, optionsOf())
        for (let i = 0; i < 3; i++) await client.loginWithAlipay('code-1', CONTEXT)
        expect(upstream.requests.map(({ connection }) => connection)).to.deep.equal([1, 1, 1])
      })

      it('are reused after an error response', async () => {
        upstream.script(LOGIN_V3, { status: 400, body: { error_code: 'X.1' } }, LOGGED_IN)
        const client = createClient(upstream, optionsOf())
        await networkErrorOf(client.loginWithAlipay('code-1', CONTEXT))
        await client.loginWithAlipay('code-2', CONTEXT)
        expect(upstream.requests.map(({ connection }) => connection)).to.deep.equal([1, 1])
      })

      it('send Host, Accept: application/json and Connection: keep-alive', async () => {
        upstream.script(LOGIN_V3, LOGGED_IN)
        await logIn()
        const headers = new Headers(upstream.requests[0]?.headers)
        expect(headers.get('host')).to.equal(new URL(upstream.url).host)
        expect(headers.get('accept')).to.equal('application/json')
        expect(headers.get('connection')).to.equal('keep-alive')
      })
    })

    describe('the deadline', () => {
      const faults: [behavior: string, fault: Handler][] = [
        ['never responds', () => undefined],
        ['sends headers and no body', (_request, res) => void res.writeHead(200).flushHeaders()],
        ['sends a byte at a time', (_request, res) => drip(res)],
        ['sends white space before a response', (_request, res) => drip(res, ' ')],
      ]
      for (const [behavior, fault] of faults) {
        it(`ends a call to a server that ${behavior}, and closes the connection`, async () => {
          let closed: Promise<unknown> | undefined
          upstream.script(LOGIN_V3, (request, res, req) => {
            closed = once(res, 'close')
            return fault(request, res, req)
          })
          const error = await networkErrorOf(logIn({ callDeadline: 100 }))
          expect(error).to.include({ code: 'timeout', status: 504, step: 'login' })
          expect(await closed, 'seen by the server').to.deep.equal([])
        })
      }

      it('of other calls does not apply to a refresh', async () => {
        upstream.script(LOGIN_V3, () => undefined)
        const client = createClient(upstream, {
          ...optionsOf(),
          callDeadline: 50,
          refreshDeadline: 60_000,
        })
        const login: { failed?: Promise<unknown> } = {}
        upstream.script(REFRESH_ID_TOKEN, async () => {
          await login.failed
          return { body: { session_token: 's2', id_token: 'a.b.c' } }
        })
        const refresh = client.refresh('s1', CONTEXT)
        login.failed = networkErrorOf(client.loginWithAlipay('code-1', CONTEXT))
        expect(await login.failed).to.include({ code: 'timeout', step: 'login' })
        expect((await refresh).sessionToken).to.equal('s2')
      })

      it('of a refresh ends it with a timeout', async () => {
        upstream.script(REFRESH_ID_TOKEN, () => undefined)
        const client = createClient(upstream, { ...optionsOf(), refreshDeadline: 50 })
        const error = await networkErrorOf(client.refresh('s1', CONTEXT))
        expect(error).to.include({ code: 'timeout', status: 504, step: 'refresh' })
      })
    })

    describe('a redirect', () => {
      for (const status of [301, 302, 303, 307, 308]) {
        it(`with ${status} is not followed, and errors with 502`, async () => {
          const headers = { Location: `${upstream.url}/elsewhere` }
          upstream.script(LOGIN_V3, { status, headers, ...LOGGED_IN })
          upstream.script('/elsewhere', LOGGED_IN)
          const error = await networkErrorOf(logIn())
          expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'login' })
          expect(upstream.requests.map(({ path }) => path)).to.deep.equal([LOGIN_V3])
        })
      }
    })

    describe('a response', () => {
      it('of 1 MiB is accepted', async () => {
        upstream.script(LOGIN_V3, { body: responseOf(LARGEST) })
        expect((await logIn()).status).to.equal('SUCCESS')
      })

      it('of one byte more errors with 502', async () => {
        upstream.script(LOGIN_V3, { body: responseOf(LARGEST + 1) })
        const error = await networkErrorOf(logIn())
        expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'login' })
      })

      it('that never ends errors once it exceeds 1 MiB', async () => {
        upstream.script(LOGIN_V3, (_request, res) => flood(res))
        const error = await networkErrorOf(logIn())
        expect(error).to.include({ code: 'unexpected_answer', status: 502 })
      })

      it('is decompressed', async () => {
        const body = gzipSync(JSON.stringify(LOGGED_IN.body))
        upstream.script(LOGIN_V3, { headers: { 'Content-Encoding': 'gzip' }, body })
        expect((await logIn()).status).to.equal('SUCCESS')
      })

      it('that decompresses to more than 1 MiB errors with 502', async () => {
        const body = gzipSync(responseOf(16 * LARGEST))
        expect(body.length).to.be.below(LARGEST)
        upstream.script(LOGIN_V3, { headers: { 'Content-Encoding': 'gzip' }, body })
        const error = await networkErrorOf(logIn())
        expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'login' })
      })
    })

    describe('over TLS', () => {
      let secure: Upstream

      beforeEach(async () => {
        secure = await startUpstream(LOOPBACK_TLS)
        secure.script(LOGIN_V3, LOGGED_IN)
      })

      afterEach(() => secure.close())

      it('an untrusted certificate is rejected before anything is sent', async () => {
        const error = await networkErrorOf(
          createClient(secure, optionsOf()).loginWithAlipay('code-1', CONTEXT),
        )
        expect(error).to.include({ code: 'tls_untrusted', status: 503, step: 'login' })
        expect(error.hint).to.include('domain')
        expect(secure.requests).to.have.lengthOf(0)
      })

      it('a certificate for another host name is rejected before anything is sent', async () => {
        const httpsAgent = new Agent({ ca: LOOPBACK_TLS.cert })
        const url = secure.url.replace('127.0.0.1', 'localhost')
        const client = createClient({ url }, { http: { httpsAgent } })
        const error = await networkErrorOf(client.loginWithAlipay('code-1', CONTEXT))
        expect(error).to.include({ code: 'tls_untrusted', status: 503 })
        expect(secure.requests).to.have.lengthOf(0)
      })

      it('a certificate that the option http trusts is accepted', async () => {
        const httpsAgent = new Agent({ ca: LOOPBACK_TLS.cert })
        const client = createClient(secure, { http: { httpsAgent } })
        await client.loginWithAlipay('code-1', CONTEXT)
        expect(wireOf(secure.requests[0]).body).to.deep.equal({ code: 'code-1' })
      })
    })
  })
}

/** Sends a byte every 10 ms until the connection is closed, so that an idle timeout never fires. */
function drip(res: Parameters<Handler>[1], byte = '{'): undefined {
  res.writeHead(200)
  const timer = setInterval(() => res.write(byte), 10)
  res.once('close', () => clearInterval(timer))
}

async function flood(res: Parameters<Handler>[1]): Promise<undefined> {
  res.writeHead(200)
  const closed = once(res, 'close')
  while (!res.destroyed) {
    if (!res.write('a'.repeat(65_536))) await Promise.race([once(res, 'drain'), closed])
  }
}
