import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { asJavaScript, consumerApp, esmImports, requires } from './consumer-app.js'
import { emptyProject, inRepository, type Project, pack, run } from './installed.js'

const STRICT = {
  target: 'es2023',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  esModuleInterop: true,
  skipLibCheck: false,
  types: ['node'],
}

/** Each kind of TypeScript project; the extension of `file` selects the module system. */
const CONSUMERS = [
  { name: 'NodeNext, ESM', file: 'nodenext.mts', options: { module: 'nodenext' }, runs: true },
  { name: 'NodeNext, CommonJS', file: 'nodenext.cts', options: { module: 'nodenext' }, runs: true },
  { name: 'CommonJS', file: 'common.ts', options: { module: 'commonjs' }, runs: true },
  {
    name: 'Bundler',
    file: 'bundler.ts',
    options: { module: 'esnext', moduleResolution: 'bundler' },
    runs: false,
  },
]

const LOGGED_IN = {
  status: 200,
  me: { user: '20220126153857263-A04D-60E0D446C', parts: 3 },
  redis: 'function',
}

describe('the installed package', function () {
  this.timeout(180_000)
  let project: Project

  before(async () => {
    const empty = await emptyProject()
    const { tarball } = await pack(empty.folder)
    project = await emptyProject(tarball, 'express', 'express-session', 'passport')
    await empty.remove()
  })

  after(() => project.remove())

  async function outputOf(...args: string[]): Promise<unknown> {
    const { code, stdout, stderr } = await project.node(...args)
    expect(code, stderr).to.equal(0)
    expect(stderr).to.equal('')
    return JSON.parse(stdout)
  }

  it('logs a user in from an ES module', async () => {
    await project.write('app.mjs', asJavaScript(consumerApp(esmImports)))
    expect(await outputOf('app.mjs')).to.deep.equal(LOGGED_IN)
  })

  it('logs a user in from a CommonJS script', async () => {
    await project.write('app.cjs', asJavaScript(consumerApp(requires)))
    expect(await outputOf('app.cjs')).to.deep.equal(LOGGED_IN)
  })

  it('has a command that npx finds', async () => {
    const { folder } = project
    const { stdout } = await run(folder, 'npx', ['passport-oneaccess-alipay', 'doctor', '--json'])
    const { findings } = JSON.parse(stdout)
    const results = findings.map((one: { about: string; result: string }) => [
      one.about,
      one.result,
    ])
    expect(Object.fromEntries(results)).to.include({ express: 'ok', passport: 'ok' })
  })

  it('exports nothing but its entry points', async () => {
    const deep = "import('passport-oneaccess-alipay/dist/lib/oneaccess/http.js')"
    const { code, stderr } = await project.node('-e', deep)
    expect(code).to.equal(1)
    expect(stderr).to.include('ERR_PACKAGE_PATH_NOT_EXPORTED')
  })

  for (const { name, file, options, runs } of CONSUMERS) {
    it(`compiles ${runs ? 'and runs ' : ''}for ${name}, without skipLibCheck`, async () => {
      const out = file.replace('.', '-')
      await mkdir(join(project.folder, out))
      await project.write(file, consumerApp(esmImports))
      const config = { compilerOptions: { ...STRICT, ...options, outDir: out }, files: [file] }
      await project.write(`${out}.json`, JSON.stringify(config))
      const tsc = inRepository('node_modules/.bin/tsc')
      const { code, stdout } = await run(project.folder, tsc, ['-p', `${out}.json`])
      expect(code, stdout).to.equal(0)
      const script = join(out, file.replace('ts', 'js'))
      if (runs) expect(await outputOf(script)).to.deep.equal(LOGGED_IN)
    })
  }
})
