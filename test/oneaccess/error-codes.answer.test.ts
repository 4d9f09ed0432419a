import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { type Handler, type Reply, startUpstream, type Upstream } from '../support/upstream.js'
import { EVERY_CALL, makeCall } from './every-call.js'
import { networkErrorOf } from './support.js'
import { WAYS } from './ways.js'

const TRUNCATED = '{"status":"SUCCESS","session_token":"s1","id":"u1"'

const TRUNCATED_GZIP = gzipSync(TRUNCATED).subarray(0, 40)

const LOST: [event: string, fault: Handler][] = [
  ['is reset', (_request, _res, req) => void req.socket.resetAndDestroy()],
  ['ends before a response', (_request, _res, req) => void req.socket.end()],
  [
    'ends within the headers',
    (_request, _res, req) => void req.socket.end('HTTP/1.1 200 OK\r\nX-A: b'),
  ],
  [
    'ends within a body with Content-Length',
    (_request, _res, req) =>
      void req.socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n${TRUNCATED}`),
  ],
  [
    'ends within a chunked body',
    (_request, _res, req) =>
      void req.socket.end(
        `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n32\r\n${TRUNCATED}\r\n`,
      ),
  ],
  [
    'ends within a chunked body with Connection: close',
    (_request, _res, req) =>
      void req.socket.end(
        `HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n32\r\n${TRUNCATED}`,
      ),
  ],
  [
    'ends within a gzip body',
    (_request, res, req) => {
      res.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': 500 })
      res.write(TRUNCATED_GZIP, () => req.socket.destroy())
      return undefined
    },
  ],
]

const BAD_CHUNK = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nsize\r\n'

const UNREADABLE: [response: string, reply: Reply | Handler][] = [
  ['an empty body', { body: '' }],
  ['a body of white space', { body: ' \r\n ' }],
  ['204', { status: 204 }],
  ['HTML', { headers: { 'Content-Type': 'text/html' }, body: '<html>Welcome</html>' }],
  ['truncated JSON', { body: TRUNCATED }],
  ['JSON with trailing text', { body: `${TRUNCATED}} trailing` }],
  ['an array', { body: [{ id: 'u1' }] }],
  ['null', { body: 'null' }],
  ['a number', { body: '7' }],
  ['a string', { body: '"SUCCESS"' }],
  [
    'a body that is not gzip, as declared',
    { headers: { 'Content-Encoding': 'gzip' }, body: TRUNCATED },
  ],
  [
    'a response that is not HTTP',
    (_request, _res, req) => void req.socket.end('SSH-2.0-x\r\n\r\n'),
  ],
  ['headers of more than 16 KiB', { headers: { 'X-Padding': 'a'.repeat(2 ** 15) } }],
  ['a chunk without a size', (_request, _res, req) => void req.socket.end(BAD_CHUNK)],
  ['a redirect without Location', { status: 302 }],
  ['304', { status: 304 }],
]

describe('errors of OneAccessClient without a usable response', () => {
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
      it('errors with 503 unreachable when nothing listens', async () => {
        const gone = await startUpstream()
        await gone.close()
        const error = await networkErrorOf(makeCall(call, gone, optionsOf()))
        expect(error).to.include({ code: 'unreachable', status: 503 })
        expect(error.hint).to.include('domain')
        expect((error.cause as Error).message).to.equal('ECONNREFUSED')
      })

      for (const [event, fault] of LOST) {
        it(`errors with 503 connection_lost when the connection ${event}`, async () => {
          upstream.script(call.path, fault)
          const error = await networkErrorOf(makeCall(call, upstream, optionsOf()))
          expect(error).to.include({ code: 'connection_lost', status: 503, step: call.step })
          expect(upstream.at(call.path), 'sent once').to.have.lengthOf(1)
        })
      }

      for (const [response, reply] of UNREADABLE) {
        it(`errors with 502 unexpected_answer on ${response}`, async () => {
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
