import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeBlocksOf, pageAt } from '../../docs/markdown.js'
import { emptyProject, type Project, run } from '../../package/installed.js'
import { installNode, versionsOf } from './nodes.js'
import { lastWords, type Part, type Row } from './row.js'

const APP = ['express', 'express-session', 'passport', 'supertest']
const TOOLS = [
  ...['mocha', 'vitest', 'jest', 'babel-jest', '@babel/core', '@babel/preset-env'],
  ...['nock@14', 'msw', 'undici@7', 'axios', 'axios-mock-adapter'],
]

/** A test tool, and how it runs files of docs/testing.md. */
interface Tool {
  what: string
  packages: string[]
  command: string[]
  env?: Record<string, string>
}

const GUARDS = ['mocha', '--fail-zero', 'guards.test.mjs', '--grep']
const JEST = ['jest', '--ci', '--config']

const RUNS: Tool[] = [
  {
    what: 'mocha, supertest',
    packages: ['mocha', 'supertest'],
    command: ['mocha', '--fail-zero', 'login.test.mjs'],
  },
  {
    what: 'Vitest, fake timers',
    packages: ['vitest', 'supertest'],
    command: ['vitest', 'run', '--dir', 'vitest'],
  },
  {
    what: 'Jest, ES modules',
    packages: ['jest', 'supertest'],
    command: [...JEST, 'jest-esm/jest.config.mjs'],
    env: { NODE_OPTIONS: '--experimental-vm-modules' },
  },
  {
    what: 'Jest, CommonJS',
    packages: ['jest', 'babel-jest', '@babel/preset-env'],
    command: [...JEST, 'jest-cjs/jest.config.cjs'],
  },
  { what: 'nock', packages: ['nock'], command: [...GUARDS, 'nock'] },
  { what: 'msw', packages: ['msw'], command: [...GUARDS, 'msw'] },
  { what: 'undici, `MockAgent`', packages: ['undici'], command: [...GUARDS, 'MockAgent'] },
  {
    what: 'axios-mock-adapter',
    packages: ['axios-mock-adapter', 'axios'],
    command: [...GUARDS, 'axios-mock-adapter'],
  },
]

/** Runs each file of docs/testing.md with its tool. */
export async function runTesting(tarball: string): Promise<Part> {
  const project = await emptyProject(tarball, ...APP, ...TOOLS)
  await writeFiles(project)
  const rows: Row[] = []
  for (const tool of RUNS) rows.push(await runTool(project, tool))
  await project.remove()
  return { title: 'Test tools', rows: [...rows, await runNock15(tarball)] }
}

/** Separate, as nock 15 needs Node 22. It also intercepts the default transport. */
async function runNock15(tarball: string): Promise<Row> {
  const [node, project] = [await installNode('22'), await emptyProject(tarball, 'nock@15')]
  await project.write('app.mjs', NOCK_15_APP)
  const { stdout, stderr } = await run(project.folder, node.path, ['app.mjs'])
  const versions = `${await versionsOf(project, ['nock'])}, node ${node.version}`
  await Promise.all([node.remove(), project.remove()])
  const what = 'nock 15, without `http: {}` too'
  return stdout.trim() === '["unreachable",0]'
    ? { what, versions, works: true }
    : { what, versions, works: false, note: lastWords(stderr || stdout) }
}

const NOCK_15_APP = `import nock from 'nock'
import { OneAccessClient } from 'passport-oneaccess-alipay'
import { startSimulator } from 'passport-oneaccess-alipay/simulator'

nock.disableNetConnect()
const simulator = await startSimulator()
const credential = { clientID: 'id', clientSecret: 'secret' }
const client = new OneAccessClient({ origin: simulator.url, clientID: 'id', credential })
const device = { osVersion: 'Android 10', fingerprint: 'f', ip: '127.0.0.1', agent: 'a test' }
const { code } = await client.loginWithAlipay('code', { device }).catch((error) => error)
console.log(JSON.stringify([code, simulator.count('login')]))
process.exit()
`

/** Writes the code blocks whose first line is their file name. */
async function writeFiles(project: Project): Promise<void> {
  for (const { code } of codeBlocksOf(pageAt('docs/testing.md'))) {
    const name = /^\/\/ (\S+\.[cm]js)\n/.exec(code)?.[1]
    if (name === undefined) continue
    await mkdir(join(project.folder, dirname(name)), { recursive: true })
    await project.write(name, code)
  }
}

async function runTool(project: Project, { what, packages, command, env }: Tool): Promise<Row> {
  const versions = await versionsOf(project, packages)
  const [program = '', ...args] = command
  const path = join('node_modules/.bin', program)
  const { code, stdout, stderr } = await run(project.folder, path, args, env)
  return code === 0
    ? { what, versions, works: true }
    : { what, versions, works: false, note: lastWords(`${stderr}${stdout}`) }
}
