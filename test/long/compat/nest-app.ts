import { readFileSync } from 'node:fs'
import { inRepository } from '../../package/installed.js'

/** The NestJS app of the examples, with the mixin `PassportStrategy`. */
export const NEST_APP = readFileSync(inRepository('example/nestjs.ts'), 'utf8')

/** Starts the compiled app, logs in, gets a token, logs out, and prints each response. */
export const nestDriver = (app: string) => `import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { startSimulator } from 'passport-oneaccess-alipay/simulator'

const { PORT } = process.env
const shop = 'http://127.0.0.1:' + PORT
const simulator = await startSimulator()
const app = spawn(process.execPath, ['${app}'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    ...process.env,
    ONEACCESS_DOMAIN: simulator.domain,
    ONEACCESS_CLIENT_ID: simulator.clientID,
    ONEACCESS_CLIENT_SECRET: simulator.clientSecret,
    ALIPAY_APP_ID: simulator.alipayAppID,
    ALIPAY_AUTHORIZATION_URL: simulator.authorizationURL,
    CALLBACK_URL: shop + '/auth/alipay/callback',
    SESSION_SECRET: 'of the nest app',
  },
})
await once(app.stdout, 'data')
const ask = (path, headers = {}, method = 'GET') =>
  fetch(new URL(path, shop), { method, headers, redirect: 'manual' })
const cookieOf = (answer) => ({ cookie: answer.headers.get('set-cookie').split(';')[0] })

const stranger = await ask('/orders')
const begun = await ask('/auth/alipay')
const { id } = simulator.people[0]
const callback = simulator.authorize(begun.headers.get('location'), id)
const done = await ask(callback, cookieOf(begun))
const user = await (await ask('/', cookieOf(done))).json()
const orders = await ask('/orders', cookieOf(done))
const out = await ask('/logout', cookieOf(done), 'POST')
const after = await ask('/orders', cookieOf(done))
const statuses = [stranger, begun, done, orders, out, after].map(({ status }) => status)
console.log(JSON.stringify({ statuses, me: { user: user.id, ...(await orders.json()) } }))
app.kill()
await once(app, 'close')
await simulator.close()
`
