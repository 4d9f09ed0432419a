import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { AppConfig, AppMessage } from './app.js'
import type { Random } from './random.js'
import { PROCESS } from './slow-path.js'

const PROGRAM = fileURLToPath(new URL('app.js', import.meta.url))
/** Milliseconds after which a process that was asked to stop is killed. */
const STOP_TIMEOUT = 30_000

/** A process of the app. */
export interface App {
  name: string
  url: string
  child: ChildProcess
  killedAt?: number
}

/** The processes of the app behind a load balancer. */
export class Fleet {
  /** Processes that get requests. */
  readonly up: App[] = []
  /** All processes ever started, by name. */
  readonly all = new Map<string, App>()
  readonly counts = { renewed: 0, joined: 0, failed: 0, stopped: 0, stuck: 0 }
  readonly ends: string[] = []
  readonly #config: AppConfig
  readonly #misconfigured = new Set<App>()

  constructor(config: AppConfig) {
    this.#config = config
  }

  /** `release`: a module to preload, which turns the process into one of another release. */
  async start({ secret = this.#config.secret, release = '' } = {}): Promise<App> {
    const name = `app-${this.all.size + 1}`
    const http = { headers: { [PROCESS]: name } }
    const config = { ...this.#config, secret, strategy: { ...this.#config.strategy, http } }
    const execArgv = release === '' ? [] : ['--import', release]
    const child = fork(PROGRAM, [JSON.stringify(config)], { stdio: 'inherit', execArgv })
    const app: App = { name, url: '', child }
    this.all.set(name, app)
    const port = await new Promise<number>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)))
      child.on('message', (message: AppMessage) => {
        if (message.kind === 'listening') resolve(message.port)
        else this.#count(message)
      })
    })
    app.url = `http://127.0.0.1:${port}`
    this.up.push(app)
    return app
  }

  /** Runs a process with a wrong secret, which cannot read the others' records, for `time` ms. */
  async misconfigureOne(time: number): Promise<void> {
    const app = await this.start({ secret: 'a secret that no other process has, 32 or more' })
    this.#misconfigured.add(app)
    await sleep(time)
    await this.stop(app)
    this.#misconfigured.delete(app)
  }

  /** Replaces a process as a deployment does: starts the new one first, then stops the old one gracefully. */
  async replaceGently(random: Random): Promise<void> {
    await this.start()
    await this.stop(random.pick(this.#healthy().slice(0, -1)))
  }

  async stop(app: App): Promise<void> {
    this.#takeOut(app)
    const ended = once(app.child, 'exit')
    app.child.kill('SIGTERM')
    const timer = setTimeout(() => {
      this.counts.stuck += 1
      app.child.kill('SIGKILL')
    }, STOP_TIMEOUT)
    await ended
    clearTimeout(timer)
    this.counts.stopped += 1
  }

  /** Kills a process, as a crash would, and starts a new one. */
  async replaceByForce(random: Random): Promise<void> {
    const app = random.pick(this.#healthy())
    const ended = once(app.child, 'exit')
    app.killedAt = Date.now()
    app.child.kill('SIGKILL')
    this.#takeOut(app)
    await ended
    this.counts.stopped += 1
    await this.start()
  }

  async close(): Promise<void> {
    await Promise.all([...this.up].map((app) => this.stop(app)))
  }

  #healthy(): App[] {
    return this.up.filter((app) => !this.#misconfigured.has(app))
  }

  #takeOut(app: App): void {
    this.up.splice(this.up.indexOf(app), 1)
  }

  #count(message: Extract<AppMessage, { kind: 'event' }>): void {
    if (message.channel === 'end') this.ends.push(String(message.event.reason))
    else this.counts[message.event.outcome as 'renewed' | 'joined' | 'failed'] += 1
  }
}
