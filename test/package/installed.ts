// Installs the packed package in an empty project, as users get it.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** The result of a process. */
export interface Finished {
  code: number
  stdout: string
  stderr: string
}

/** Runs a program in a folder. Resolves also for a non-zero exit code. */
export function run(
  folder: string,
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Finished> {
  const options = { cwd: folder, env: { ...ownEnv(), ...env }, maxBuffer: 2 ** 24 }
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr })
    })
  })
}

/** The environment without what an npm that runs these tests has set for itself. */
function ownEnv(): NodeJS.ProcessEnv {
  const foreign = /^npm_(package_|lifecycle_|command$|config_(call|local_prefix)$)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)))
}

/** Like `run`, but rejects for a non-zero exit code. */
export async function runWell(folder: string, program: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(folder, program, args)
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${code}\n${stdout}${stderr}`)
  return stdout
}

/** A project in an empty folder. */
export interface Project {
  folder: string
  write(name: string, text: string): Promise<void>
  /** Runs `node` there. */
  node(...args: string[]): Promise<Finished>
  remove(): Promise<void>
}

/** An empty project with these packages installed. */
export async function emptyProject(...packages: string[]): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'passport-oneaccess-alipay-'))
  const write = (name: string, text: string) => writeFile(join(folder, name), text)
  await write('package.json', '{ "private": true }')
  if (packages.length > 0) {
    const quiet = ['--no-audit', '--no-fund', '--prefer-offline']
    await runWell(folder, 'npm', ['install', ...quiet, ...packages])
  }
  return {
    folder,
    write,
    node: (...args) => run(folder, process.execPath, args),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** `npm pack` without scripts, which would rebuild `dist` during the tests. */
export async function pack(into: string): Promise<{ tarball: string; files: string[] }> {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', into]
  const output: unknown = JSON.parse(await runWell(ROOT, 'npm', args))
  const [packed] = (Array.isArray(output) ? output : Object.values(output as object)) as {
    filename: string
    files: { path: string }[]
  }[]
  if (!packed) throw new Error('npm pack printed nothing')
  const files = packed.files.map((file) => file.path).sort()
  return { tarball: join(into, packed.filename), files }
}

export async function manifest(): Promise<Record<string, Record<string, unknown>>> {
  return JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
}

/** An absolute path from one relative to the repository's root. */
export function inRepository(path: string): string {
  return join(ROOT, path)
}
