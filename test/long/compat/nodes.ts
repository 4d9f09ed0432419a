import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { asJavaScript, consumerApp, esmImports, requires } from '../../package/consumer-app.js'
import { emptyProject, type Project, run } from '../../package/installed.js'
import { lastWords, type Part, type Row } from './row.js'

/** Each supported release line of Node, and the oldest supported releases of 20 and 22. */
const NODES = ['20.19.0', '20', '22.12.0', '22', '24', '26']
const EXPRESSES = ['4', '5']
const PASSPORTS = ['0.6', '0.7']
const MODULES = [
  { kind: 'import', file: 'app.mjs', imports: esmImports },
  { kind: 'require', file: 'app.cjs', imports: requires },
]

/** What the app prints after a login with a token. */
export const LOGGED_IN = {
  status: 200,
  me: { user: '20220126153857263-A04D-60E0D446C', parts: 3 },
  redis: 'function',
}

/** An executable of Node from the npm package `node`. */
export interface NodeProgram {
  path: string
  version: string
  remove(): Promise<void>
}

export async function installNode(range: string): Promise<NodeProgram> {
  const { folder, remove } = await emptyProject(`node@${range}`)
  const path = join(folder, 'node_modules/node/bin/node')
  const { stdout } = await run(folder, path, ['--version'])
  return { path, version: stdout.trim().slice(1), remove }
}

/** Every Node with every Express, every Passport and both module systems. */
export async function runNodes(tarball: string): Promise<Part> {
  const nodes = await Promise.all(NODES.map(installNode))
  const rows: Row[] = []
  for (const express of EXPRESSES) {
    for (const passport of PASSPORTS) {
      const packages = [`express@${express}`, `passport@${passport}`, 'express-session']
      const project = await emptyProject(tarball, ...packages)
      for (const { kind, file, imports } of MODULES) {
        await project.write(file, asJavaScript(consumerApp(imports)))
        for (const node of nodes) rows.push(await runOn(node, project, kind, file))
      }
      await project.remove()
    }
  }
  await Promise.all(nodes.map((node) => node.remove()))
  return {
    title: 'Node, Express, Passport',
    rows: [...joined(rows), await refusedPassport(tarball)],
  }
}

/** Passport 0.5 keeps the session id at a login: npm must refuse to install it. */
async function refusedPassport(tarball: string): Promise<Row> {
  const refusal = await emptyProject(tarball, 'passport@0.5').then(
    async (project) => project.remove(),
    (error: Error) => error.message,
  )
  const known = /ERESOLVE[\s\S]*peer passport@"0\.6 \|\| 0\.7"/.test(String(refusal))
  const note =
    'npm refuses to install it (`ERESOLVE`); forced, a login fails with `session_not_regenerated`'
  return { what: 'Passport 0.5', versions: 'passport 0.5', works: false, known, note }
}

async function runOn(
  node: NodeProgram,
  project: Project,
  kind: string,
  file: string,
): Promise<Row> {
  const { code, stdout, stderr } = await run(project.folder, node.path, [file])
  const works = code === 0 && saysLoggedIn(stdout)
  const versions = await versionsOf(project, ['express', 'passport'])
  return {
    what: `Node ${node.version}, ${kind}`,
    versions,
    works,
    ...noteOf(works, stdout, stderr),
  }
}

function noteOf(works: boolean, stdout: string, stderr: string): Pick<Row, 'note'> {
  if (!works) return { note: lastWords(stderr || stdout) }
  const [, warning] = /(\w+Warning):/.exec(stderr) ?? []
  return warning === undefined ? {} : { note: `Node prints an ${warning}` }
}

/** Joins the rows of a Node that works with every Express and Passport. */
function joined(rows: readonly Row[]): Row[] {
  const failing = rows.filter(({ works }) => !works)
  const working = new Map<string, Row[]>()
  for (const row of rows.filter(({ works }) => works)) {
    working.set(row.what, [...(working.get(row.what) ?? []), row])
  }
  const together = [...working].map(([what, same]) => ({
    ...(same[0] as Row),
    what,
    versions: same.map(({ versions }) => versions).join('; '),
  }))
  return [...together, ...failing]
}

export function saysLoggedIn(stdout: string): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(stdout), LOGGED_IN)
  } catch {
    return false
  }
}

/** The installed versions, as `name version, …`. */
export async function versionsOf(project: Project, names: readonly string[]): Promise<string> {
  const read =
    "name => name + ' ' + JSON.parse(require('node:fs').readFileSync('node_modules/' + name + '/package.json', 'utf8')).version"
  const script = `console.log(${JSON.stringify(names)}.map(${read}).join(', '))`
  return (await run(project.folder, process.execPath, ['-e', script])).stdout.trim()
}
