import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { type Handler, type Reply, startUpstream, type Upstream } from '../support/upstream.js'
import { EVERY_CALL, makeCall } from './every-call.js'
import { networkErrorOf } from './support.js'
import { WAYS } from './ways.js'

const HALF = '{"status":"SUCCESS","session_token":"s1","id":"u1"'

const PACKED = gzipSync(HALF).subarray(0, 40)

const LOST: [what: string, fault: Handler][] = [
  ['is reset', (_request, _res, req) => void req.socket.resetAndDestroy()],
  ['ends before an answer', (_request, _res, req) => void req.socket.end()],
  [
    'ends in the headers',
    (_request, _res, req) => void req.socket.end('HTTP/1.1 200 OK\r\nX-A: b'),
  ],
  [
    'ends in a body of known length',
    (_request, _res, req) =>
      void req.socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n${HALF}`),
  ],
  [
    'ends in a body of unknown length',
    (_request, _res, req) =>
      void req.socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n32\r\n${HALF}\r\n`),
  ],
  [
    'ends in a body of unknown length, as it said that it would end',
    (_request, _res, req) =>
      void req.socket.end(
        `HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n32\r\n${HALF}`,
      ),
  ],
  [
    'ends in a body that is packed',
    (_request, res, req) => {
      res.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': 500 })
      res.write(PACKED, () => req.socket.destroy())
      return undefined
    },
  ],
]

const NO_SIZE = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nsize\r\n'

const UNREADABLE: [what: string, reply: Reply | Handler][] = [
  ['an empty body', { body: '' }],
  ['white space', { body: ' \r\n ' }],
  ['no content', { status: 204 }],
  ['HTML', { headers: { 'Content-Type': 'text/html' }, body: '<html>Welcome</html>' }],
  ['half of some JSON', { body: HALF }],
  ['JSON and something behind it', { body: `${HALF}} trailing` }],
  ['an array', { body: [{ id: 'u1' }] }],
  ['null', { body: 'null' }],
  ['a number', { body: '7' }],
  ['a string', { body: '"SUCCESS"' }],
  ['bytes that are no gzip', { headers: { 'Content-Encoding': 'gzip' }, body: HALF }],
  ['something that is no HTTP', (_request, _res, req) => void req.socket.end('SSH-2.0-x\r\n\r\n')],
  ['headers of more than 16 KiB', { headers: { 'X-Padding': 'a'.repeat(2 ** 15) } }],
  ['a body in pieces of no size', (_request, _res, req) => void req.socket.end(NO_SIZE)],
  ['a redirect to nowhere', { status: 302 }],
  ['304', { status: 304 }],
]

describe('a failure of OneAccessClient without a usable answer', () => {
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
  })

  afterEach(() => upstream.close())

  const everyWay = EVERY_CALL.flatMap((call) =>
    WAYS.map(([way, optionsOf]) => ({ call, way, optionsOf })),
  )
  for (const { call, way, optionsOf } of everyWay) {
    describe(`at ${call.name}, ${way}`, () => {
      it('nobody listens: unreachable, 503', async () => {
        const gone = await startUpstream()
        await gone.close()
        const error = await networkErrorOf(makeCall(call, gone, optionsOf()))
        expect(error).to.include({ code: 'unreachable', status: 503 })
        expect(error.hint).to.include('domain')
        expect((error.cause as Error).message).to.equal('ECONNREFUSED')
      })

      for (const [what, fault] of LOST) {
        it(`the connection ${what}: connection_lost, 503`, async () => {
          upstream.script(call.path, fault)
          const error = await networkErrorOf(makeCall(call, upstream, optionsOf()))
          expect(error).to.include({ code: 'connection_lost', status: 503, step: call.step })
          expect(upstream.at(call.path), 'sent once').to.have.lengthOf(1)
        })
      }

      for (const [what, reply] of UNREADABLE) {
        it(`${what} for an answer: unexpected_answer, 502`, async () => {
          upstream.script(call.path, reply)
          const error = await networkErrorOf(makeCall(call, upstream, optionsOf()))
          expect(error).to.include({ code: 'unexpected_answer', status: 502, step: call.step })
          expect(error.hint).to.include(`the ${call.step} call`)
          expect(upstream.at(call.path), 'sent once').to.have.lengthOf(1)
        })
      }
    })
  }
})
