import { once } from 'node:events'
import { parseArgs } from 'node:util'
import type { Language } from '../lib/messages.js'
import {
  type Endpoint,
  type Fault,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../simulator/index.js'
import { UsageError } from '../simulator/words.js'
import { parseOrExplain } from './arguments.js'
import type { Words } from './doctor/finding.js'
import { envLines, type Settings, writeEnvFile } from './env-file.js'
import { SIMULATE_HELP } from './help.js'
import { commandLanguage } from './language.js'
import { readTextFile } from './read-file.js'

/** Fixed, so that an app's settings stay valid from one run to the next. */
const DEFAULT_PORT = 7710

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
  write: { type: 'string' },
  language: { type: 'string' },
  help: { type: 'boolean' },
} as const

/** Runs the command; resolves to its exit code once it is interrupted. */
export async function simulate(args: string[], write: (text: string) => void): Promise<number> {
  const { values } = parseOrExplain(args, () => parseArgs({ args, options: OPTIONS }))
  const language = commandLanguage(values.language, process.env)
  if (values.help) {
    write(SIMULATE_HELP[language])
    return 0
  }
  const simulator = await start(optionsFrom(values, language), language)
  try {
    addFaults(simulator, values.faults, language)
    const settings = settingsOf(simulator)
    const refusal = values.write === undefined ? undefined : writeEnvFile(values.write, settings)
    if (refusal) throw usageError(refusal, language)
    write(greeting(simulator.url, settings, language))
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  } finally {
    await simulator.close()
  }
  return 0
}

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

function optionsFrom(values: Values, language: Language): SimulatorOptions {
  const { rotation, product, set = [] } = values
  const given = {
    port: values.port === undefined ? DEFAULT_PORT : Number(values.port),
    host: values.host,
    allowRemote: values['allow-remote'],
    clientID: values['client-id'],
    clientSecret: values['client-secret'],
    alipayAppID: values['alipay-app-id'],
    callbackURLs: values['callback-url'],
    people: values.people === undefined ? undefined : readJSON(values.people, language),
    rotation,
    product,
    ...Object.fromEntries(set.map((text) => readSetting(text, language))),
  }
  const named = Object.entries(given).filter(([, value]) => value !== undefined)
  // startSimulator checks every option
  return Object.fromEntries(named) as SimulatorOptions
}

function readSetting(text: string, language: Language): [string, unknown] {
  const at = text.indexOf('=')
  if (at < 1)
    throw usageError(
      { en: `--set ${text} is not NAME=VALUE`, zh: `--set ${text} 的格式不是 NAME=VALUE` },
      language,
    )
  const [name, value] = [text.slice(0, at), text.slice(at + 1)]
  if (name === 'loginVersions' || name === 'refreshCalls') return [name, value.split(',')]
  if (name === 'tenantID') return [name, value]
  if (value === 'true' || value === 'false') return [name, value === 'true']
  return [name, /^\d+$/.test(value) ? Number(value) : value]
}

function addFaults(simulator: Simulator, file: string | undefined, language: Language): void {
  try {
    for (const { endpoint, fault } of faultsIn(file, language)) simulator.fault(endpoint, fault)
  } catch (error) {
    throw error instanceof UsageError ? usageError(error.words, language) : error
  }
}

function faultsIn(
  file: string | undefined,
  language: Language,
): { endpoint: Endpoint; fault: Fault }[] {
  if (file === undefined) return []
  const list = readJSON(file, language)
  if (!Array.isArray(list))
    throw usageError(
      { en: `${file} does not contain a list of faults`, zh: `${file} 的内容不是故障列表` },
      language,
    )
  return list.map((one) => {
    const { endpoint, ...fault } = Object(one)
    return { endpoint, fault }
  })
}

function usageError(message: Words, language: Language): TypeError {
  return new TypeError(message[language])
}

function readJSON(file: string, language: Language): unknown {
  const unreadable = ({ en, zh }: Words) =>
    usageError({ en: `${file} cannot be read: ${en}`, zh: `无法读取 ${file}：${zh}` }, language)
  const text = readTextFile(file, unreadable)
  try {
    return JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw unreadable({ en: `it is not JSON: ${why}`, zh: `内容不是 JSON（${why}）` })
  }
}

async function start(options: SimulatorOptions, language: Language): Promise<Simulator> {
  return startSimulator(options).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof UsageError) throw usageError(error.words, language)
    if (error.code !== 'EADDRINUSE') throw error
    throw usageError(
      {
        en: `port ${options.port} is in use; choose another with --port, or let --port 0 pick a free one`,
        zh: `端口 ${options.port} 已被占用，请用 --port 换一个，0 表示任意空闲端口`,
      },
      language,
    )
  })
}

function settingsOf(simulator: Simulator): Settings {
  return {
    ONEACCESS_DOMAIN: simulator.url,
    ONEACCESS_CLIENT_ID: simulator.clientID,
    ONEACCESS_CLIENT_SECRET: simulator.clientSecret,
    ALIPAY_APP_ID: simulator.alipayAppID,
    ALIPAY_AUTHORIZATION_URL: simulator.authorizationURL,
  }
}

function greeting(url: string, settings: Settings, language: Language): string {
  const texts = GREETING[language]
  return `${texts.what}

  ${texts.calls}${url}/

${texts.env}

${envLines(settings).join('\n')}

${texts.end}
`
}

const GREETING = {
  en: {
    what: 'A simulated OneAccess tenant and a simulated Alipay. Not an identity provider: anyone can log in as anyone.',
    calls: 'watch every call:  ',
    env: 'Set these environment variables for your app:',
    end: 'Press Ctrl+C to stop.',
  },
  zh: {
    what: '模拟器已启动，模拟的是 OneAccess 租户和支付宝。它不是身份提供商：谁都可以用任何身份登录。',
    calls: '实时查看每次调用：',
    env: '应用需要这些环境变量：',
    end: '按 Ctrl+C 结束。',
  },
} satisfies Record<Language, object>
