// Runs in its own process. Fakes what Vitest and Jest fake by default, after the package is loaded, and never
// advances it. nextTick and queueMicrotask stay real, because Node cannot connect without them.
import { useFakeTimers } from 'sinon'
import {
  CONTEXT,
  createClient,
  LOGIN_V3,
  networkErrorOf,
  REFRESH_ID_TOKEN,
} from '../oneaccess/support.js'
import { startUpstream } from '../support/upstream.js'

const upstream = await startUpstream()
upstream.script(LOGIN_V3, { body: { status: 'SUCCESS', session_token: 's1' } })
upstream.script(REFRESH_ID_TOKEN, () => undefined)
const timers = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const
useFakeTimers({
  toFake: [...timers, 'setImmediate', 'clearImmediate', 'Date', 'performance', 'hrtime'],
})
const outcomes: string[] = []
for (const options of [{}, { http: {} }]) {
  const client = createClient(upstream, { ...options, refreshDeadline: 100 })
  for (let times = 0; times < 3; times++) {
    outcomes.push((await client.loginWithAlipay('code-1', CONTEXT)).status)
  }
  outcomes.push((await networkErrorOf(client.refresh('s1', CONTEXT))).code)
}
process.stdout.write(JSON.stringify(outcomes))
process.exit()
