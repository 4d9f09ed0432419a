import { join } from 'node:path'
import { consumerApp, esmImports } from '../../package/consumer-app.js'
import { emptyProject, type Project, run, runWell } from '../../package/installed.js'
import { saysLoggedIn, versionsOf } from './nodes.js'
import { lastWords, type Part, type Row } from './row.js'

/** Versions of TypeScript, and of Express with its types. */
const SETS: string[][] = [
  ['typescript@7'],
  ['typescript@6'],
  ['typescript@5.9'],
  ['typescript@7', 'express@4', '@types/express@4'],
]

const STRICT = {
  target: 'es2022',
  lib: ['es2023'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  esModuleInterop: true,
  skipLibCheck: false,
  types: ['node'],
}

const BUNDLER = { module: 'esnext', moduleResolution: 'bundler' }

interface Kind {
  name: string
  file: string
  options: object
  runs?: string
}

/** `runs`: the compiled script, if Node can run it. */
const KINDS: [Kind, ...Kind[]] = [
  { name: 'NodeNext, ESM', file: 'a.mts', options: { module: 'nodenext' }, runs: 'a.mjs' },
  { name: 'NodeNext, CommonJS', file: 'b.cts', options: { module: 'nodenext' }, runs: 'b.cjs' },
  { name: 'Bundler', file: 'c.ts', options: BUNDLER },
  { name: 'CommonJS', file: 'd.ts', options: { module: 'commonjs' }, runs: 'd.js' },
]

/** Compiles every kind of TypeScript project without skipLibCheck. */
export async function runTypeScript(tarball: string): Promise<Part> {
  const rows: Row[] = []
  for (const packages of SETS) {
    const project = await emptyProject(
      tarball,
      'express',
      'express-session',
      'passport',
      ...packages,
    )
    const named = packages.map((one) => one.slice(0, one.lastIndexOf('@')))
    const versions = await versionsOf(project, named)
    for (const kind of KINDS) {
      rows.push({ what: kind.name, versions, ...(await compile(project, kind)) })
    }
    await project.remove()
  }
  rows.push(await runPnpm(tarball))
  return { title: 'TypeScript, `skipLibCheck: false`', rows }
}

/** pnpm links the dependencies of this package, among them `@types`, only beside this package. */
async function runPnpm(tarball: string): Promise<Row> {
  const project = await emptyProject()
  const packages = [
    tarball,
    'express',
    'express-session',
    'passport',
    'typescript@7',
    '@types/node',
  ]
  const add = ['-y', 'pnpm@10', 'add', '--ignore-scripts', ...packages]
  await runWell(project.folder, 'npx', add)
  const versions = await versionsOf(project, ['typescript', 'express', 'passport'])
  const [kind] = KINDS
  const outcome = await compile(project, kind)
  await project.remove()
  return { what: 'NodeNext, ESM, pnpm 10, no further `@types`', versions, ...outcome }
}

async function compile(
  project: Project,
  { file, options, runs }: Kind,
): Promise<Pick<Row, 'works' | 'note'>> {
  const out = `${file}.out`
  const compilerOptions = { ...STRICT, ...options, outDir: out, rootDir: '.' }
  await project.write(file, consumerApp(esmImports))
  await project.write(`${out}.json`, JSON.stringify({ compilerOptions, files: [file] }))
  const tsc = join('node_modules', '.bin', 'tsc')
  const compiled = await run(project.folder, tsc, ['-p', `${out}.json`])
  if (compiled.code !== 0) return { works: false, note: lastWords(compiled.stdout) }
  if (runs === undefined) return { works: true, note: 'compiled' }
  const { stdout, stderr } = await project.node(join(out, runs))
  const works = saysLoggedIn(stdout)
  return { works, note: works ? 'compiled and run' : lastWords(stderr || stdout) }
}
