import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'chai'

const run = promisify(execFile)

/** A process that makes two clients, calls nobody, and tells what was sent; it has to end by itself. */
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
  it('answers one call of a process in memory, over no network, and does not keep it alive', async () => {
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', PROCESS])
    expect(JSON.parse(stdout)).to.deep.equal(['http://warm-up.invalid/'])
  })
})
