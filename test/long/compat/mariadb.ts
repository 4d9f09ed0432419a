import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../support/redis.js'

/** A MariaDB server on loopback. */
export interface MariaDB {
  url: string
  close(): Promise<void>
}

/** Needs `mariadbd`: on Debian, the package `mariadb-server-core`. */
export async function startMariaDB(): Promise<MariaDB> {
  const folder = await mkdtemp(join(tmpdir(), 'mariadb-'))
  const user = `--user=${userInfo().username}`
  const data = `--datadir=${join(folder, 'data')}`
  const port = await freePort()
  await mkdir(join(folder, 'data', 'shop'), { recursive: true }) // creates the database `shop`
  const server = ['--no-defaults', user, data, `--socket=${join(folder, 'socket')}`]
  const network = ['--bind-address=127.0.0.1', `--port=${port}`, '--skip-grant-tables']
  const child = spawn('mariadbd', [...server, ...network], { stdio: ['ignore', 'ignore', 'pipe'] })
  process.once('exit', () => child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  await new Promise<void>((resolve, reject) => {
    let seen = ''
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`mariadbd ended with ${code}: ${seen}`)))
    child.stderr.on('data', (piece: Buffer) => {
      seen += piece
      if (seen.includes('ready for connections')) resolve()
    })
  })
  return {
    url: `mariadb://root@127.0.0.1:${port}/shop`,
    async close() {
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
