// A thread of its own, so that the simulator's memory does not count as the app's.
import { parentPort, workerData } from 'node:worker_threads'
import { startSimulator } from '../../../simulator/index.js'
import { speedUp } from './clock.js'

speedUp(workerData.since as number)
const simulator = await startSimulator({ rotation: 'always' })
const busy = { error_code: 'IDAAS.SDK.COM.0002', error_msg: 'busy' }
const timer = setInterval(() => {
  simulator.fault('refresh-id-token', { status: 400, body: busy })
  simulator.fault('ticket', { status: 503 })
  simulator.fault('refresh-id-token', { delay: 20 })
  simulator.expireCredential()
}, 500)
const { domain, authorizationURL, clientID, clientSecret, alipayAppID, people } = simulator
parentPort?.postMessage({
  options: { domain, authorizationURL, clientID, clientSecret, alipayAppID },
  person: people[0]?.id,
})
parentPort?.once('message', () => {
  clearInterval(timer)
  const refreshes = simulator.sessions().reduce((sum, one) => sum + one.refreshes, 0)
  const ended = simulator.sessions().filter((one) => one.endedBy).length
  simulator.close().then(() => parentPort?.postMessage({ refreshes, ended }))
})
