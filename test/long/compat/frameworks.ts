import { isDeepStrictEqual } from 'node:util'
import { emptyProject, type Project, run } from '../../package/installed.js'
import { freePort } from '../../support/redis.js'
import { fastifyExpressApp, fastifyPassportApp } from './fastify-apps.js'
import { NEST_APP } from './nest-app.js'
import { NODE_RED_APP } from './node-red-app.js'
import { versionsOf } from './nodes.js'
import { lastWords, type Part, type Row } from './row.js'

const OWN = ['express', 'express-session', 'passport']
const USER = { user: '20220126153857263-A04D-60E0D446C', parts: 3 }
const DECORATED = {
  target: 'es2022',
  lib: ['es2023'],
  strict: true,
  esModuleInterop: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true, // of NestJS's own declarations
  types: ['node'],
}

/** NestJS, Fastify and Node-RED, each in the form that its users have. */
export async function runFrameworks(tarball: string): Promise<Part> {
  const rows = [
    await runNest(tarball, '11', 'typescript@5.9', { module: 'commonjs' }, 'app.ts'),
    await runNest(tarball, '12', 'typescript@7', { module: 'nodenext' }, 'app.mts'),
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
  const compilerOptions = { ...DECORATED, ...options, outDir: 'out', rootDir: '.' }
  await project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: [file] }))
  const compiled = await run(project.folder, 'node_modules/.bin/tsc', [])
  const expected = { statuses: [401, 302, 302, 200, 204, 401], me: USER }
  const outcome =
    compiled.code === 0
      ? await runApp(project, `out/${file.replace('ts', 'js')}`, expected)
      : { works: false, note: lastWords(compiled.stdout) }
  await project.remove()
  return { what: `NestJS ${major}, \`PassportStrategy\``, versions, ...outcome }
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

/** Not supported: what counts is that it says so at once. */
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
    status: 200, // of its own page, to which it takes a callback without a code
  }
  const outcome = await runApp(project, 'app.mjs', expected)
  await project.remove()
  return { what: 'Node-RED, `adminAuth` of type `strategy`', versions, ...outcome }
}

async function runApp(
  project: Project,
  script: string,
  expected: object,
): Promise<Pick<Row, 'works' | 'note'>> {
  const port = String(await freePort())
  const { stdout, stderr } = await run(project.folder, process.execPath, [script], { PORT: port })
  const said = stdout.trim()
  const works = said.startsWith('{') && isDeepStrictEqual(JSON.parse(said), expected)
  return works ? { works } : { works, note: lastWords(stderr || stdout) }
}
