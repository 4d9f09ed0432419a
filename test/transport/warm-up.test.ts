import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'chai'

const run = promisify(execFile)

/** Creates two clients, makes no calls, prints what was sent, and must exit by itself. */
const PROCESS = `
import net from 'node:net'
import { subscribe } from 'node:diagnostics_channel'
import { OneAccessClient } from '${import.meta.resolve('../../lib/index.js')}'

const seen = []
const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (...given) {
  seen.push('network')
  return connect.apply(this, given)
}
subscribe('undici:request:trailers', ({ request }) => seen.push(request.origin + request.path))
for (const clientID of ['one', 'two']) {
  const credential = { clientID, clientSecret: 'secret', auth: 'body' }
  new OneAccessClient({ origin: 'https://tenant.example', clientID, credential })
}
process.on('exit', () => console.log(JSON.stringify(seen)))
`

describe('warmUp', () => {
  it('makes one call per process in memory, without the network, and does not keep the process alive', async () => {
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', PROCESS])
    expect(JSON.parse(stdout)).to.deep.equal(['http://warm-up.invalid/'])
  })
})
