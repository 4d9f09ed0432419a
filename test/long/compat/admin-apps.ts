// Admin apps in an Express app, behind `requireLogin()`.
const SHOP = `import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { OneAccessAlipayStrategy } from 'passport-oneaccess-alipay'
import { startSimulator } from 'passport-oneaccess-alipay/simulator'

const SHOP = 'http://127.0.0.1:' + process.env.PORT
const simulator = await startSimulator()
const { domain, clientID, clientSecret, alipayAppID, authorizationURL } = simulator
const tenant = { domain, clientID, clientSecret, alipayAppID, authorizationURL }
const oneaccess = new OneAccessAlipayStrategy(
  { ...tenant, callbackURL: SHOP + '/auth/alipay/callback', loginPath: '/auth/alipay' },
  async (_tokens, profile) => ({ id: profile.id }),
)
const auth = new passport.Passport() // an admin app may set serializers on the shared instance
auth.use(oneaccess)
auth.serializeUser(oneaccess.serializeUser((user) => user.id))
auth.deserializeUser((id, done) => done(null, { id }))
const app = express()
app.use(session({ secret: 'of the shop', resave: false, saveUninitialized: false }))
app.use(auth.session())
app.use(oneaccess.backgroundRefresh())
app.get('/auth/alipay', auth.authenticate('oneaccess-alipay'))
app.get('/auth/alipay/callback', auth.authenticate('oneaccess-alipay', { successReturnToOrRedirect: '/' }))
`

/** A user reaches the admin app through the login; a request for data without a login is refused. */
const VISIT = `
app.listen(Number(process.env.PORT), '127.0.0.1')
const jar = new Map()
const go = async (url, headers = {}) => {
  const cookie = [...jar].map((pair) => pair.join('=')).join('; ')
  const answer = await fetch(new URL(url, SHOP), { redirect: 'manual', headers: { ...headers, cookie } })
  for (const line of answer.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
    jar.set(name, value)
  }
  return answer
}
const page = { accept: 'text/html' }
const away = await go('/admin/', page)
const program = await go('/admin/' + DATA)
const begun = await go(away.headers.get('location'))
const back = await go(simulator.authorize(begun.headers.get('location')))
const shown = await go(back.headers.get('location'), page)
const data = await go('/admin/' + DATA)
const statuses = [away, program, begun, back, shown, data].map(({ status }) => status)
const title = /<title>([^<]*)/.exec(await shown.text())?.[1]
console.log(JSON.stringify({ statuses, back: back.headers.get('location'), title }))
process.exit(0)
`

export const bullBoardApp = `import { createBullBoard } from '@bull-board/api'
import { ExpressAdapter } from '@bull-board/express'
${SHOP}
const DATA = 'api/queues'
const board = new ExpressAdapter()
board.setBasePath('/admin')
createBullBoard({ queues: [], serverAdapter: board })
app.use('/admin', oneaccess.requireLogin(), board.getRouter())
${VISIT}`

export const parseDashboardApp = `import ParseDashboard from 'parse-dashboard'
${SHOP}
const DATA = 'parse-dashboard-config.json'
const apps = [{ appId: 'shop', appName: 'Shop', masterKey: 'key', serverURL: SHOP + '/parse' }]
app.use('/admin', oneaccess.requireLogin(), new ParseDashboard({ apps }, { dev: true }))
${VISIT}`
