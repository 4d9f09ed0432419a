import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Simulator, startSimulator } from '../../../simulator/index.js'
import { emptyProject, type Project } from '../../package/installed.js'
import { Browser } from '../../support/browser.js'
import { startRedis } from '../../support/redis.js'
import { startMariaDB } from './mariadb.js'
import { versionsOf } from './nodes.js'
import type { Part, Row } from './row.js'
import { storeApp } from './store-app.js'
import { STORES } from './store-kinds.js'

/** A login, a refresh, another process and a logout, with each session store also as token store. */
export async function runStores(tarball: string): Promise<Part> {
  const redis = await startRedis()
  const mariadb = await startMariaDB()
  const rows: Row[] = []
  for (const store of STORES) {
    const own = ['express', 'express-session', 'passport', ...store.packages]
    const project = await emptyProject(tarball, ...own)
    await project.write('app.mjs', storeApp(store.code({ redis: redis.url, mariadb: mariadb.url })))
    const versions = await versionsOf(project, store.shown)
    rows.push({ what: store.what, versions, ...(await tryStore(project, store.lasts)) })
    await project.remove()
  }
  await Promise.all([redis.close(), mariadb.close()])
  return { title: 'Session stores', rows }
}

async function tryStore(project: Project, lasts: boolean): Promise<Pick<Row, 'works' | 'note'>> {
  const simulator = await startSimulator({ rotation: 'always', clientSecret: 'of the store app' })
  const apps: App[] = []
  const start = async (port: number) => {
    const app = await startApp(project, simulator, port)
    apps.push(app)
    return app
  }
  try {
    const tellsOfDestruction = await testLogin(start, simulator, lasts)
    const notes = [
      ...(lasts ? [] : ['a login ends with the process']),
      tellsOfDestruction
        ? 'a destroyed session ends its tokens'
        : 'does not tell in time whose session it destroys',
    ]
    return { works: true, note: notes.join('; ') }
  } catch (error) {
    return { works: false, note: (error as Error).message }
  } finally {
    for (const app of apps) await app.stop()
    await simulator.close()
  }
}

async function testLogin(
  start: (port: number) => Promise<App>,
  simulator: Simulator,
  lasts: boolean,
): Promise<boolean> {
  const browser = new Browser()
  let app = await start(0)
  const url = app.url
  await logIn(browser, app.url, simulator)
  await expectStatus('a renewal', browser.get(`${url}/token`), 200)
  if (lasts) {
    await app.stop()
    app = await start(Number(new URL(url).port))
    await expectStatus('the login in another process', browser.get(`${url}/me`), 200)
    await expectStatus('a renewal in another process', browser.get(`${url}/token`), 200)
  }
  const thief = browser.clone()
  await expectStatus('the logout', browser.post(`${url}/logout`), 200)
  await expectStatus('the login after the logout', thief.get(`${url}/me`), 401)
  await expectStatus('a renewal after the logout', thief.get(`${url}/token`), 401)
  return testAdministration(url, simulator)
}

/** Lists the sessions and destroys one; resolves to whether its tokens were ended too. */
async function testAdministration(url: string, simulator: Simulator): Promise<boolean> {
  const browser = new Browser()
  await logIn(browser, url, simulator)
  const listed = await new Browser().get(`${url}/sessions`)
  const { people } = listed.status === 200 ? (listed.json() as { people: number }) : { people: 0 }
  if (people !== 1) throw new Error(`the list of sessions: ${listed.status} ${listed.text}`)
  const id = (await browser.get(`${url}/id`)).text
  const destroyed = await new Browser().post(`${url}/destroy/${encodeURIComponent(id)}`)
  if (destroyed.status !== 200) throw new Error(`a destroyed session: ${destroyed.text}`)
  await expectStatus('the login after its session was destroyed', browser.get(`${url}/me`), 401)
  return destroyed.text === '1'
}

async function logIn(browser: Browser, url: string, { people }: Simulator): Promise<void> {
  const begun = await browser.get(`${url}/login`)
  const person = people[0]?.id ?? ''
  const back = await browser.post(begun.location, { person, decision: 'agree' })
  const done = await browser.get(back.location)
  if (done.status !== 302) throw new Error(`the login: ${done.status} ${done.text}`)
  await expectStatus('the login', browser.get(done.location), 200)
}

async function expectStatus(
  what: string,
  page: Promise<{ status: number; text: string }>,
  expected: number,
): Promise<void> {
  const { status, text } = await page
  if (status !== expected) throw new Error(`${what}: ${status} instead of ${expected}, ${text}`)
}

interface App {
  url: string
  stop(): Promise<void>
}

async function startApp(project: Project, simulator: Simulator, port: number): Promise<App> {
  const env = {
    ...process.env,
    ...{ SIMULATOR: simulator.url, CLIENT_SECRET: simulator.clientSecret, PORT: String(port) },
  }
  const child = spawn(process.execPath, ['app.mjs'], { cwd: project.folder, env })
  const ended = once(child, 'exit')
  const url = await Promise.race([firstLine(child), ended.then(() => undefined)])
  if (url === undefined) throw new Error('the app did not start')
  return {
    url,
    async stop() {
      child.stdin?.end()
      await ended
    },
  }
}

function firstLine({ stdout, stderr }: ChildProcess): Promise<string> {
  stderr?.pipe(process.stderr)
  return new Promise((resolve) => {
    stdout?.once('data', (data: Buffer) => resolve(data.toString().trim()))
  })
}
