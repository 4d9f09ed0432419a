import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'redis'
import { freePort } from '../../support/redis.js'

/** A Redis server or a sentinel. */
export interface Node {
  port: number
  kill(): void
}

/** Several servers on loopback, with a temporary folder. */
export class Topology {
  readonly #folder: string
  readonly #children = new Set<ChildProcess>()

  private constructor(folder: string) {
    this.#folder = folder
    process.once('exit', () => {
      for (const child of this.#children) child.kill('SIGKILL')
    })
  }

  static async open(): Promise<Topology> {
    return new Topology(await mkdtemp(join(tmpdir(), 'topology-')))
  }

  async server(...settings: string[]): Promise<Node> {
    const port = await freePort()
    const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', this.#folder, '--save', '']
    const node = this.#spawn(port, [...own, ...settings])
    await untilAnswers(port)
    return node
  }

  /** Starts a sentinel with a quorum of 1. */
  async sentinel(master: Node): Promise<Node> {
    const port = await freePort()
    const file = join(this.#folder, `sentinel-${port}.conf`)
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `sentinel monitor shop 127.0.0.1 ${master.port} 1`,
      'sentinel down-after-milliseconds shop 500',
      'sentinel failover-timeout shop 3000',
    ]
    await writeFile(file, `${lines.join('\n')}\n`)
    const node = this.#spawn(port, [file, '--sentinel'])
    await untilAnswers(port)
    return node
  }

  async close(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL')
    await sleep(100)
    await rm(this.#folder, { recursive: true, force: true })
  }

  #spawn(port: number, args: string[]): Node {
    const child = spawn('redis-server', args, { stdio: 'ignore' })
    this.#children.add(child)
    return {
      port,
      kill: () => void child.kill('SIGKILL'),
    }
  }
}

/** Waits until the condition holds, for at most 30 s. */
export async function until(condition: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000
  while (Date.now() < end) {
    if (await holds().catch(() => false)) return
    await sleep(50)
  }
  throw new Error(`not within 30 s: ${condition}`)
}

/** Sends a command to a server. */
export async function command(port: number, ...words: string[]): Promise<unknown> {
  const client = createClient({
    url: `redis://127.0.0.1:${port}`,
    socket: { reconnectStrategy: false },
  })
  client.on('error', () => {})
  await client.connect()
  try {
    return await client.sendCommand(words)
  } finally {
    client.destroy()
  }
}

async function untilAnswers(port: number): Promise<void> {
  await until(`port ${port} answers`, async () => (await command(port, 'PING')) === 'PONG')
}
