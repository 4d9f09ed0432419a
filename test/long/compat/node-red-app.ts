/** Node-RED's `adminAuth` constructs the strategy, and passes `verify` as an option. */
export const NODE_RED_APP = `import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import RED from 'node-red'
import { OneAccessAlipayStrategy } from 'passport-oneaccess-alipay'
import { startSimulator } from 'passport-oneaccess-alipay/simulator'

const SHOP = 'http://127.0.0.1:' + process.env.PORT
const simulator = await startSimulator({
  people: ['known', 'stranger'].map((id) => ({ id, userName: id, name: id, outcome: 'SUCCESS' })),
})
const { domain, clientID, clientSecret, alipayAppID, authorizationURL } = simulator
const userDir = mkdtempSync(join(tmpdir(), 'node-red-'))
const app = express()
const server = createServer(app)
RED.init(server, {
  httpAdminRoot: '/',
  userDir,
  logging: { console: { level: 'off' } },
  adminAuth: {
    type: 'strategy',
    strategy: {
      name: 'oneaccess-alipay',
      label: 'Log in with Alipay',
      strategy: OneAccessAlipayStrategy,
      options: {
        domain,
        clientID,
        clientSecret,
        alipayAppID,
        authorizationURL,
        callbackURL: SHOP + '/auth/strategy/callback',
        callbackMethod: 'GET',
        verify: (tokens, profile, done) => done(null, profile),
      },
    },
    users: [{ username: 'known', permissions: ['*'] }],
  },
})
app.use('/', RED.httpAdmin)
await new Promise((resolve) => server.listen(Number(process.env.PORT), '127.0.0.1', resolve))
await RED.start()

async function logIn(person) {
  const begun = await fetch(SHOP + '/auth/strategy', { redirect: 'manual' })
  const cookie = begun.headers.get('set-cookie')?.split(';')[0] ?? ''
  const body = new URLSearchParams({ person, decision: 'agree' })
  const back = await fetch(begun.headers.get('location'), { method: 'POST', body, redirect: 'manual' })
  const done = await fetch(back.headers.get('location'), { headers: { cookie }, redirect: 'manual' })
  // Node-RED 4 redirects with a token, 5 with a code
  const location = done.headers.get('location').replace(/=.*/, '').replace('access_token', 'code')
  return { status: done.status, location }
}
const { status } = await fetch(SHOP + '/auth/strategy/callback')
console.log(JSON.stringify({ known: await logIn('known'), stranger: await logIn('stranger'), status }))
await RED.stop()
rmSync(userDir, { recursive: true })
process.exit()
`
