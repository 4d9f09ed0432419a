import { readFileSync } from 'node:fs'
import { parseArgs, parseEnv } from 'node:util'
import { parsed } from './arguments.js'
import { lookAtAlipay } from './doctor/alipay.js'
import { consolePoints } from './doctor/console.js'
import { type Finding, skipped } from './doctor/finding.js'
import { lookAtDomain } from './doctor/network.js'
import { asJSON, asText, countsOf } from './doctor/report.js'
import { type Env, lookAtSettings, lookAtTheApp, settingsOf } from './doctor/settings.js'
import { lookAtSurroundings, lookAtTLSChecks } from './doctor/surroundings.js'
import { lookAtTenant } from './doctor/tenant.js'
import { DOCTOR_HELP } from './help.js'
import { commandLanguage } from './language.js'

/** Each sends https calls another way. */
const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy']

/** Where the doctor looks. */
export interface Patient {
  env: Env
  /** The app's folder. */
  folder: string
  /** Whether the tenant may be called. */
  live: boolean
  /** One that a login has brought. */
  idToken?: string | undefined
}

/** Every finding, in the order in which a login depends on them. */
export async function examine({ env, folder, live, idToken }: Patient): Promise<Finding[]> {
  const findings = [
    ...lookAtSurroundings(folder),
    ...lookAtTLSChecks(env),
    ...lookAtSettings(env),
    ...lookAtTheApp(env),
  ]
  const settings = settingsOf(env)
  if (settings === undefined) {
    return [
      ...findings,
      skipped('the tenant', { en: 'the settings must be fixed first', zh: '请先改正上面的配置' }),
    ]
  }
  const proxied = PROXIES.some((name) => env[name])
  findings.push(...lookAtAlipay(settings, env), ...(await lookAtDomain(settings.origin, proxied)))
  const cutOff = findings.some(
    ({ about, result }) => /^(DNS|TLS)$/.test(about) && result === 'error',
  )
  if (cutOff)
    return [...findings, skipped('the tenant', { en: 'it cannot be reached', zh: '无法连接' })]
  if (!live)
    return [
      ...findings,
      skipped('the tenant', { en: '--live calls it', zh: '加上 --live 才会检查' }),
    ]
  return [...findings, ...(await lookAtTenant(settings, idToken))]
}

/** The command; gives the exit code. */
export async function doctor(args: string[], write: (text: string) => void): Promise<number> {
  const options = {
    live: { type: 'boolean' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
    // not --env-file: Node 20 takes that for its own, wherever it stands
    env: { type: 'string' },
    'id-token': { type: 'string' },
    language: { type: 'string' },
  } as const
  const { values } = parsed(args, () => parseArgs({ args, options }))
  const language = commandLanguage(values.language, process.env)
  if (values.help) {
    write(DOCTOR_HELP[language])
    return 0
  }
  const fromFile = values.env === undefined ? {} : envFrom(values.env)
  const env = { ...fromFile, ...process.env }
  const file = values['id-token']
  const idToken = file === undefined ? undefined : textOf(file).trim()
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

function envFrom(file: string): Env {
  try {
    return parseEnv(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new TypeError(`--env ${file}: ${(error as NodeJS.ErrnoException).code}`)
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new TypeError(`--id-token ${file}: ${(error as NodeJS.ErrnoException).code}`)
  }
}
