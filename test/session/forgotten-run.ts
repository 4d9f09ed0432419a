// An app that lacks the part of the setup that its argument names. It logs in twice and prints the codes of
// the warnings as JSON.

import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { OneAccessAlipayStrategy } from '../../lib/index.js'
import type { Serializer } from '../../lib/session/serialize.js'
import { startSimulator } from '../../simulator/index.js'
import { inRepository } from '../package/installed.js'
import { Browser } from '../support/browser.js'

const mode = process.argv[2]
const codes: unknown[] = []
process.on('warning', (warning) => {
  const isOfCopy = warning.message.includes('another copy')
  codes.push(`${Reflect.get(warning, 'code')}${isOfCopy ? ' (another copy)' : ''}`)
})

const simulator = await startSimulator()
const app = express()
const server = app.listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const { domain, authorizationURL, clientID, clientSecret, alipayAppID } = simulator
const oneaccess = new OneAccessAlipayStrategy<{ id: string }>(
  { domain, authorizationURL, clientID, clientSecret, alipayAppID, callbackURL: `${url}/callback` },
  async (_tokens, profile) => ({ id: profile.id }),
)
passport.use(oneaccess)
const plain = (user: unknown, done: (error: null, id: unknown) => void) => done(null, user)
if (mode === 'unwrapped' || mode === 'no-session') passport.serializeUser(plain)
else if (mode === 'two-copies') passport.serializeUser(await serializerOfOtherCopy())
else passport.serializeUser(oneaccess.serializeUser((user) => user))
passport.deserializeUser((user: object, done) => done(null, user))
app.use(session({ secret: 'tests', resave: false, saveUninitialized: false }), passport.session())
if (mode !== 'unmounted' && mode !== 'no-session') app.use(oneaccess.backgroundRefresh())
const options = mode === 'no-session' ? { session: false } : {}
app.get('/login', passport.authenticate('oneaccess-alipay', options))
app.get('/callback', passport.authenticate('oneaccess-alipay', options), (_req, res) => {
  res.send('in')
})

for (let n = 0; n < 2; n++) {
  const browser = new Browser()
  const { location } = await browser.get(`${url}/login`)
  const form = { person: simulator.people[0]?.id ?? '', decision: 'agree' }
  const back = await browser.get((await browser.post(location, form)).location)
  if (back.text !== 'in') throw new Error(back.text)
}
server.closeAllConnections()
server.close()
await simulator.close()
process.stdout.write(JSON.stringify(codes))

/** The serializer of a second copy of the package, as another node_modules would contain. */
async function serializerOfOtherCopy(): Promise<Serializer> {
  const place = await mkdtemp(join(tmpdir(), 'copy-'))
  const lib = fileURLToPath(new URL('../../lib', import.meta.url))
  await cp(lib, join(place, 'lib'), { recursive: true })
  await writeFile(join(place, 'package.json'), '{ "type": "module" }')
  await symlink(inRepository('node_modules'), join(place, 'node_modules'))
  const copy = await import(pathToFileURL(join(place, 'lib/session/serialize.js')).href)
  await rm(place, { recursive: true })
  return copy.serializerOf((user: object) => user)
}
