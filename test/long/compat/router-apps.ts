// Routers and hosts that run Express middleware unchanged.
import { END, IMPORTS, STRATEGY, VISIT } from './host-apps.js'

const MIDDLEWARE = `const login = passport.authenticate('oneaccess-alipay')
const before = [
  session({ secret: 'of the router', resave: false, saveUninitialized: false }),
  passport.session(),
  oneaccess.backgroundRefresh(),
]
const describe = async ({ user, oneaccess }) => ({ user: user.id, parts: (await oneaccess.idToken()).split('.').length })
const port = Number(process.env.PORT)
`

export const polkaApp = `${IMPORTS}import passport from 'passport'
import polka from 'polka'
${STRATEGY}${MIDDLEWARE}
const app = polka()
app.use(...before)
app.get('/auth/alipay', login)
app.get('/auth/alipay/callback', login, (_req, res) => res.writeHead(302, { location: '/me' }).end())
app.post('/logout', oneaccess.logout(), (_req, res) => res.writeHead(204).end())
app.get('/me', async (req, res) => {
  if (!req.user) return res.writeHead(401).end()
  res.end(JSON.stringify(await describe(req)))
})
app.listen(port, '127.0.0.1')
${VISIT}${END}`

export const restanaApp = `${IMPORTS}import passport from 'passport'
import restana from 'restana'
${STRATEGY}${MIDDLEWARE}
const app = restana()
for (const one of before) app.use(one)
app.get('/auth/alipay', login)
app.get('/auth/alipay/callback', login, (_req, res) => res.send('', 302, { location: '/me' }))
app.post('/logout', oneaccess.logout(), (_req, res) => res.send('', 204))
app.get('/me', async (req, res) => (req.user ? res.send(await describe(req)) : res.send('', 401)))
await app.start(port, '127.0.0.1')
${VISIT}${END}`

export const middieApp = `${IMPORTS}import middie from '@fastify/middie'
import fastify from 'fastify'
import passport from 'passport'
${STRATEGY}${MIDDLEWARE}
const app = fastify()
await app.register(middie)
for (const one of before) app.use(one)
app.use('/auth/alipay/callback', login)
app.use('/auth/alipay', login)
app.use('/logout', oneaccess.logout())
app.get('/auth/alipay/callback', (_request, reply) => reply.redirect('/me'))
app.post('/logout', (_request, reply) => reply.code(204).send())
app.get('/me', async ({ raw }, reply) => (raw.user ? describe(raw) : reply.code(401).send()))
await app.listen({ port })
${VISIT}${END}`
