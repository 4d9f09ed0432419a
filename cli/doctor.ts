import { parseArgs, parseEnv } from 'node:util'
import type { Language } from '../lib/messages.js'
import { parseOrExplain } from './arguments.js'
import { checkAlipay } from './doctor/alipay.js'
import { consolePoints } from './doctor/console.js'
import { type Finding, skipped } from './doctor/finding.js'
import { checkDomain } from './doctor/network.js'
import { checkProxy } from './doctor/proxy.js'
import { checkRedis } from './doctor/redis.js'
import { asJSON, asText, countsOf } from './doctor/report.js'
import { checkApp, checkSettings, type Env, settingsOf } from './doctor/settings.js'
import { checkTenant } from './doctor/tenant.js'
import { checkTLSChecks, checkVersions } from './doctor/versions.js'
import { DOCTOR_HELP } from './help.js'
import { commandLanguage } from './language.js'
import { readTextFile } from './read-file.js'

/** What the doctor examines. */
export interface DoctorOptions {
  env: Env
  /** The app's folder. */
  folder: string
  /** Whether the tenant may be called, and Redis. */
  live: boolean
  /** An id_token from a login, to find out which kind the tenant issues. */
  idToken?: string | undefined
}

/** All findings, in the order in which a login depends on what they check. */
export async function examine({ env, folder, live, idToken }: DoctorOptions): Promise<Finding[]> {
  const findings = [
    ...checkVersions(folder),
    ...checkTLSChecks(env),
    ...checkSettings(env),
    ...checkApp(env),
    ...(await checkRedis(env.REDIS_URL, live)),
  ]
  const settings = settingsOf(env)
  if (settings === undefined) {
    return [
      ...findings,
      skipped('the tenant', { en: 'the settings must be fixed first', zh: '请先改正上面的配置' }),
    ]
  }
  findings.push(...checkAlipay(settings, env))
  const network = await checkNetwork(settings.origin, env)
  findings.push(...network)
  if (network.some(({ result }) => result === 'error'))
    return [...findings, skipped('the tenant', { en: 'it cannot be reached', zh: '无法连接' })]
  if (!live)
    return [
      ...findings,
      skipped('the tenant', { en: 'pass --live to check it', zh: '未检查，加上 --live 才会检查' }),
    ]
  return [...findings, ...(await checkTenant(settings, env, idToken))]
}

async function checkNetwork(origin: string, env: Env): Promise<Finding[]> {
  const proxy = checkProxy(origin, env)
  if (proxy === undefined) return checkDomain(origin, false)
  return proxy.result === 'error' ? [proxy] : [proxy, ...(await checkDomain(origin, true))]
}

/** Runs the command and resolves to its exit code. */
export async function doctor(args: string[], write: (text: string) => void): Promise<number> {
  const options = {
    live: { type: 'boolean' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
    // not --env-file: Node 20 treats that as its own option wherever it appears
    env: { type: 'string' },
    'id-token': { type: 'string' },
    language: { type: 'string' },
  } as const
  const { values } = parseOrExplain(args, () => parseArgs({ args, options }))
  const language = commandLanguage(values.language, process.env)
  if (values.help) {
    write(DOCTOR_HELP[language])
    return 0
  }
  const fromFile = values.env === undefined ? {} : parseEnv(readText('--env', values.env, language))
  const env = { ...fromFile, ...process.env }
  const file = values['id-token']
  const idToken = file === undefined ? undefined : readText('--id-token', file, language).trim()
  const findings = await examine({
    env,
    folder: process.cwd(),
    live: values.live ?? false,
    idToken,
  })
  const settings = settingsOf(env)
  const report = { findings, console: settings === undefined ? [] : consolePoints(settings) }
  write(values.json ? asJSON(report, language) : asText(report, language))
  return countsOf(findings).error > 0 ? 1 : 0
}

function readText(option: '--env' | '--id-token', file: string, language: Language): string {
  return readTextFile(option === '--id-token' && file === '-' ? 0 : file, ({ en, zh }) => {
    const says = {
      en: `${option} ${file} cannot be read: ${en}`,
      zh: `无法读取 ${option} 指定的文件 ${file}：${zh}`,
    }
    return new TypeError(says[language])
  })
}
