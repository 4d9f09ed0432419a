import { execFile } from 'node:child_process'
import dns from 'node:dns'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import sinon from 'sinon'
import { LOOPBACK_TLS } from '../fixtures/loopback-tls.js'
import {
  CONTEXT,
  createClient,
  LOGIN_V3,
  networkErrorOf,
  REFRESH_ID_TOKEN,
} from '../oneaccess/support.js'
import { startUpstream, type Upstream } from '../support/upstream.js'

/** A response with the status of a login, padded with spaces, in chunks of one byte. */
function inChunks(count: number): string {
  const body = JSON.stringify({ status: 'SUCCESS', session_token: 's1' }).padStart(count)
  const chunks = [...body].map((byte) => `1\r\n${byte}\r\n`).join('')
  return `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`
}

describe('UndiciConnections', () => {
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
  })

  afterEach(() => upstream.close())

  const logIn = () => createClient(upstream).loginWithAlipay('code-1', CONTEXT)

  it('accepts a response in 16,384 chunks and rejects one with more', async () => {
    upstream.script(LOGIN_V3, (_request, _res, req) => void req.socket.write(inChunks(16_384)))
    expect((await logIn()).status).to.equal('SUCCESS')
    upstream.script(LOGIN_V3, (_request, _res, req) => void req.socket.write(inChunks(16_385)))
    expect(await networkErrorOf(logIn())).to.include({ code: 'unexpected_answer', status: 502 })
  })

  it('rejects a response with status 099', async () => {
    const raw = 'HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\n{}'
    upstream.script(LOGIN_V3, (_request, _res, req) => void req.socket.end(raw))
    expect(await networkErrorOf(logIn())).to.include({ code: 'unexpected_answer', status: 502 })
  })

  it('sends nothing after the deadline, even if a busy process notices it late', async () => {
    upstream.script(LOGIN_V3, { body: { status: 'SUCCESS', session_token: 's1' } })
    const client = createClient(upstream, { callDeadline: 50 })
    const now = performance.now.bind(performance)
    let ahead = 0
    const clock = sinon.stub(performance, 'now').callsFake(() => now() + ahead)
    try {
      const call = networkErrorOf(client.loginWithAlipay('code-1', CONTEXT))
      ahead = 60_000
      expect(await call).to.include({ code: 'timeout', status: 504 })
      expect(upstream.requests).to.have.lengthOf(0)
    } finally {
      clock.restore()
    }
  })
})

const RUN = fileURLToPath(new URL('undici-run.js', import.meta.url))

describe('UndiciConnections, DNS lookup', () => {
  afterEach(() => sinon.restore())

  it('never sends a call that was cancelled during the lookup', async () => {
    const upstream = await startUpstream()
    try {
      upstream.script(LOGIN_V3, { body: { status: 'SUCCESS', session_token: 's1' } })
      upstream.script(REFRESH_ID_TOKEN, { body: { session_token: 's2' } })
      const lookup = sinon.stub(dns, 'lookup')
      const url = upstream.url.replace('127.0.0.1', 'oneaccess.localhost')
      const client = createClient({ url }, { callDeadline: 50, maxConnections: 1 })
      const error = await networkErrorOf(client.loginWithAlipay('given up', CONTEXT))
      expect(error).to.include({ code: 'timeout', status: 504 })
      const found = [{ address: '127.0.0.1', family: 4 }]
      lookup.callsArgWith(2, null, found)
      lookup.firstCall.lastArg(null, found)
      expect((await client.refresh('s1', CONTEXT)).sessionToken).to.equal('s2')
      expect(upstream.requests.map(({ path }) => path)).to.deep.equal([REFRESH_ID_TOKEN])
    } finally {
      await upstream.close()
    }
  })
})

describe('UndiciConnections, over TLS', () => {
  it('never sends calls that were cancelled while connecting, and does not connect again for them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oneaccess-'))
    try {
      const file = join(folder, 'ca.pem')
      await writeFile(file, LOOPBACK_TLS.cert)
      const env = { ...process.env, NODE_EXTRA_CA_CERTS: file }
      const { stdout } = await promisify(execFile)(process.execPath, [RUN], { env })
      expect(JSON.parse(stdout)).to.deep.equal({
        code: 'timeout',
        sessionToken: 's2',
        asked: [REFRESH_ID_TOKEN],
        connections: 2,
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  }).timeout(30_000)
})

describe('OneAccessClient, in tests that fake all timers', () => {
  it('logs in, and its deadlines end calls', async () => {
    const file = fileURLToPath(new URL('fake-timers-run.js', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 20_000 })
    const each = ['SUCCESS', 'SUCCESS', 'SUCCESS', 'timeout']
    expect(JSON.parse(stdout)).to.deep.equal([...each, ...each])
  }).timeout(30_000)
})
