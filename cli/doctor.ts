import { readFileSync } from 'node:fs'
import { parseArgs, parseEnv } from 'node:util'
import { lookAtAlipay } from './doctor/alipay.js'
import { type Finding, skipped } from './doctor/finding.js'
import { lookAtDomain } from './doctor/network.js'
import { asJSON, asText, countsOf } from './doctor/report.js'
import { type Env, lookAtSettings, lookAtTheApp, settingsOf } from './doctor/settings.js'
import { lookAtSurroundings, lookAtTLSChecks } from './doctor/surroundings.js'
import { lookAtTenant } from './doctor/tenant.js'

export const DOCTOR_HELP = `passport-oneaccess-alipay doctor [--live] [--json] [--env FILE]
                                [--id-token FILE]

Checks the settings of an app, step by step, and says what is right, what is wrong and what to
change. Run it in the app's folder, with the app's environment.

  --live      also calls the tenant: reads its clock and keys, asks for an access token,
              and sends an invented token, ticket and code, to see how they are refused.
              Nothing is spent and nothing is changed; the tenant's log may show the refusals
  --env FILE  reads settings from FILE too; the environment goes before it
  --id-token FILE
              with --live: says which kind of id_token the tenant gives, by one of a login
              (what req.oneaccess.idToken() gave); - reads it from the standard input
  --json      one JSON object instead of text
  --help      this text

Settings: ONEACCESS_DOMAIN, ONEACCESS_CLIENT_ID, ONEACCESS_CLIENT_SECRET, ALIPAY_APP_ID, CALLBACK_URL;
if wanted ALIPAY_AUTHORIZATION_URL, ONEACCESS_LOGIN_VERSION, ONEACCESS_REFRESH_WITH,
ONEACCESS_TENANT_ID, SESSION_SECRET, TOKEN_SECRET, REDIS_URL, PORT, NODE_ENV.

Exit code: 0 when nothing is wrong, 1 when something is, 2 when this command was called wrongly.
`

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
    return [...findings, skipped('the tenant', 'the settings must be right first')]
  }
  const proxied = PROXIES.some((name) => env[name])
  findings.push(...lookAtAlipay(settings, env), ...(await lookAtDomain(settings.origin, proxied)))
  const cutOff = findings.some(
    ({ about, result }) => /^(DNS|TLS)$/.test(about) && result === 'error',
  )
  if (cutOff) return [...findings, skipped('the tenant', 'it cannot be reached')]
  if (!live) return [...findings, skipped('the tenant', '--live asks it')]
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
  } as const
  const { values } = parseArgs({ args, options })
  if (values.help) {
    write(DOCTOR_HELP)
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
  write(values.json ? asJSON(findings) : asText(findings))
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
