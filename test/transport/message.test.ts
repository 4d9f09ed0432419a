import { EventEmitter, once } from 'node:events'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import {
  CONTEXT,
  createClient,
  LOGIN_V3,
  networkErrorOf,
  REFRESH_ID_TOKEN,
  wireOf,
} from '../oneaccess/support.js'
import { WAYS } from '../oneaccess/ways.js'
import { startUpstream, type Upstream } from '../support/upstream.js'

const LOGGED_IN = { body: { status: 'SUCCESS', session_token: 's1' } }
const ANSWER = JSON.stringify(LOGGED_IN.body)
const BOMB = JSON.stringify({ ...LOGGED_IN.body, padding: 'a'.repeat(2 ** 24) })

const PACKINGS: [name: string, encoding: string, pack: (text: string) => Buffer][] = [
  ['gzip', 'gzip', gzipSync],
  ['x-gzip', 'X-Gzip', gzipSync],
  ['deflate', 'deflate', deflateSync],
  ['deflate without a header', 'deflate', deflateRawSync],
  ['brotli', 'br', brotliCompressSync],
]

for (const [way, optionsOf] of WAYS) {
  describe(`a call ${way}`, () => {
    let upstream: Upstream

    beforeEach(async () => {
      upstream = await startUpstream()
      upstream.script(LOGIN_V3, LOGGED_IN)
    })

    afterEach(() => upstream.close())

    const logIn = () => createClient(upstream, optionsOf()).loginWithAlipay('code-1', CONTEXT)

    for (const [name, encoding, pack] of PACKINGS) {
      it(`decompresses a response in ${name}`, async () => {
        const headers = { 'Content-Encoding': encoding }
        upstream.script(LOGIN_V3, { headers, body: pack(ANSWER) })
        expect(await logIn()).to.deep.include({ status: 'SUCCESS' })
      })

      it(`rejects a response in ${name} that decompresses to more than 1 MiB`, async () => {
        const headers = { 'Content-Encoding': encoding }
        upstream.script(LOGIN_V3, { headers, body: pack(BOMB) })
        const error = await networkErrorOf(logIn())
        expect(error).to.include({ code: 'unexpected_answer', status: 502, step: 'login' })
      })
    }

    it('skips a byte order mark', async () => {
      upstream.script(LOGIN_V3, { body: `\ufeff${ANSWER}` })
      expect((await logIn()).status).to.equal('SUCCESS')
    })

    it('decodes a character that is split between two chunks', async () => {
      const bytes = Buffer.from(JSON.stringify({ error_code: 'X.1', error_msg: '系统繁忙' }))
      upstream.script(LOGIN_V3, (_request, res) => {
        res.writeHead(500)
        res.write(bytes.subarray(0, -3), () => res.end(bytes.subarray(-3)))
        return undefined
      })
      expect((await networkErrorOf(logIn())).message).to.include('系统繁忙')
    })

    it('ignores 103 Early Hints', async () => {
      upstream.script(LOGIN_V3, (_request, res) => {
        res.writeEarlyHints({ link: '</style.css>; rel=preload' })
        return LOGGED_IN
      })
      expect((await logIn()).status).to.equal('SUCCESS')
    })

    it('sends a User-Agent', async () => {
      await logIn()
      expect(new Headers(upstream.requests[0]?.headers).get('user-agent')).to.match(/\w/)
    })

    it('sends a Latin-1 header together with a UTF-8 body', async () => {
      const device = { ...CONTEXT.device, agent: 'Café/1.0' }
      await createClient(upstream, optionsOf()).loginWithAlipay('支付宝', { device })
      const { headers, body } = wireOf(upstream.requests[0])
      expect(headers['x-agent']).to.equal('Café/1.0')
      expect(body).to.deep.equal({ code: '支付宝' })
    })

    it('uses at most maxConnections connections, and completes all calls', async () => {
      const answer = async () => {
        await new Promise((resolve) => setImmediate(resolve))
        return { body: { ...LOGGED_IN.body, id_token: 'a.b.c' } }
      }
      upstream.script(LOGIN_V3, answer)
      upstream.script(REFRESH_ID_TOKEN, answer)
      const client = createClient(upstream, { ...optionsOf(), maxConnections: 3 })
      const calls = Array.from({ length: 25 }, () => [
        client.loginWithAlipay('code-1', CONTEXT),
        client.refresh('s1', CONTEXT),
      ])
      expect(await Promise.all(calls.flat())).to.have.lengthOf(50)
      const used = new Set(upstream.requests.map(({ connection }) => connection))
      expect(used.size).to.equal(3)
    })

    it('reconnects to a server that was down during many calls', async () => {
      const client = createClient(upstream, { ...optionsOf(), maxConnections: 2 })
      const call = () => client.loginWithAlipay('code-1', CONTEXT)
      const { port } = new URL(upstream.url)
      await upstream.close()
      for (const error of await Promise.all(
        Array.from({ length: 20 }, () => networkErrorOf(call())),
      )) {
        expect(error).to.include({ code: 'unreachable', status: 503 })
      }
      upstream = await startUpstream(undefined, Number(port))
      upstream.script(LOGIN_V3, LOGGED_IN)
      expect(await Promise.all(Array.from({ length: 20 }, call))).to.have.lengthOf(20)
      const used = new Set(upstream.requests.map(({ connection }) => connection))
      expect(used.size).to.be.at.most(2)
    })

    it('times out while it waits for a connection, and does not delay later calls', async () => {
      const waiting = new EventEmitter()
      upstream.script(REFRESH_ID_TOKEN, async () => {
        waiting.emit('refresh')
        await once(waiting, 'over')
        return { body: { session_token: 's2' } }
      })
      const deadlines = { callDeadline: 100, refreshDeadline: 60_000 }
      const client = createClient(upstream, { ...optionsOf(), ...deadlines, maxConnections: 1 })
      const refresh = client.refresh('s1', CONTEXT)
      await once(waiting, 'refresh')
      const calls = [1, 2, 3].map(() => networkErrorOf(client.loginWithAlipay('code-1', CONTEXT)))
      for (const error of await Promise.all(calls)) {
        expect(error).to.include({ code: 'timeout', status: 504 })
      }
      waiting.emit('over')
      expect((await refresh).sessionToken).to.equal('s2')
      expect(upstream.at(LOGIN_V3)).to.have.lengthOf(0)
      expect((await client.loginWithAlipay('code-4', CONTEXT)).status).to.equal('SUCCESS')
      const used = upstream.requests.map(({ connection }) => connection)
      expect(used, 'connections used').to.deep.equal([1, 1])
    })
  })
}
