import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Simulator } from '../../simulator/index.js'

const EXAMPLES = new URL('../../example/', import.meta.url)

/** A program of `example/` as a process of its own. */
export interface ExampleProcess {
  child: ChildProcess
  /** Its exit code and all that it said. */
  ended: Promise<{ code: number | null; out: string; err: string }>
  /** What it has said so far. */
  out(): string
}

const running = new Set<ChildProcess>()

/** It sees nothing of this process's environment but what is given. */
export function runExample(env: Record<string, string>, file = 'shop/server.js'): ExampleProcess {
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, EXAMPLES))], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const words = { out: '', err: '' }
  child.stdout.on('data', (data: Buffer) => {
    words.out += data
  })
  child.stderr.on('data', (data: Buffer) => {
    words.err += data
  })
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child)
    return { code: code as number | null, ...words }
  })
  return { child, ended, out: () => words.out }
}

/** Resolves when it has said where to open it. */
export async function startExample(
  env: Record<string, string>,
): Promise<ExampleProcess & { url: string }> {
  const example = runExample(env)
  const [, url = ''] = await said(example, /^open (\S+)\/$/m)
  return { ...example, url }
}

/** Resolves when it has said that; rejects with what it complained of when it ends without. */
export async function said(
  { child, ended, out }: ExampleProcess,
  what: RegExp,
): Promise<RegExpExecArray> {
  const over = ended.then(({ err }) => Promise.reject(new Error(err)))
  over.catch(() => {}) // it ends some time, and then nobody listens here any more
  for (;;) {
    const found = what.exec(out())
    if (found) return found
    await Promise.race([once(child.stdout ?? child, 'data'), over])
  }
}

/** Whatever a test that failed has left behind. */
export function killExamples(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** The environment for a tenant that is a simulator of the test's. */
export function tenantOf(simulator: Simulator, port: number): Record<string, string> {
  return {
    ONEACCESS_DOMAIN: simulator.domain,
    ONEACCESS_CLIENT_ID: simulator.clientID,
    ONEACCESS_CLIENT_SECRET: simulator.clientSecret,
    ALIPAY_APP_ID: simulator.alipayAppID,
    ALIPAY_AUTHORIZATION_URL: simulator.authorizationURL,
    CALLBACK_URL: `http://127.0.0.1:${port}/auth/alipay/callback`,
    PORT: String(port),
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
