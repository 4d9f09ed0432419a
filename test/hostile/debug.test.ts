import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { Secrets } from './secrets.js'

const RUN = fileURLToPath(new URL('debug-run.js', import.meta.url))

describe('secrets, with NODE_DEBUG=* and DEBUG=*', () => {
  it('do not leak from a login, a refresh and a logout', async () => {
    const env = { ...process.env, NODE_DEBUG: '*', DEBUG: '*' }
    const run = promisify(execFile)(process.execPath, [RUN], { env, maxBuffer: 2 ** 26 })
    const { stdout, stderr } = await run
    const secrets = new Secrets()
    for (const [secret, name] of JSON.parse(stdout) as [string, string][]) secrets.add(name, secret)
    expect(secrets.names).to.include.members(['access_token', 'session_token', 'client secret'])
    expect(stderr).to.include('sending request to POST')
    expect(secrets.in(stderr)).to.deep.equal([])
  }).timeout(30_000)
})
