import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import { type ClockEvent, OneAccessClient } from '../../lib/index.js'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { CONTEXT } from '../oneaccess/support.js'

const CHANNEL = 'passport-oneaccess-alipay:clock'
const HOUR = 3_600_000

describe('clock.advance() of the simulator', () => {
  let simulator: Simulator
  beforeEach(async () => {
    simulator = await startSimulator()
  })
  afterEach(() => simulator.close())

  const dateOf = async (path: string) => {
    const { headers } = await fetch(simulator.url + path)
    return Date.parse(headers.get('date') ?? '')
  }

  for (const path of ['/api/v1/oauth2/keys', '/nowhere']) {
    it(`moves the Date of each response: ${path}`, async () => {
      expect(await dateOf(path)).to.be.closeTo(Date.now(), 60_000)
      simulator.clock.advance(HOUR)
      expect(await dateOf(path)).to.be.closeTo(Date.now() + HOUR, 60_000)
      simulator.reset()
      expect(await dateOf(path)).to.be.closeTo(Date.now(), 60_000)
    })
  }

  it('does not change the Date of a fault, whatever the case of its name', async () => {
    simulator.clock.advance(HOUR)
    for (const name of ['date', 'Date', 'DATE']) {
      simulator.fault('jwks', { headers: { [name]: new Date(0).toUTCString() } })
      expect(await dateOf('/api/v1/oauth2/keys')).to.equal(0)
    }
  })

  it('makes the client publish the clock event', async () => {
    const events: ClockEvent[] = []
    const listen = (event: unknown) => events.push(event as ClockEvent)
    subscribe(CHANNEL, listen)
    try {
      const { url: origin, clientID, clientSecret } = simulator
      const credential = { clientID, clientSecret, auth: 'body' } as const
      const client = new OneAccessClient({ origin, clientID, credential })
      const logIn = () => client.loginWithAlipay(simulator.issueCode(person()), CONTEXT)
      await logIn()
      expect(events).to.deep.equal([])
      simulator.clock.advance(HOUR)
      await logIn()
      expect(events).to.have.lengthOf(1)
      expect(events[0]?.ahead).to.be.closeTo(-HOUR, 60_000)
    } finally {
      unsubscribe(CHANNEL, listen)
    }
  })

  const person = () => simulator.people[0]?.id ?? ''
})
