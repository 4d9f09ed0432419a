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
import { startUpstream } from '../support/upstream.js'
import { CONTEXT, clientFor, failureOf, LOGIN_V3, REFRESH_ID_TOKEN } from './support.js'

const RUN = fileURLToPath(new URL('by-pool-run.js', import.meta.url))

describe('Exchanges', () => {
  afterEach(() => sinon.restore())

  it('never sends a call that was given up while its server was looked up', async () => {
    const upstream = await startUpstream()
    try {
      upstream.script(LOGIN_V3, { body: { status: 'SUCCESS', session_token: 's1' } })
      upstream.script(REFRESH_ID_TOKEN, { body: { session_token: 's2' } })
      const lookup = sinon.stub(dns, 'lookup')
      const url = upstream.url.replace('127.0.0.1', 'oneaccess.test')
      const client = clientFor({ url }, { callDeadline: 50, maxConnections: 1 })
      const error = await failureOf(client.loginWithAlipay('given up', CONTEXT))
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

describe('Exchanges, over TLS', () => {
  it('never sends a call that was given up while it was connecting, and trusts NODE_EXTRA_CA_CERTS', async () => {
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
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  }).timeout(30_000)
})
