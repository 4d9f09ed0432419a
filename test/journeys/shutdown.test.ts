import { Agent, request } from 'node:http'
import { expect } from 'chai'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { freePort, killExamples, startExample, tenantOf } from '../support/example-process.js'

/** A GET over a keep-alive connection of this agent. */
function get(agent: Agent, url: string): Promise<{ status: number; closes: boolean }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent }, (response) => {
      response.resume()
      response.once('end', () => {
        const closes = response.headers.connection === 'close'
        resolve({ status: response.statusCode ?? 0, closes })
      })
    })
    sent.once('error', reject)
    sent.end()
  })
}

describe('a shutdown of the example under load', function () {
  this.timeout(60_000)
  let simulator: Simulator
  before(async () => {
    simulator = await startSimulator()
  })
  after(async () => {
    killExamples()
    await simulator.close()
  })

  it('drops no request of a proxy with keep-alive connections', async () => {
    const { url, child, ended } = await startExample(tenantOf(simulator, await freePort()))
    const agent = new Agent({ keepAlive: true, maxSockets: 20 })
    const counts = { answered: 0, closing: 0, cut: 0 }
    let isReady = true
    const client = async () => {
      while (isReady) {
        try {
          const { status, closes } = await get(agent, `${url}/healthz`)
          if (status === 200) counts.answered++
          if (closes) counts.closing++
        } catch {
          counts.cut++
        }
      }
    }
    // the readiness probe of a proxy or of Kubernetes
    const probe = async () => {
      while (isReady) {
        isReady = (await get(agent, `${url}/readyz`)).status === 200
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
    const clients = [...Array.from({ length: 20 }, () => client()), probe()]
    while (counts.answered < 200) await new Promise((resolve) => setImmediate(resolve))
    child.kill('SIGTERM')
    await Promise.all(clients)
    agent.destroy()
    const { code, err } = await ended
    expect([code, err]).to.deep.equal([0, ''])
    expect(counts.cut).to.equal(0)
    expect(counts.closing).to.be.above(0)
  })
})

describe('the health checks of the example', function () {
  this.timeout(30_000)

  it('answer /healthz and /readyz separately, without a cookie', async () => {
    const simulator = await startSimulator()
    const { url, child, ended } = await startExample(tenantOf(simulator, await freePort()))
    const healthz = await fetch(`${url}/healthz`)
    const readyz = await fetch(`${url}/readyz`)
    expect([healthz.status, await healthz.text()]).to.deep.equal([200, 'alive\n'])
    expect([readyz.status, await readyz.text()]).to.deep.equal([200, 'ready\n'])
    expect(healthz.headers.get('set-cookie')).to.equal(null)
    child.kill('SIGTERM')
    expect((await ended).code).to.equal(0)
    await simulator.close()
  })
})
