import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { LOOPBACK_TLS } from '../fixtures/loopback-tls.js'
import { REFRESH_ID_TOKEN } from './support.js'

const RUN = fileURLToPath(new URL('by-pool-run.js', import.meta.url))

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
