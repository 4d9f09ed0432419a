import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import sinon from 'sinon'
import type { ClockEvent } from '../../lib/index.js'
import { startUpstream, type Upstream } from '../support/upstream.js'
import { CONTEXT, createClient, LOGIN_V3 } from './support.js'
import { WAYS } from './ways.js'

const NOW = Date.UTC(2026, 0, 1, 12)
const LOGGED_IN = { body: { status: 'SUCCESS', session_token: 's1' } }
const CHANNEL = 'passport-oneaccess-alipay:clock'

for (const [way, optionsOf] of WAYS) {
  describe(`clock event, ${way}`, () => {
    let upstream: Upstream
    let clock: sinon.SinonFakeTimers
    let events: ClockEvent[]
    const listen = (event: unknown) => events.push(event as ClockEvent)

    beforeEach(async () => {
      upstream = await startUpstream()
      clock = sinon.useFakeTimers({ now: NOW, toFake: ['Date'] })
      events = []
      subscribe(CHANNEL, listen)
    })

    afterEach(async () => {
      unsubscribe(CHANNEL, listen)
      clock.restore()
      await upstream.close()
    })

    const answerAt = (date: string) =>
      upstream.script(LOGIN_V3, { headers: { Date: date }, ...LOGGED_IN })
    const secondsLater = (seconds: number) => new Date(NOW + seconds * 1_000).toUTCString()

    for (const [date, ahead] of [
      [secondsLater(90), -90_000],
      [secondsLater(-90), 90_000],
    ] as const) {
      it(`is published when the clock is ${ahead} ms ahead, at most once in 10 minutes`, async () => {
        answerAt(date)
        const client = createClient(upstream, optionsOf())
        await client.loginWithAlipay('code-1', CONTEXT)
        await client.loginWithAlipay('code-2', CONTEXT)
        expect(events).to.deep.equal([{ ahead }])
        clock.setSystemTime(NOW + 600_000)
        await client.loginWithAlipay('code-3', CONTEXT)
        expect(events).to.have.lengthOf(2)
      })
    }

    for (const date of [secondsLater(9), secondsLater(-9), 'today', '1'.repeat(5_000)]) {
      it(`is not published for the Date ${date.slice(0, 40)}`, async () => {
        answerAt(date)
        await createClient(upstream, optionsOf()).loginWithAlipay('code-1', CONTEXT)
        expect(events).to.deep.equal([])
      })
    }

    it('is not published when only the response was slow', async () => {
      upstream.script(LOGIN_V3, () => {
        clock.setSystemTime(NOW + 60_000)
        return { headers: { Date: secondsLater(0) }, ...LOGGED_IN }
      })
      await createClient(upstream, optionsOf()).loginWithAlipay('code-1', CONTEXT)
      expect(events).to.deep.equal([])
    })
  })
}
