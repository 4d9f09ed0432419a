import { isDeepStrictEqual } from 'node:util'
import { type Project, run } from '../../package/installed.js'
import { freePort } from '../../support/redis.js'
import { lastWords, type Row } from './row.js'

/** What each app prints of the user. */
export const USER = { user: '20220126153857263-A04D-60E0D446C', parts: 3 }

const DECORATED = {
  target: 'es2022',
  lib: ['es2023'],
  strict: true,
  esModuleInterop: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true, // for the framework's own declarations
  types: ['node'],
}

/** Runs an app that prints one line of JSON. */
export async function runApp(
  project: Project,
  script: string,
  expected: object,
  env: Record<string, string> = {},
): Promise<Pick<Row, 'works' | 'note'>> {
  const port = String(await freePort())
  const { stdout, stderr } = await run(project.folder, process.execPath, [script], {
    PORT: port,
    ...env,
  })
  const printed = stdout.split('\n').find((line) => line.startsWith('{')) ?? ''
  const works = printed !== '' && isDeepStrictEqual(JSON.parse(printed), expected)
  return works ? { works } : { works, note: lastWords(stderr || stdout) }
}

/** Compiles an app with decorators, then runs it or `script`. */
export async function compileAndRun(
  project: Project,
  file: string,
  options: object,
  expected: object,
  script = compiled(file),
): Promise<Pick<Row, 'works' | 'note'>> {
  const compilerOptions = { ...DECORATED, ...options, outDir: 'out', rootDir: '.' }
  await project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: [file] }))
  const { code, stdout } = await run(project.folder, 'node_modules/.bin/tsc', [])
  if (code !== 0) return { works: false, note: lastWords(stdout) }
  return runApp(project, script, expected)
}

/** The path of a compiled file. */
export function compiled(file: string): string {
  return `out/${file.replace('ts', 'js')}`
}
