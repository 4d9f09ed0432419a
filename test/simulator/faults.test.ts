import { request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { type Fault, type Simulator, startSimulator } from '../../simulator/index.js'
import { refresh, send, sessionToken } from './support.js'

interface Raw {
  status: number
  headers: Record<string, unknown>
  bytes: Buffer
  /** The connection ended before Content-Length was reached. */
  aborted: boolean
}

describe("the simulator's faults", () => {
  let simulator: Simulator
  let token: string

  beforeEach(async () => {
    simulator = await startSimulator({ rotation: 'always' })
    token = await sessionToken(simulator)
  })
  afterEach(() => simulator.close())

  /** A call without headers, for faults that can apply to any endpoint. */
  function fetchKeys() {
    return send(simulator, '/api/v1/oauth2/keys', { method: 'GET' })
  }

  async function isRejected(promise: Promise<unknown>): Promise<boolean> {
    return promise.then(
      () => false,
      () => true,
    )
  }

  function raw(): Promise<Raw> {
    return new Promise((resolve, reject) => {
      const sent = request(`${simulator.url}/api/v1/oauth2/keys`, (answer) => {
        const chunks: Buffer[] = []
        const done = (aborted: boolean) =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            bytes: Buffer.concat(chunks),
            aborted,
          })
        answer.on('data', (chunk) => chunks.push(chunk))
        answer.on('end', () => done(false))
        answer.on('error', () => done(true))
      })
      sent.on('error', reject)
      sent.end()
    })
  }

  it('apply to one call each by default, in the order in which they were queued', async () => {
    simulator.fault('jwks', { status: 500 })
    simulator.fault('jwks', { status: 503, times: 2 })
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await fetchKeys()).status)
    expect(statuses).to.deep.equal([500, 503, 503, 200])
  })

  it('apply to every call of their endpoint until cleared, with times: always', async () => {
    simulator.fault('refresh-id-token', { status: 500, times: 'always' })
    expect((await refresh(simulator, token)).status).to.equal(500)
    expect((await refresh(simulator, token)).status).to.equal(500)
    expect((await fetchKeys()).status).to.equal(200)
    simulator.clearFaults()
    expect((await refresh(simulator, token)).status).to.equal(200)
  })

  it('respond with a status, headers and a body without processing the call', async () => {
    const body = { error_code: 'IDAAS.SDK.COM.0002', error_msg: 'system busy' }
    simulator.fault('refresh-id-token', { status: 400, headers: { 'retry-after': '7' }, body })
    const busy = await refresh(simulator, token)
    expect([busy.status, busy.headers.get('retry-after')]).to.deep.equal([400, '7'])
    expect(busy.body).to.deep.equal(body)
    simulator.fault('refresh-id-token', { body: '<html>' })
    const text = await refresh(simulator, token)
    expect([text.status, text.text]).to.deep.equal([200, '<html>'])
    expect(simulator.sessions()[0]?.refreshes).to.equal(0)
  })

  it('add headers to the response of a processed call', async () => {
    simulator.fault('jwks', { headers: { 'set-cookie': ['a=b', 'c=d'] } })
    const answer = await fetchKeys()
    expect(answer.status).to.equal(200)
    expect(answer.headers.getSetCookie()).to.deep.equal(['a=b', 'c=d'])
  })

  it('redirect', async () => {
    simulator.fault('jwks', { redirect: 'http://127.0.0.1:1/' })
    const answer = await fetchKeys()
    expect([answer.status, answer.headers.get('location')]).to.deep.equal([
      302,
      'http://127.0.0.1:1/',
    ])
  })

  it('close the connection before the call is processed', async () => {
    simulator.fault('refresh-id-token', { drop: 'before' })
    expect(await isRejected(refresh(simulator, token))).to.equal(true)
    expect(simulator.sessions()[0]?.sessionToken).to.equal(token)
    expect(simulator.calls.at(-1)?.status).to.equal('dropped')
  })

  it('close the connection after the call was processed', async () => {
    simulator.fault('refresh-id-token', { drop: 'after' })
    expect(await isRejected(refresh(simulator, token))).to.equal(true)
    expect(simulator.sessions()[0]?.sessionToken).not.to.equal(token)
  })

  it('hang until the simulator closes', async () => {
    simulator.fault('jwks', { hang: true })
    const arrived = simulator.nextCall('jwks')
    const answered = isRejected(fetchKeys())
    const call = await arrived
    await simulator.close()
    expect(await answered).to.equal(true)
    expect(call.status).to.equal('hanging')
  })

  it('truncate a response below its Content-Length', async () => {
    const whole = await raw()
    simulator.fault('jwks', { truncate: true })
    const cut = await raw()
    expect(cut.aborted).to.equal(true)
    expect(cut.headers['content-length']).to.equal(String(whole.bytes.length))
    expect(cut.bytes.length).to.equal(Math.floor(whole.bytes.length / 2))
  })

  it('send a response byte by byte', async () => {
    simulator.fault('jwks', { drip: 1, body: '{"a":1}' })
    const started = performance.now()
    expect((await raw()).bytes.toString()).to.equal('{"a":1}')
    expect(performance.now() - started).to.be.above(5)
  })

  it('delay a response', async () => {
    simulator.fault('jwks', { delay: 60 })
    const started = performance.now()
    expect((await fetchKeys()).status).to.equal(200)
    expect(performance.now() - started).to.be.above(55)
  })

  it('change the body of the response to a processed call', async () => {
    simulator.fault('refresh-id-token', {
      change: (answer) => ({ ...(answer as object), expire: 'soon' }),
    })
    const { body } = await refresh(simulator, token)
    expect(body.expire).to.equal('soon')
    expect(body.session_token).to.equal(simulator.sessions()[0]?.sessionToken)
  })

  it('pad a response to any size, and gzip it; it stays valid JSON', async () => {
    const plain = JSON.parse((await raw()).bytes.toString())
    simulator.fault('jwks', { huge: 3_000_000 })
    const huge = await raw()
    expect(huge.bytes.length).to.equal(3_000_000)
    expect(JSON.parse(huge.bytes.toString())).to.deep.equal(plain)
    simulator.fault('jwks', { gzipBomb: 5_000_000 })
    const bomb = await raw()
    expect(bomb.headers['content-encoding']).to.equal('gzip')
    expect(bomb.bytes.length).to.be.below(20_000)
    expect(gunzipSync(bomb.bytes).length).to.equal(5_000_000)
  })

  it('hold a call before it is processed until released', async () => {
    const { promise, release } = held()
    simulator.fault('refresh-id-token', { hold: promise })
    const arrived = simulator.nextCall('refresh-id-token')
    const first = refresh(simulator, token)
    await arrived
    const second = await refresh(simulator, token)
    release()
    expect(second.status).to.equal(200)
    expect((await first).body.error_code).to.equal('IDAAS.SDK.PARAM.0023')
  })

  it('hold the response to a processed call until released', async () => {
    const { promise, release } = held()
    simulator.fault('refresh-id-token', { holdAnswer: promise })
    const arrived = simulator.nextCall('refresh-id-token')
    const first = refresh(simulator, token)
    await arrived
    const second = await refresh(simulator, token)
    expect(simulator.calls.map(({ status }) => status)).to.deep.equal([200, 0, 400])
    release()
    expect(second.body.error_code).to.equal('IDAAS.SDK.PARAM.0023')
    expect((await first).status).to.equal(200)
  })

  it('throw a TypeError for an unknown endpoint or fault, or times: 0', () => {
    const wrong: [string, object][] = [
      ['no-such-call', { status: 500 }],
      ['jwks', { stauts: 500 }],
      ['jwks', { times: 0 }],
    ]
    for (const [endpoint, fault] of wrong) {
      expect(() => simulator.fault(endpoint as 'jwks', fault as Fault)).to.throw(TypeError)
    }
  })
})

function held(): { promise: Promise<void>; release: () => void } {
  let release = () => {}
  const promise = new Promise<void>((resolve) => {
    release = resolve
  })
  return { promise, release }
}
