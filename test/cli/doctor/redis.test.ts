import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTLSServer } from 'node:tls'
import { expect } from 'chai'
import { checkRedis } from '../../../cli/doctor/redis.js'
import { LOOPBACK_TLS } from '../../fixtures/loopback-tls.js'
import { fakeClock } from '../../support/clock.js'
import { expectChinese, findingsOf, PRODUCTION } from './support.js'

describe('doctor: Redis', () => {
  let server: Server
  let received: string
  afterEach(() => server.close())

  /** A server that answers whatever it receives; returns its host and port. */
  async function listen(answer: (socket: Socket) => void, tls = false): Promise<string> {
    received = ''
    const serve = (socket: Socket) => {
      socket.on('error', () => {})
      socket.once('data', (bytes) => {
        received += bytes.toString('latin1')
        answer(socket)
      })
    }
    server = tls ? createTLSServer(LOOPBACK_TLS, serve) : createServer(serve)
    server.on('tlsClientError', () => {})
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    return `127.0.0.1:${port}`
  }

  async function look(url: string) {
    const [finding = expect.fail('no finding')] = await checkRedis(url, true)
    expectChinese(finding)
    return `${finding.result}: ${finding.says.en} ${finding.change?.en}`
  }

  for (const [reply, expected] of [
    ['+PONG\r\n', /^ok: HOST answers; the user and password were not tried/],
    ['-NOAUTH Authentication required.\r\n', /^ok: HOST answers/],
    ['-DENIED Redis is running in protected mode\r\n', /^warning: HOST refuses .*\(DENIED\)/],
    ['HTTP/1.1 400 Bad Request\r\n\r\n', /^error: HOST answers, but not as Redis does/],
  ] as const) {
    it(`is judged by its reply to PING: ${reply.trim()}`, async () => {
      const host = await listen((socket) => socket.write(reply))
      const said = await look(`redis://u:canary@${host}/0`)
      expect(said.replace(host, 'HOST')).to.match(expected).and.not.include('canary')
      expect(received).to.equal('PING\r\n')
    })
  }

  it('is an error if it closes the connection, as a server that requires TLS does', async () => {
    const host = await listen((socket) => socket.end())
    expect(await look(`redis://${host}`)).to.match(/^error: no answer .*ECONNRESET.*rediss:/)
  })

  it('is an error if nothing listens, in the findings with --live', async () => {
    const host = await listen(() => {})
    server.close()
    await once(server, 'close')
    const env = { ...PRODUCTION, REDIS_URL: `redis://:canary@${host}` }
    const findings = await findingsOf({ env, live: true })
    expect(findings.get('Redis')).to.include({
      result: 'error',
      says: `no answer from ${host} (ECONNREFUSED)`,
    })
    expect(JSON.stringify([...findings.values()])).to.not.include('canary')
  })

  it('is an error if it accepts the connection and never answers', async () => {
    const clock = fakeClock()
    try {
      let answered = () => {}
      const heard = new Promise<void>((resolve) => {
        answered = resolve
      })
      const host = await listen(() => answered())
      const said = look(`redis://${host}`)
      await heard
      clock.tick(5_000)
      expect(await said).to.match(/^error: no answer .*ETIMEDOUT/)
      expect(clock.countTimers()).to.equal(0)
    } finally {
      clock.restore()
    }
  })

  it('over TLS is an error if its certificate is not trusted', async () => {
    const host = await listen(() => {}, true)
    expect(await look(`rediss://${host}`)).to.match(/^error: no answer .*NODE_EXTRA_CA_CERTS/)
    expect(received).to.equal('')
  })

  it('is not connected to without --live, and the finding says so', async () => {
    let connections = 0
    const host = await listen(() => {})
    server.on('connection', () => connections++)
    const findings = await findingsOf({ env: { ...PRODUCTION, REDIS_URL: `redis://${host}` } })
    expect(findings.get('Redis')).to.include({
      result: 'skipped',
      says: 'pass --live to connect to it',
    })
    expect(connections).to.equal(0)
  })

  it('has no finding without a valid REDIS_URL', async () => {
    server = createServer()
    expect(await checkRedis(undefined, true)).to.deep.equal([])
    expect(await checkRedis('localhost:6379', true)).to.deep.equal([])
  })
})
