/**
 * An app with its sessions and tokens in one of the stores. It runs in a process of its own, prints its URL,
 * and ends when stdin ends.
 */
export function storeApp(store: string): string {
  return `import { subscribe } from 'node:diagnostics_channel'
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { OneAccessAlipayStrategy } from 'passport-oneaccess-alipay'

const { store, close } = await (async () => {
${store}
})()
const { SIMULATOR: domain, CLIENT_SECRET: clientSecret } = process.env
const app = express()
const server = app.listen(Number(process.env.PORT), '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const shop = 'http://127.0.0.1:' + server.address().port
const oneaccess = new OneAccessAlipayStrategy(
  {
    domain,
    clientID: 'simulated-client',
    clientSecret,
    alipayAppID: '2021000000000001',
    authorizationURL: domain + '/oauth2/publicAppAuthorize.htm',
    callbackURL: shop + '/callback',
  },
  async (_tokens, profile) => ({ id: profile.id }),
)
passport.use(oneaccess)
passport.serializeUser(oneaccess.serializeUser((user) => user.id))
passport.deserializeUser((id, done) => done(null, { id }))
const sessions = store ?? new session.MemoryStore()
app.use(session({ store: sessions, secret: 'of the store app', resave: false, saveUninitialized: false }))
app.use(passport.session())
app.use(oneaccess.backgroundRefresh())
app.get('/login', passport.authenticate('oneaccess-alipay'))
app.get('/callback', passport.authenticate('oneaccess-alipay', { successRedirect: '/me' }))
app.get('/me', (req, res) => res.status(req.user ? 200 : 401).end())
app.get('/token', async (req, res, next) => {
  req.oneaccess.refresh().then(() => req.oneaccess.idToken()).then((token) => res.end(token), next)
})
app.post('/logout', oneaccess.logout(), (_req, res) => res.end())
// an administrator lists the sessions of users and destroys one
app.get('/sessions', (_req, res, next) => {
  const list = (error, found) => {
    if (error) return next(error)
    const all = Object.values(found ?? {})
    const dates = all.map(({ cookie }) => new Date(cookie.expires ?? Date.now()).toISOString())
    res.json({ people: all.filter((one) => one.passport?.user !== undefined).length, dates })
  }
  if (typeof sessions.all === 'function') sessions.all(list)
  else res.json({ people: 1, dates: [] })
})
app.get('/id', (req, res) => res.end(req.sessionID))
let ended = 0
subscribe('passport-oneaccess-alipay:end', () => ended++)
app.post('/destroy/:id', (req, res, next) => {
  const before = ended
  const done = (error) => error ? next(error) : setTimeout(() => res.end(String(ended - before)), 300)
  sessions.destroy(req.params.id, done)
})
app.use((error, _req, res, _next) => res.status(error.status ?? 500).end(String(error.message)))
console.log(shop)
process.stdin.resume()
process.stdin.once('end', async () => {
  server.closeAllConnections()
  server.close()
  await oneaccess.drain()
  await close?.()
  process.exit()
})
`
}
