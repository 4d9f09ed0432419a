import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runWell } from '../../package/installed.js'
import { freePort } from '../../support/redis.js'

/** A PostgreSQL server on loopback, with the user and database `postgres`. */
export interface Postgres {
  port: number
  close(): Promise<void>
}

/** Debian's folder of the programs, which are not in PATH. */
const DEBIAN = '/usr/lib/postgresql'

/** Needs PostgreSQL: on Debian, `postgresql-15`. It does not run as root, but then as user `postgres`. */
export async function startPostgres(): Promise<Postgres> {
  const [version] = (await readdir(DEBIAN).catch(() => [])).sort().reverse()
  const program = (name: string) => (version ? join(DEBIAN, version, 'bin', name) : name)
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'))
  const owner = process.getuid?.() === 0 ? await postgresUser() : undefined
  if (owner) await chown(folder, owner.uid, owner.gid)
  const options = { cwd: folder, ...owner }
  const port = await freePort()
  const data = join(folder, 'data')
  const made = spawn(program('initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust'], {
    ...options,
    stdio: 'ignore',
  })
  const [code] = await once(made, 'exit')
  if (code !== 0) throw new Error(`initdb ended with ${code}`)
  const network = ['-h', '127.0.0.1', '-p', String(port), '-k', folder]
  const child = spawn(program('postgres'), ['-D', data, ...network], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  let seen = ''
  for await (const piece of child.stderr) {
    seen += piece
    if (seen.includes('ready to accept connections')) break
  }
  if (!seen.includes('ready to accept connections')) throw new Error(`postgres ended: ${seen}`)
  return {
    port,
    async close() {
      child.kill('SIGINT') // a fast shutdown, which also ends its children
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function postgresUser(): Promise<{ uid: number; gid: number }> {
  const idOf = async (what: string) => Number(await runWell('.', 'id', [what, 'postgres']))
  return { uid: await idOf('-u'), gid: await idOf('-g') }
}
