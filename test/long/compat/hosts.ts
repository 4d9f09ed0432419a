import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { emptyProject } from '../../package/installed.js'
import { bullBoardApp, parseDashboardApp } from './admin-apps.js'
import { connectApp, eggApp, koaApp, koaPassportApp } from './host-apps.js'
import { LOOPBACK_APP } from './loopback-app.js'
import { MIDWAY_APP } from './midway-app.js'
import { versionsOf } from './nodes.js'
import { startPostgres } from './postgres.js'
import { middieApp, polkaApp, restanaApp } from './router-apps.js'
import type { Part, Row } from './row.js'
import { compileAndRun, runApp, USER } from './run-app.js'
import { UNLEASH_APP } from './unleash-app.js'

const OWN = ['express-session', 'passport']
const EXPECTED = { statuses: [302, 302, 200, 204, 401, 403], me: USER }

const BULL_BOARD = { packages: ['@bull-board/express', '@bull-board/api'], title: 'Bull Dashboard' }
const PARSE = { packages: ['parse-dashboard'], title: 'Parse Dashboard' }

/** Other hosts than Express, and frameworks on top of them. */
export async function runHosts(tarball: string): Promise<Part> {
  const rows = [
    await runScript(tarball, 'connect', ['connect'], connectApp),
    await runScript(tarball, 'polka', ['polka'], polkaApp),
    await runScript(tarball, 'restana', ['restana'], restanaApp),
    await runScript(
      tarball,
      'Fastify, `@fastify/middie`',
      ['fastify', '@fastify/middie'],
      middieApp,
    ),
    await runScript(tarball, 'Koa, Passport by a bridge', ['koa'], koaApp),
    await runKoaPassport(tarball),
    await runEgg(tarball),
    await runMidway(tarball),
    await runLoopBack(tarball),
    await runUnleash(tarball),
    await runAdmin(tarball, 'bull-board behind `requireLogin()`', BULL_BOARD, bullBoardApp),
    await runAdmin(tarball, 'parse-dashboard behind `requireLogin()`', PARSE, parseDashboardApp),
  ]
  return { title: 'Hosts', rows }
}

async function runScript(
  tarball: string,
  what: string,
  packages: string[],
  app: string,
): Promise<Row> {
  const project = await emptyProject(tarball, ...OWN, ...packages)
  await project.write('app.mjs', app)
  const versions = await versionsOf(project, [...packages, 'passport'])
  const outcome = await runApp(project, 'app.mjs', EXPECTED)
  await project.remove()
  return { what, versions, ...outcome }
}

async function runKoaPassport(tarball: string): Promise<Row> {
  const packages = ['koa', 'koa-passport', 'koa-session']
  const project = await emptyProject(tarball, ...OWN, ...packages)
  await project.write('app.mjs', koaPassportApp)
  const versions = await versionsOf(project, packages)
  const { works } = await runApp(project, 'app.mjs', { status: 500, code: 'session_missing' })
  await project.remove()
  return {
    what: 'Koa, `koa-passport`',
    versions,
    works: false,
    known: works,
    note: 'its requests and sessions are not Express’s; the login refuses with `session_missing`',
  }
}

async function runEgg(tarball: string): Promise<Row> {
  const project = await emptyProject(tarball, ...OWN, 'egg@3')
  for (const [name, text] of Object.entries(eggApp)) await project.write(name, text)
  const config = 'config.default.js'
  await mkdir(join(project.folder, 'config'))
  await rename(join(project.folder, config), join(project.folder, 'config', config))
  const versions = await versionsOf(project, ['egg', 'passport'])
  const outcome = await runApp(project, 'start.mjs', EXPECTED)
  await project.remove()
  return { what: 'Egg 3, Passport by the same bridge', versions, ...outcome }
}

async function runMidway(tarball: string): Promise<Row> {
  const midway = ['core', 'express', 'bootstrap', 'logger'].map((name) => `@midwayjs/${name}@3`)
  const types = ['typescript@5.9', '@types/node']
  const project = await emptyProject(tarball, 'express@4', ...OWN, ...midway, ...types)
  await project.write('app.ts', MIDWAY_APP)
  const versions = await versionsOf(project, ['@midwayjs/core', '@midwayjs/express', 'passport'])
  const options = { module: 'commonjs', strict: false }
  const outcome = await compileAndRun(project, 'app.ts', options, EXPECTED)
  await project.remove()
  return { what: 'Midway 3, its Express framework', versions, ...outcome }
}

async function runLoopBack(tarball: string): Promise<Row> {
  const packages = ['@loopback/rest', '@loopback/core', 'express@4', 'typescript@5.9']
  const project = await emptyProject(tarball, ...OWN, ...packages, '@types/node')
  await project.write('app.ts', LOOPBACK_APP)
  const versions = await versionsOf(project, ['@loopback/rest', '@loopback/core', 'passport'])
  const outcome = await compileAndRun(project, 'app.ts', { module: 'commonjs' }, EXPECTED)
  await project.remove()
  return { what: 'LoopBack 4', versions, ...outcome }
}

async function runUnleash(tarball: string): Promise<Row> {
  const project = await emptyProject(tarball, ...OWN, 'unleash-server')
  await project.write('app.mjs', UNLEASH_APP)
  const versions = await versionsOf(project, ['unleash-server', 'passport'])
  const postgres = await startPostgres()
  const email = `${USER.user.toLowerCase()}@users.example.com`
  const expected = { statuses: [401, 302, 302, 200, 302, 401], email }
  const env = { PGPORT: String(postgres.port) }
  const outcome = await runApp(project, 'app.mjs', expected, env)
  await postgres.close()
  await project.remove()
  return { what: 'Unleash, a `customAuthHandler`', versions, ...outcome }
}

/** A user without a login is redirected to it, and back to the admin app. */
async function runAdmin(
  tarball: string,
  what: string,
  { packages, title }: { packages: string[]; title: string },
  app: string,
): Promise<Row> {
  const project = await emptyProject(tarball, ...OWN, 'express', ...packages)
  await project.write('app.mjs', app)
  const versions = await versionsOf(project, [...packages, 'express', 'passport'])
  const expected = { statuses: [302, 401, 302, 302, 200, 200], back: '/admin/', title }
  const outcome = await runApp(project, 'app.mjs', expected)
  await project.remove()
  return { what, versions, ...outcome }
}
