/** Unleash with a `customAuthHandler`; it has its own sessions in PostgreSQL. */
export const UNLEASH_APP = `import passport from 'passport'
import { OneAccessAlipayStrategy } from 'passport-oneaccess-alipay'
import { startSimulator } from 'passport-oneaccess-alipay/simulator'
import * as unleash from 'unleash-server'

const port = Number(process.env.PORT)
const SHOP = 'http://127.0.0.1:' + port
const simulator = await startSimulator()
const { domain, clientID, clientSecret, alipayAppID, authorizationURL } = simulator
const tenant = { domain, clientID, clientSecret, alipayAppID, authorizationURL }

function customAuthHandler(app, _config, { userService }) {
  const oneaccess = new OneAccessAlipayStrategy(
    { ...tenant, callbackURL: SHOP + '/auth/alipay/callback', loginPath: '/auth/alipay' },
    async (_tokens, { id, displayName: name }) => {
      const email = id.toLowerCase() + '@users.example.com'
      return userService.loginUserSSO({ email, name, rootRole: 'Viewer', autoCreate: true })
    },
  )
  passport.use(oneaccess)
  passport.serializeUser(oneaccess.serializeUser((user) => user))
  passport.deserializeUser((user, done) => done(null, user))
  app.use(passport.session())
  app.use(oneaccess.backgroundRefresh())
  app.get('/auth/alipay', passport.authenticate('oneaccess-alipay'))
  app.get('/auth/alipay/callback', passport.authenticate('oneaccess-alipay', { successRedirect: '/api/admin/user' }))
  app.get('/logout', oneaccess.logout(), (_req, res) => res.redirect('/'))
  app.use('/api', oneaccess.requireLogin())
}

await unleash.start({
  db: { host: '127.0.0.1', port: Number(process.env.PGPORT), user: 'postgres', password: '', database: 'postgres', ssl: false },
  server: { port, host: '127.0.0.1' },
  authentication: { type: 'custom', customAuthHandler },
  session: { db: true },
  telemetry: false,
  versionCheck: { enable: false },
  logLevel: 'error',
})
const headers = {}
const go = async (url) => {
  const answer = await fetch(new URL(url, SHOP), { redirect: 'manual', headers })
  const set = answer.headers.getSetCookie().map((line) => line.split(';')[0])
  if (set.length > 0) headers.cookie = set.join('; ')
  return answer
}
const nobody = await go('/api/admin/projects')
const begun = await go('/auth/alipay')
const done = await go(simulator.authorize(begun.headers.get('location') ?? ''))
const me = await go('/api/admin/user')
const { user } = await me.json()
const out = await go('/logout')
const after = await go('/api/admin/user')
const statuses = [nobody, begun, done, me, out, after].map(({ status }) => status)
console.log(JSON.stringify({ statuses, email: user.email }))
process.exit(0)
`
