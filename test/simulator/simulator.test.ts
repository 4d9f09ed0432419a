import { request } from 'node:http'
import { expect } from 'chai'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/index.js'
import { login, refresh, send, sessionToken } from './support.js'

describe('startSimulator', () => {
  let simulator: Simulator

  beforeEach(async () => {
    simulator = await startSimulator()
  })
  afterEach(() => simulator.close())

  it('listens on loopback and has its URLs', () => {
    expect(simulator.url).to.match(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(simulator.domain).to.equal(simulator.url)
    expect(simulator.authorizationURL).to.equal(`${simulator.url}/oauth2/publicAppAuthorize.htm`)
    expect(simulator.alipayAppID).to.match(/^\d{16}$/)
  })

  it('generates a client secret unless one is given', async () => {
    const other = await startSimulator({ clientID: 'mine', clientSecret: 'also mine' })
    await other.close()
    expect([other.clientID, other.clientSecret]).to.deep.equal(['mine', 'also mine'])
    expect(simulator.clientSecret).to.have.length.above(30)
  })

  it('throws for a host that is not loopback unless allowRemote is set', async () => {
    const error = await rejection({ host: '0.0.0.0' })
    expect(error).to.be.instanceOf(TypeError)
    const open = await startSimulator({ host: '0.0.0.0', allowRemote: true })
    await open.close()
  })

  it('rejects with EADDRINUSE if the port is taken', async () => {
    const error = await rejection({ port: Number(new URL(simulator.url).port) })
    expect(error).to.have.property('code', 'EADDRINUSE')
  })

  const INVALID_OPTIONS: object[] = [
    { rotatoin: 'always' },
    { rotation: 'sometimes' },
    { sessionLife: -1 },
    { idTokenAtLogin: 'yes' },
    { loginVersions: ['v4'] },
    { refreshCalls: ['none'] },
    { port: 70000 },
    { constructor: 1 },
  ]
  for (const options of INVALID_OPTIONS) {
    it(`throws a TypeError that names the option: ${JSON.stringify(options)}`, async () => {
      const error = await rejection(options)
      expect(error).to.be.instanceOf(TypeError)
      expect(String(error)).to.include(Object.keys(options)[0])
    })
  }

  it('answers 421 to a Host that is not loopback', async () => {
    const status = (host: string) =>
      new Promise((resolve, reject) => {
        const sent = request(simulator.url, { headers: { host } }, (answer) => {
          answer.resume()
          resolve(answer.statusCode)
        })
        sent.on('error', reject)
        sent.end()
      })
    expect(await status('localhost:1234')).to.equal(200)
    expect(await status('rebound.example:80')).to.equal(421)
  })

  it('has users for every outcome', () => {
    const outcomes = simulator.people.map(({ outcome, after }) => after ?? outcome)
    expect(simulator.people[0]?.outcome).to.equal('SUCCESS')
    expect(outcomes).to.include.members([
      'SOCIAL_BIND',
      'USER_REGISTER',
      'MFA_AUTH',
      'ACCESS_DENIED',
    ])
    expect(new Set(simulator.people.map(({ id }) => id)).size).to.equal(simulator.people.length)
  })

  it('throws a TypeError in issueCode() and disable() for an unknown user', () => {
    expect(() => simulator.issueCode('nobody')).to.throw(TypeError)
    expect(() => simulator.disable('nobody')).to.throw(TypeError)
  })

  it('lists sessions by user', async () => {
    const token = await sessionToken(simulator)
    const [first, second] = simulator.people
    await login(simulator, { person: second?.id ?? '' })
    expect(simulator.sessions(first?.id)).to.deep.equal([
      { personID: first?.id, sessionToken: token, refreshes: 0 },
    ])
    expect(simulator.sessions()).to.have.length(2)
  })

  it('clears everything but its settings on reset()', async () => {
    const token = await sessionToken(simulator)
    simulator.settings.rotation = 'always'
    simulator.clock.advance(60_000)
    simulator.fault('refresh-id-token', { status: 500 })
    simulator.disable(simulator.people[0]?.id ?? '')
    simulator.reset()
    expect(simulator.calls).to.have.length(0)
    expect(simulator.count('login')).to.equal(0)
    expect(simulator.clock.now()).to.be.closeTo(Date.now(), 5000)
    expect((await refresh(simulator, token)).body.error_code).to.equal('IDAAS.SDK.PARAM.0023')
    expect((await login(simulator)).body.status).to.equal('SUCCESS')
    expect(simulator.settings.rotation).to.equal('always')
  })

  it('throws a TypeError for clock.advance() with a negative time', () => {
    expect(() => simulator.clock.advance(-1)).to.throw(TypeError)
  })

  it('shows the calls on its console', async () => {
    await sessionToken(simulator)
    const page = await send(simulator, '/', { method: 'GET' })
    expect(page.status).to.equal(200)
    expect(page.text).to.include('/api/v3/sdk/login/alipay')
    expect(simulator.calls).to.have.length(1)
  })
})

async function rejection(options: object): Promise<unknown> {
  return startSimulator(options as SimulatorOptions).then(
    (started) => started.close(),
    (error: unknown) => error,
  )
}
