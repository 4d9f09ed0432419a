// Apps with other hosts than Express: a login, a token and a logout; each prints its responses.
export const IMPORTS = `import session from 'express-session'
import { OneAccessAlipayStrategy } from 'passport-oneaccess-alipay'
import { startSimulator } from 'passport-oneaccess-alipay/simulator'
`

export const STRATEGY = `
const SHOP = 'http://127.0.0.1:' + process.env.PORT
const simulator = await startSimulator()
const { domain, clientID, clientSecret, alipayAppID, authorizationURL } = simulator
const tenant = { domain, clientID, clientSecret, alipayAppID, authorizationURL }
const oneaccess = new OneAccessAlipayStrategy(
  { ...tenant, callbackURL: SHOP + '/auth/alipay/callback' },
  async (_tokens, profile) => ({ id: profile.id }),
)
passport.use(oneaccess)
passport.serializeUser(oneaccess.serializeUser((user) => user.id))
passport.deserializeUser((id, done) => done(null, { id }))
`

/** Runs Express middleware in Koa, as in example/koa.ts. */
const BRIDGE = `
const connect = (middleware) => (ctx, next) =>
  new Promise((resolve, reject) => {
    const { req, res, ip, secure, originalUrl } = ctx
    Object.assign(req, { res, ip, secure, originalUrl })
    res.once('close', resolve)
    middleware(req, res, (error) => (error ? reject(error) : resolve(next())))
  })
`

/** Logs in, gets a token, logs out and repeats the callback. */
export const VISIT = `
const visit = async () => {
  const cookieOf = ({ headers }) => headers.getSetCookie().map((line) => line.split(';')[0]).join('; ')
  const begun = await fetch(SHOP + '/auth/alipay', { redirect: 'manual' })
  const callback = simulator.authorize(begun.headers.get('location') ?? '')
  const headers = { cookie: cookieOf(begun) }
  const done = await fetch(callback, { headers, redirect: 'manual' })
  headers.cookie = cookieOf(done)
  const me = await fetch(SHOP + '/me', { headers })
  const out = await fetch(SHOP + '/logout', { method: 'POST', headers })
  const after = await fetch(SHOP + '/me', { headers })
  const late = await fetch(callback, { headers, redirect: 'manual' })
  const statuses = [begun, done, me, out, after, late].map(({ status }) => status)
  console.log(JSON.stringify({ statuses, me: await me.json() }))
}
`

export const END = `
await visit()
process.exit(0)
`

export const koaApp = `${IMPORTS}import Koa from 'koa'
import passport from 'passport'
${STRATEGY}${BRIDGE}
const app = new Koa()
app.silent = true
app.use(connect(session({ secret: 'of the koa app', resave: false, saveUninitialized: false })))
app.use(connect(passport.session()))
app.use(connect(oneaccess.backgroundRefresh()))
const login = connect(passport.authenticate('oneaccess-alipay'))
const logout = connect(oneaccess.logout())
app.use(async (ctx, next) => {
  const { user, oneaccess } = ctx.req
  if (ctx.path === '/auth/alipay') return login(ctx, next)
  if (ctx.path === '/auth/alipay/callback') return login(ctx, () => ctx.redirect('/me'))
  if (ctx.path === '/logout') return logout(ctx, () => { ctx.status = 204 })
  if (!user) ctx.throw(401)
  ctx.body = { user: user.id, parts: (await oneaccess.idToken()).split('.').length }
})
app.listen(Number(process.env.PORT), '127.0.0.1')
${VISIT}${END}`

/** Not supported: the login must fail at once with a clear error. */
export const koaPassportApp = `${IMPORTS}import Koa from 'koa'
import passport from 'koa-passport'
import koaSession from 'koa-session'
${STRATEGY}
const app = new Koa()
app.keys = ['of the koa app']
app.use((koaSession.createSession ?? koaSession)(app))
app.use(passport.initialize())
app.use(passport.session())
app.use(passport.authenticate('oneaccess-alipay'))
let code
app.on('error', (error) => { code = error.code })
app.listen(Number(process.env.PORT), '127.0.0.1')
const { status } = await fetch(SHOP + '/auth/alipay', { redirect: 'manual' })
console.log(JSON.stringify({ status, code }))
process.exit(0)
`

export const connectApp = `${IMPORTS}import connect from 'connect'
import passport from 'passport'
${STRATEGY}
const app = connect()
app.use(session({ secret: 'of the connect app', resave: false, saveUninitialized: false }))
app.use(passport.session())
app.use(oneaccess.backgroundRefresh())
const login = passport.authenticate('oneaccess-alipay')
app.use('/auth/alipay/callback', login)
app.use('/auth/alipay/callback', (_req, res) => res.writeHead(302, { location: '/me' }).end())
app.use('/auth/alipay', login)
app.use('/logout', oneaccess.logout())
app.use('/logout', (_req, res) => res.writeHead(204).end())
app.use('/me', async ({ user, oneaccess }, res) => {
  if (!user) return res.writeHead(401).end()
  const parts = (await oneaccess.idToken()).split('.').length
  res.end(JSON.stringify({ user: user.id, parts }))
})
app.listen(Number(process.env.PORT), '127.0.0.1')
${VISIT}${END}`

/** The files of an Egg app, and one that starts it. */
export const eggApp = {
  'package.json': '{ "private": true, "name": "shop" }', // Egg requires a name
  'config.default.js': `module.exports = {
  keys: 'of the egg app',
  security: { csrf: { ignore: '/logout' } },
}
`,
  'app.js': `const session = require('express-session')
const passport = require('passport')
${BRIDGE}
module.exports = (app) => {
  const { oneaccess } = globalThis // set by start.mjs
  app.use(connect(session({ secret: app.config.keys, resave: false, saveUninitialized: false })))
  app.use(connect(passport.session()))
  app.use(connect(oneaccess.backgroundRefresh()))
  const login = connect(passport.authenticate('oneaccess-alipay'))
  app.router.get('/auth/alipay', login)
  app.router.get('/auth/alipay/callback', login, (ctx) => ctx.redirect('/me'))
  app.router.post('/logout', connect(oneaccess.logout()), (ctx) => { ctx.status = 204 })
  app.router.get('/me', async (ctx) => {
    const { user, oneaccess } = ctx.req
    if (!user) ctx.throw(401)
    ctx.body = { user: user.id, parts: (await oneaccess.idToken()).split('.').length }
  })
}
`,
  'start.mjs': `import { createServer } from 'node:http'
import egg from 'egg'
import passport from 'passport'
${IMPORTS.split('\n').slice(1).join('\n')}${STRATEGY}${VISIT}
globalThis.oneaccess = oneaccess
const app = await egg.start({ baseDir: process.cwd(), mode: 'single', ignoreWarning: true })
const server = createServer(app.callback())
await new Promise((resolve) => server.listen(Number(process.env.PORT), '127.0.0.1', resolve))
${END}`,
}
