import { mkdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { consumerApp, esmImports } from './consumer-app.js'
import { emptyProject, inRepository, type Project, pack, run, runWell } from './installed.js'

const APP_HAS = ['express', 'express-session', 'passport', '@types/node']
const PACKAGE_HAS = [
  ...['axios', 'jose', 'lru-cache', 'passport-strategy', 'undici'],
  ...['express', 'node', 'passport', 'passport-strategy'].map((name) => `@types/${name}`),
]

/** Augments types that the app has only through this package, and checks that none of them is `any`. */
const ADDITIONS = `
declare module 'express-session' { interface SessionData { cart: string[] } }
export const kept: Partial<import('express-session').SessionData> = { cart: ['a book'] }
export const id = (req: import('express').Request): string | undefined => req.user?.id
/** True for a real type; an undeclared one is any, which accepts everything. */
type Refuses<Accepted, Wrong> = Wrong extends Accepted ? false : true
export const real: [
  Refuses<Parameters<typeof passport.serializeUser>[0], number>,
  Refuses<NonNullable<Parameters<typeof express.json>[0]>['limit'], true>,
  Refuses<Parameters<typeof session>[0], { secret: 1 }>,
] = [true, true, true]
`

const OWN_TYPES = 'declare const ofTheHost: number\nexport = ofTheHost\n'
const HOST = `
import 'passport-oneaccess-alipay'
import ofTheHost from 'express'
export const n: number = ofTheHost
`

/** A session type like those of LoopBack and cookie-session. */
const OTHER_SESSION = `
import 'passport-oneaccess-alipay'
import type { Request } from 'express'
export interface RequestWithSession extends Request { session: { [name: string]: number } }
interface Holder { session?: { views?: number } | null }
declare global { namespace Express { interface Request extends Holder {} } }
export const clear = (req: Request) => { if (req.session) req.session.views = 1; req.session = null }
`

// pnpm links the dependencies of the package, among them `@types`, only beside the package.
describe('the types of the package in the layout of pnpm', function () {
  this.timeout(120_000)
  let project: Project

  before(async () => {
    project = await emptyProject()
    const { tarball } = await pack(project.folder)
    const store = join(project.folder, 'store/node_modules')
    const own = join(store, 'passport-oneaccess-alipay')
    await mkdir(own, { recursive: true })
    await runWell(project.folder, 'tar', ['-xzf', tarball, '-C', own, '--strip-components=1'])
    await link(store, PACKAGE_HAS)
    const modules = join(project.folder, 'app/node_modules')
    await link(modules, APP_HAS)
    await symlink(own, join(modules, 'passport-oneaccess-alipay'))
  })

  after(() => project.remove())

  const KINDS = {
    nodenext: { file: 'app.mts', options: { module: 'nodenext' } },
    'nodenext, from CommonJS': { file: 'app.cts', options: { module: 'nodenext' } },
    bundler: { file: 'app.ts', options: { module: 'esnext', moduleResolution: 'bundler' } },
  }
  for (const [name, { file, options }] of Object.entries(KINDS)) {
    it(`include those of Express, express-session and Passport: ${name}`, async () => {
      await project.write(join('app', file), consumerApp(esmImports) + ADDITIONS)
      expect(await compile(file, options)).to.equal('')
    })
  }

  it('do not replace the host’s own @types/express', async () => {
    const types = join(project.folder, 'app/node_modules/@types/express')
    await mkdir(types)
    await project.write('app/node_modules/@types/express/index.d.ts', OWN_TYPES)
    await project.write('app/node_modules/@types/express/package.json', '{ "types": "index.d.ts" }')
    await project.write('app/host.mts', HOST)
    expect(await compile('host.mts', { module: 'nodenext' })).to.equal('')
    await rm(types, { recursive: true })
  })

  it('do not change another type of req.session', async () => {
    await project.write('app/other.mts', OTHER_SESSION)
    expect(await compile('other.mts', { module: 'nodenext' })).to.equal('')
  })

  async function link(modules: string, names: readonly string[]): Promise<void> {
    await mkdir(join(modules, '@types'), { recursive: true })
    for (const name of names) {
      await symlink(inRepository(join('node_modules', name)), join(modules, name))
    }
  }

  async function compile(
    file: string,
    options: { module: string; moduleResolution?: string },
  ): Promise<string> {
    const compilerOptions = {
      ...{ target: 'es2023', strict: true, exactOptionalPropertyTypes: true },
      ...{ verbatimModuleSyntax: file !== 'app.cts', isolatedModules: true, noEmit: true },
      ...{ skipLibCheck: false, types: ['node'], ...options },
    }
    const config = JSON.stringify({ compilerOptions, files: [file] })
    await project.write('app/tsconfig.json', config)
    const tsc = inRepository('node_modules/.bin/tsc')
    const { stdout } = await run(join(project.folder, 'app'), tsc, ['-p', '.'])
    return stdout
  }
})
