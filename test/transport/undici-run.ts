// Runs in its own process, which trusts the certificate of the fixture. A gate in front of the server delays the
// TLS handshake until the call that started it has been cancelled. Prints the results as JSON.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { useFakeTimers } from 'sinon'
import '../support/timers.js'
import { LOOPBACK_TLS } from '../fixtures/loopback-tls.js'
import {
  CONTEXT,
  createClient,
  LOGIN_V3,
  networkErrorOf,
  REFRESH_ID_TOKEN,
} from '../oneaccess/support.js'
import { startUpstream } from '../support/upstream.js'

const upstream = await startUpstream(LOOPBACK_TLS)
upstream.script(LOGIN_V3, { body: { status: 'SUCCESS', session_token: 's1' } })
upstream.script(REFRESH_ID_TOKEN, { body: { session_token: 's2', id_token: 'a.b.c' } })

let connections = 0
let pass = (_socket: Socket) => {}
const gate = createServer((socket) => {
  connections++
  pass(socket)
}).listen(0, '127.0.0.1')
await once(gate, 'listening')

const url = `https://127.0.0.1:${(gate.address() as AddressInfo).port}`
const client = createClient({ url }, { callDeadline: 100, maxConnections: 1 })
const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
const login = networkErrorOf(client.loginWithAlipay('given up', CONTEXT))
const [held] = (await once(gate, 'connection')) as [Socket]
clock.tick(100)
const { code } = await login
for (let more = 0; more < 10; more++) {
  const another = networkErrorOf(client.loginWithAlipay('given up', CONTEXT))
  await new Promise(setImmediate)
  clock.tick(100)
  await another
}

const { port } = new URL(upstream.url)
pass = (socket) => {
  const onwards = connect(Number(port), '127.0.0.1')
  for (const end of [socket, onwards]) end.on('error', () => {})
  socket.pipe(onwards).pipe(socket)
}
pass(held)
const { sessionToken } = await client.refresh('s1', CONTEXT)
const asked = upstream.requests.map(({ path }) => path)
process.stdout.write(JSON.stringify({ code, sessionToken, asked, connections }))
process.exit()
