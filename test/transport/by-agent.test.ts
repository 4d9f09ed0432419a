import { EventEmitter, getEventListeners, once } from 'node:events'
import { Agent } from 'node:http'
import { expect } from 'chai'
import { serverAt } from '../../lib/transport/agents.js'
import { exchangeByAgent } from '../../lib/transport/by-agent.js'
import type { Exchange } from '../../lib/transport/message.js'
import { startUpstream, type Upstream } from '../support/upstream.js'

const WHAT: Exchange = { method: 'POST', path: '/x', headers: {}, body: '{}' }

describe('exchangeByAgent', () => {
  let upstream: Upstream
  let agent: Agent

  beforeEach(async () => {
    upstream = await startUpstream()
    agent = new Agent({ keepAlive: true })
  })

  afterEach(async () => {
    agent.destroy()
    await upstream.close()
  })

  const exchange = (what: Partial<Exchange> = {}, signal?: AbortSignal) =>
    exchangeByAgent(serverAt(upstream.url, agent), { ...WHAT, ...what }, signal)

  async function failureOf(work: Promise<unknown>): Promise<Error & { code?: string }> {
    return work.then(
      () => expect.fail('it was answered'),
      (error: Error) => error,
    )
  }

  it('answers status, headers and text', async () => {
    upstream.script('/x', { status: 418, headers: { 'X-A': 'b' }, body: 'tea' })
    const { status, headers, data } = await exchange()
    expect([status, data]).to.deep.equal([418, 'tea'])
    expect(headers).to.include({ 'x-a': 'b' })
  })

  it('sends nothing when it is over before it begins', async () => {
    upstream.script('/x', { body: 'no' })
    upstream.script('/y', { body: 'yes' })
    const error = await failureOf(exchange({}, AbortSignal.abort()))
    expect(error).to.include({ code: 'ERR_CANCELED', message: 'no whole answer in time' })
    expect((await exchange({ path: '/y' })).data).to.equal('yes')
    expect(upstream.at('/x')).to.have.lengthOf(0)
  })

  it('leaves nothing at a signal that outlives it', async () => {
    const { signal } = new AbortController()
    upstream.script('/x', { body: 'yes' }, (_request, res) => void res.destroy())
    await exchange({}, signal)
    expect(getEventListeners(signal, 'abort')).to.have.lengthOf(0)
    await failureOf(exchange({}, signal))
    expect(getEventListeners(signal, 'abort')).to.have.lengthOf(0)
  })

  it('closes the connection of a request that cannot be written', async () => {
    const made = new EventEmitter()
    const { createConnection } = agent
    agent.createConnection = (...args) => {
      const socket = createConnection.apply(agent, args)
      made.emit('socket', socket)
      return socket
    }
    const closed = once(made, 'socket').then(([socket]) => once(socket, 'close'))
    const error = await failureOf(exchange({ headers: { 'X-A': 'a\nb' } }))
    expect(error.code).to.equal('ERR_INVALID_CHAR')
    await closed
    expect(upstream.requests).to.have.lengthOf(0)
  })
})
