// Runs in its own process, because nock patches node:http for the whole process. Logs in under
// disableNetConnect(), with the default transport and with `http: {}`, and prints what arrived.
import nock from 'nock'
import { startUpstream } from '../support/upstream.js'
import { CONTEXT, createClient, LOGIN_V3 } from './support.js'

nock.disableNetConnect()
const upstream = await startUpstream()
upstream.script(LOGIN_V3, { body: { status: 'SUCCESS', session_token: 'from-the-tenant' } })

const outcomes: object = {
  guarded: await outcomeOf({ http: {} }),
  unguarded: await outcomeOf({}),
  mocked: await mocked(),
}
process.stdout.write(JSON.stringify(outcomes))
await upstream.close()

async function mocked() {
  const reply = { status: 'SUCCESS', session_token: 'from-nock' }
  nock(upstream.url).post(LOGIN_V3).reply(200, reply)
  return outcomeOf({ http: {} })
}

async function outcomeOf(options: { http?: object }) {
  const before = upstream.requests.length
  const answer = await createClient(upstream, options)
    .loginWithAlipay('code-1', CONTEXT)
    .then(
      (login) => JSON.stringify(login),
      (error: Error) => String(error.cause ?? error),
    )
  return { answer, arrived: upstream.requests.length - before }
}
