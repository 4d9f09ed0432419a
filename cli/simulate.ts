import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  type Endpoint,
  type Fault,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../simulator/index.js'

/** A fixed one, so that an app's settings stay good from one run to the next. */
const DEFAULT_PORT = 7710

export const SIMULATE_HELP = `passport-oneaccess-alipay simulate [--port N] [--set NAME=VALUE]…

Runs a simulated OneAccess tenant and a simulated Alipay on loopback, with a page that shows every
call as it happens. It is no identity provider: anybody can be anybody. Never let it decide who
gets into anything.

  --port N               where it listens; default ${DEFAULT_PORT}, 0 for any free one
  --host ADDRESS         default 127.0.0.1; another than loopback needs --allow-remote
  --allow-remote         lets others in the network log in as anybody
  --client-id ID         default simulated-client
  --client-secret TEXT   default: a new one at each start
  --alipay-app-id ID     default 2021000000000001
  --callback-url URL     may be given several times; default: any address on loopback
  --people FILE.json     the people, in place of the built-in ones: a list of
                         { id, userName, name, outcome, mobile?, email?, after?, flows?, note?, avatar? }
  --faults FILE.json     faults that wait from the start: a list of { endpoint, times?, … }
  --rotation MODE        never, always or grace: what a refresh does to the session token
  --product NAME         oneaccess or ciam: whose error codes are answered
  --set NAME=VALUE       any setting by its name, several times if need be: rotation, graceSeconds,
                         reuse, omitSessionToken, idTokenAtLogin, idTokenLife, sessionLife,
                         accessTokenLife, idTokenShape, idTokenAlgorithm, userShape,
                         credentialErrors, tenantID, loginVersions (v2,v3), product,
                         refreshCalls (id-token,session-token,signed-id-token)
  --help                 this text

Runs until it is interrupted. Exit code: 0, or 2 when this command was called wrongly.
`

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  'allow-remote': { type: 'boolean' },
  'client-id': { type: 'string' },
  'client-secret': { type: 'string' },
  'alipay-app-id': { type: 'string' },
  'callback-url': { type: 'string', multiple: true },
  people: { type: 'string' },
  faults: { type: 'string' },
  rotation: { type: 'string' },
  product: { type: 'string' },
  set: { type: 'string', multiple: true },
  help: { type: 'boolean' },
} as const

/** The command; gives the exit code when it is interrupted. */
export async function simulate(args: string[], write: (text: string) => void): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS })
  if (values.help) {
    write(SIMULATE_HELP)
    return 0
  }
  const simulator = await started(optionsFrom(values))
  try {
    for (const { endpoint, fault } of faultsIn(values.faults)) simulator.fault(endpoint, fault)
    write(greeting(simulator))
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  } finally {
    await simulator.close()
  }
  return 0
}

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

function optionsFrom(values: Values): SimulatorOptions {
  const { rotation, product, set = [] } = values
  const given = {
    port: values.port === undefined ? DEFAULT_PORT : Number(values.port),
    host: values.host,
    allowRemote: values['allow-remote'],
    clientID: values['client-id'],
    clientSecret: values['client-secret'],
    alipayAppID: values['alipay-app-id'],
    callbackURLs: values['callback-url'],
    people: values.people === undefined ? undefined : readJSON(values.people),
    rotation,
    product,
    ...Object.fromEntries(set.map(readSetting)),
  }
  const named = Object.entries(given).filter(([, value]) => value !== undefined)
  // startSimulator checks each by its name.
  return Object.fromEntries(named) as SimulatorOptions
}

function readSetting(text: string): [string, unknown] {
  const at = text.indexOf('=')
  if (at < 1) throw new TypeError(`--set ${text} is not NAME=VALUE`)
  const [name, value] = [text.slice(0, at), text.slice(at + 1)]
  if (name === 'loginVersions' || name === 'refreshCalls') return [name, value.split(',')]
  if (name === 'tenantID') return [name, value]
  if (value === 'true' || value === 'false') return [name, value === 'true']
  return [name, /^\d+$/.test(value) ? Number(value) : value]
}

function faultsIn(file: string | undefined): { endpoint: Endpoint; fault: Fault }[] {
  if (file === undefined) return []
  const list = readJSON(file)
  if (!Array.isArray(list)) throw new TypeError(`${file} does not hold a list of faults`)
  return list.map((one) => {
    const { endpoint, ...fault } = Object(one)
    return { endpoint, fault }
  })
}

function readJSON(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new TypeError(`${file} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

async function started(options: SimulatorOptions): Promise<Simulator> {
  return startSimulator(options).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    throw new TypeError(`port ${options.port} is in use; --port takes another one, 0 any free one`)
  })
}

function greeting({
  url,
  authorizationURL,
  clientID,
  clientSecret,
  alipayAppID,
}: Simulator): string {
  return `A simulated OneAccess tenant and a simulated Alipay. No identity provider: anybody can be anybody.

  every call as it happens:  ${url}/

What an app needs in its environment:

ONEACCESS_DOMAIN=${url}
ONEACCESS_CLIENT_ID=${clientID}
ONEACCESS_CLIENT_SECRET=${clientSecret}
ALIPAY_APP_ID=${alipayAppID}
ALIPAY_AUTHORIZATION_URL=${authorizationURL}

Ctrl+C ends it.
`
}
