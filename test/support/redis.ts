import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A Redis server on loopback. Its data survives `kill()` and `start()`. */
export interface RedisServer {
  url: string
  /** Kills it as a crash would; confirmed writes are on disk. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Stops it as a stalled machine would: it keeps its connections, and says nothing. */
  freeze(): void
  thaw(): void
  close(): Promise<void>
}

/** With `durable: false` nothing is written to disk. */
export async function startRedis({ durable = true } = {}): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), 'redis-'))
  const port = await freePort()
  let child: ChildProcess | undefined
  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      child = await launch(port, directory, durable)
    },
    async kill() {
      await stop(child)
      child = undefined
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async close() {
      await stop(child)
      await rm(directory, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

function launch(port: number, directory: string, durable: boolean): Promise<ChildProcess> {
  const settings = ['--bind', '127.0.0.1', '--port', String(port), '--dir', directory]
  const log = ['--appendonly', durable ? 'yes' : 'no', '--appendfsync', 'always', '--save', '']
  const child = spawn('redis-server', [...settings, ...log], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  killOnExit(child)
  return new Promise((resolve, reject) => {
    let seen = ''
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${seen}`)))
    child.stdout?.on('data', (data: Buffer) => {
      seen += data
      if (seen.includes('Ready to accept connections')) resolve(child)
    })
  })
}

const running = new Set<ChildProcess>()

/** Kills the server when this process exits, even if a test has failed. */
function killOnExit(child: ChildProcess): void {
  if (running.size === 0) {
    process.once('exit', () => {
      for (const one of running) one.kill('SIGKILL')
    })
  }
  running.add(child)
}

async function stop(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
