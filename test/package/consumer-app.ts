/**
 * An app for each kind of consumer, which differ only in `imports`: it starts a simulator, logs one user
 * in, and prints the response of `/me`.
 */
export function consumerApp(imports: string): string {
  return `${imports}
declare global {
  namespace Express {
    interface User {
      id: string
    }
  }
}

async function main(): Promise<void> {
  const simulator = await startSimulator()
  const app = express()
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const shop = 'http://127.0.0.1:' + (server.address() as { port: number }).port
  const oneaccess = new OneAccessAlipayStrategy(
    {
      domain: simulator.domain,
      clientID: simulator.clientID,
      clientSecret: simulator.clientSecret,
      alipayAppID: simulator.alipayAppID,
      authorizationURL: simulator.authorizationURL,
      callbackURL: shop + '/auth/alipay/callback',
      tokenStore: new MemoryTokenStore(),
    },
    async (_tokens, profile) => ({ id: profile.id }),
  )
  passport.use(oneaccess)
  passport.serializeUser(oneaccess.serializeUser((user) => user.id))
  passport.deserializeUser((id: string, done) => done(null, { id }))
  app.use(session({ secret: 'of the consumer', resave: false, saveUninitialized: false }))
  app.use(passport.initialize()) // required by Passport before 0.6
  app.use(passport.session())
  app.use(oneaccess.backgroundRefresh())
  app.get('/auth/alipay', passport.authenticate('oneaccess-alipay', { state: { returnTo: '/' } }))
  app.get(
    '/auth/alipay/callback',
    passport.authenticate('oneaccess-alipay', { successRedirect: '/me', failureRedirect: '/login' }),
  )
  app.get('/me', (req, res, next) => {
    req.oneaccess.idToken().then((token) => res.json({ user: req.user?.id, parts: token.split('.').length }), next)
  })
  app.post('/logout', oneaccess.logout(), (_req, res) => {
    res.redirect('/')
  })

  const begun = await fetch(shop + '/auth/alipay', { redirect: 'manual' })
  const headers = { cookie: String(begun.headers.get('set-cookie')).split(';')[0] ?? '' }
  const agreed = new URLSearchParams({ person: simulator.people[0]?.id ?? '', decision: 'agree' })
  const consent = String(begun.headers.get('location'))
  const back = await fetch(consent, { method: 'POST', body: agreed, redirect: 'manual' })
  const done = await fetch(String(back.headers.get('location')), { headers, redirect: 'manual' })
  const cookie = String(done.headers.get('set-cookie')).split(';')[0] ?? ''
  const me = await fetch(shop + String(done.headers.get('location')), { headers: { cookie } })
  console.log(JSON.stringify({ status: me.status, me: await me.json(), redis: typeof RedisTokenStore }))
  server.closeAllConnections()
  server.close()
  await oneaccess.drain()
  await simulator.close()
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
`
}

const NAMES = {
  express: 'express',
  session: 'express-session',
  passport: 'passport',
  '{ MemoryTokenStore, OneAccessAlipayStrategy }': 'passport-oneaccess-alipay',
  '{ RedisTokenStore }': 'passport-oneaccess-alipay/redis',
  '{ startSimulator }': 'passport-oneaccess-alipay/simulator',
}

export const esmImports = Object.entries(NAMES)
  .map(([names, from]) => `import ${names} from '${from}'\n`)
  .join('')

/** For a CommonJS script. */
export const requires = Object.entries(NAMES)
  .map(([names, from]) => `const ${names} = require('${from}')\n`)
  .join('')

/** The same app without its types. */
export function asJavaScript(app: string): string {
  return app
    .replace(/declare global \{[\s\S]*?\n\}\n/, '')
    .replaceAll(/: Promise<void>|: unknown|(?<=\bid): string| as \{ port: number \}/g, '')
}
