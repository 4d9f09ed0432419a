import { emptyProject } from '../../package/installed.js'
import { fastifyExpressApp, fastifyPassportApp } from './fastify-apps.js'
import { NEST_APP, nestDriver } from './nest-app.js'
import { NEST_JWT_APP } from './nest-jwt-app.js'
import { NODE_RED_APP } from './node-red-app.js'
import { versionsOf } from './nodes.js'
import type { Part, Row } from './row.js'
import { compileAndRun, compiled, runApp, USER } from './run-app.js'

const OWN = ['express', 'express-session', 'passport']

/** NestJS, Fastify and Node-RED, as their users set them up. */
export async function runFrameworks(tarball: string): Promise<Part> {
  const rows = [
    await runNest(tarball, '11', 'typescript@5.9', { module: 'commonjs' }, 'app.ts'),
    await runNest(tarball, '12', 'typescript@7', { module: 'nodenext' }, 'app.mts'),
    await runNestJWT(tarball),
    await runFastifyExpress(tarball),
    await runFastifyPassport(tarball),
    await runNodeRED(tarball),
  ]
  return { title: 'Frameworks', rows }
}

async function runNest(
  tarball: string,
  major: string,
  typescript: string,
  options: object,
  file: string,
): Promise<Row> {
  const nest = ['core', 'common', 'platform-express', 'passport'].map(
    (name) => `@nestjs/${name}@${major}`,
  )
  const project = await emptyProject(
    tarball,
    ...OWN,
    ...nest,
    'reflect-metadata',
    'rxjs',
    typescript,
  )
  const versions = await versionsOf(project, ['@nestjs/core', '@nestjs/passport', 'typescript'])
  await project.write(file, NEST_APP)
  await project.write('driver.mjs', nestDriver(compiled(file)))
  const expected = { statuses: [401, 302, 302, 200, 303, 401], me: USER }
  const outcome = await compileAndRun(project, file, options, expected, 'driver.mjs')
  await project.remove()
  return { what: `NestJS ${major}, \`PassportStrategy\``, versions, ...outcome }
}

async function runNestJWT(tarball: string): Promise<Row> {
  const major = ['core', 'common', 'platform-express', 'passport', 'jwt']
  const nest = major.map((name) => `@nestjs/${name}@11`)
  const more = ['passport-jwt', '@types/passport-jwt', 'reflect-metadata', 'rxjs', 'typescript@5.9']
  const project = await emptyProject(tarball, ...OWN, ...nest, ...more)
  const versions = await versionsOf(project, ['@nestjs/core', '@nestjs/jwt', 'passport-jwt'])
  await project.write('app.ts', NEST_JWT_APP)
  const expected = { statuses: [302, 200, 200, 401, 401], me: { user: USER.user } }
  const outcome = await compileAndRun(project, 'app.ts', { module: 'commonjs' }, expected)
  await project.remove()
  return { what: 'NestJS 11, `@nestjs/jwt` and `passport-jwt`', versions, ...outcome }
}

async function runFastifyExpress(tarball: string): Promise<Row> {
  const project = await emptyProject(tarball, ...OWN, 'fastify', '@fastify/express')
  await project.write('app.mjs', fastifyExpressApp)
  const versions = await versionsOf(project, ['fastify', '@fastify/express', 'passport'])
  const expected = { statuses: [302, 302, 200, 204, 401], me: USER }
  const outcome = await runApp(project, 'app.mjs', expected)
  await project.remove()
  return { what: 'Fastify, Passport by `@fastify/express`', versions, ...outcome }
}

/** Not supported: the login must fail at once with a clear error. */
async function runFastifyPassport(tarball: string): Promise<Row> {
  const packages = ['fastify', '@fastify/passport', '@fastify/session', '@fastify/cookie']
  const project = await emptyProject(tarball, ...packages)
  await project.write('app.mjs', fastifyPassportApp)
  const versions = await versionsOf(project, ['fastify', '@fastify/passport', '@fastify/session'])
  const { works } = await runApp(project, 'app.mjs', { status: 500, code: 'session_missing' })
  await project.remove()
  return {
    what: 'Fastify, `@fastify/passport`',
    versions,
    works: false,
    known: works,
    note: 'its requests and sessions are not Express’s; the login refuses with `session_missing`',
  }
}

async function runNodeRED(tarball: string): Promise<Row> {
  const project = await emptyProject(tarball, ...OWN, 'node-red')
  await project.write('app.mjs', NODE_RED_APP)
  const versions = await versionsOf(project, ['node-red'])
  const expected = {
    known: { status: 302, location: '/?code' },
    stranger: { status: 302, location: '/?session_message' },
    status: 200, // Node-RED redirects a callback without a code to its own page
  }
  const outcome = await runApp(project, 'app.mjs', expected)
  await project.remove()
  return { what: 'Node-RED, `adminAuth` of type `strategy`', versions, ...outcome }
}
