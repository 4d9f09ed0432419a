const IMPORTS = `import { OneAccessAlipayStrategy } from 'passport-oneaccess-alipay'
import { startSimulator } from 'passport-oneaccess-alipay/simulator'
import Fastify from 'fastify'
`

const STRATEGY = `
const SHOP = 'http://127.0.0.1:' + process.env.PORT
const simulator = await startSimulator()
const oneaccess = new OneAccessAlipayStrategy(
  {
    domain: simulator.domain,
    clientID: simulator.clientID,
    clientSecret: simulator.clientSecret,
    alipayAppID: simulator.alipayAppID,
    authorizationURL: simulator.authorizationURL,
    callbackURL: SHOP + '/auth/alipay/callback',
  },
  async (_tokens, profile) => ({ id: profile.id }),
)
const app = Fastify()
`

/** Passport as in an Express app; Fastify's routes use `request.raw.oneaccess`. */
export const fastifyExpressApp = `${IMPORTS}import fastifyExpress from '@fastify/express'
import session from 'express-session'
import passport from 'passport'
${STRATEGY}
await app.register(fastifyExpress)
passport.use(oneaccess)
passport.serializeUser(oneaccess.serializeUser((user) => user.id))
passport.deserializeUser((id, done) => done(null, { id }))
app.use(session({ secret: 'of the fastify app', resave: false, saveUninitialized: false }))
app.use(passport.session())
app.use(oneaccess.backgroundRefresh())
const callback = { successRedirect: '/me', failureRedirect: '/login' }
app.use('/auth/alipay/callback', passport.authenticate('oneaccess-alipay', callback))
app.use('/auth/alipay', passport.authenticate('oneaccess-alipay'))
app.use('/logout', oneaccess.logout())
app.post('/logout', (_request, reply) => reply.code(204).send())
app.get('/me', async ({ raw }, reply) => {
  if (!raw.user) return reply.code(401).send()
  return { user: raw.user.id, parts: (await raw.oneaccess.idToken()).split('.').length }
})
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })

const cookieOf = (response) => response.headers.get('set-cookie')?.split(';')[0] ?? ''
const begun = await fetch(SHOP + '/auth/alipay', { redirect: 'manual' })
const agreed = new URLSearchParams({ person: simulator.people[0].id, decision: 'agree' })
const back = await fetch(begun.headers.get('location'), { method: 'POST', body: agreed, redirect: 'manual' })
const headers = { cookie: cookieOf(begun) }
const done = await fetch(back.headers.get('location'), { headers, redirect: 'manual' })
headers.cookie = cookieOf(done)
const me = await fetch(SHOP + '/me', { headers })
const out = await fetch(SHOP + '/logout', { method: 'POST', headers })
const after = await fetch(SHOP + '/me', { headers })
const statuses = [begun, done, me, out, after].map(({ status }) => status)
console.log(JSON.stringify({ statuses, me: await me.json() }))
await app.close()
await oneaccess.drain()
await simulator.close()
`

/** With @fastify/passport. */
export const fastifyPassportApp = `${IMPORTS}import cookie from '@fastify/cookie'
import session from '@fastify/session'
import { Authenticator } from '@fastify/passport'
${STRATEGY}
const passport = new Authenticator()
await app.register(cookie)
await app.register(session, { secret: 'of the fastify app, 32 characters', cookie: { secure: false } })
await app.register(passport.initialize())
await app.register(passport.secureSession())
passport.use(oneaccess)
app.get('/auth/alipay', { preValidation: passport.authenticate('oneaccess-alipay') }, () => {})
let code
app.setErrorHandler((error, _request, reply) => {
  code = error.code
  reply.code(error.status ?? 500).send()
})
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
const { status } = await fetch(SHOP + '/auth/alipay', { redirect: 'manual' })
console.log(JSON.stringify({ status, code }))
await app.close()
await simulator.close()
`
