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
  /** Its exit code and output. */
  ended: Promise<{ code: number | null; out: string; err: string }>
  /** Its output so far. */
  out(): string
}

const running = new Set<ChildProcess>()

/** Runs it with this environment and PATH only. */
export function runExample(env: Record<string, string>, file = 'shop/server.js'): ExampleProcess {
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, EXAMPLES))], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const output = { out: '', err: '' }
  child.stdout.on('data', (data: Buffer) => {
    output.out += data
  })
  child.stderr.on('data', (data: Buffer) => {
    output.err += data
  })
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child)
    return { code: code as number | null, ...output }
  })
  return { child, ended, out: () => output.out }
}

/** Starts the shop; resolves when it has printed its URL. */
export async function startExample(
  env: Record<string, string>,
): Promise<ExampleProcess & { url: string }> {
  const example = runExample(env)
  const [, url = ''] = await printed(example, /^open (\S+)\/$/m)
  return { ...example, url }
}

/** Resolves when its output matches; rejects with its errors if it ends first. */
export async function printed(
  { child, ended, out }: ExampleProcess,
  pattern: RegExp,
): Promise<RegExpExecArray> {
  const failure = ended.then(({ err }) => Promise.reject(new Error(err)))
  failure.catch(() => {}) // it also ends after a match, when nobody waits any more
  for (;;) {
    const found = pattern.exec(out())
    if (found) return found
    await Promise.race([once(child.stdout ?? child, 'data'), failure])
  }
}

/** Kills the processes that a failed test has left behind. */
export function killExamples(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** The environment variables for a simulated tenant. */
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

/** A free port on loopback. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
