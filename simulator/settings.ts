import { arePeople, type Person } from './people.js'
import { UsageError, type Words } from './words.js'

/** The three documented calls that renew an id_token. */
export type RefreshCall = 'id-token' | 'session-token' | 'signed-id-token'

const REFRESH_CALLS: RefreshCall[] = ['id-token', 'session-token', 'signed-id-token']

/**
 * The settings of the simulated tenant. A test or the console may change each while the simulator
 * runs.
 */
export interface SimulatorSettings {
  /**
   * What a refresh does to the session token. `never`: returns the same one. `always`: returns a
   * new one, and the old one ends at once. `grace`: returns a new one; the old one is accepted for
   * `graceSeconds` more and gets that same new one. Default `never`.
   */
  rotation: 'never' | 'always' | 'grace'
  /** Seconds; default 10. */
  graceSeconds: number
  /**
   * What happens when a replaced session token is used: `refuse` refuses it, `end` also ends its
   * session. Default `refuse`.
   */
  reuse: 'refuse' | 'end'
  /** Refreshes return no `session_token`, and so never renew it. Default false. */
  omitSessionToken: boolean
  /** Whether a login returns an id_token. Default true. */
  idTokenAtLogin: boolean
  /** Seconds; default 300. */
  idTokenLife: number
  /** Lifetime of a session token in seconds; default 604800. */
  sessionLife: number
  /** Lifetime of an access_token in seconds; default 1800. */
  accessTokenLife: number
  /** Which of the two claim shapes in docs/wire.md#id_token to use; default `claims`. */
  idTokenShape: 'claims' | 'api'
  /** Default `RS256`. */
  idTokenAlgorithm: 'RS256' | 'RS512'
  /** Which of the three answers in docs/wire.md#sso_ticket-to-user to use; default `data.user`. */
  userShape: 'data.user' | 'data' | 'flat'
  /** HTTP status for an expired access_token; default 400. */
  credentialErrors: 400 | 401
  /** If set, the application is an ISV's: X-tenant-id is mandatory and must have this value. */
  tenantID: string | undefined
  /** The login paths that exist; the other one returns 404. Default both. */
  loginVersions: ('v2' | 'v3')[]
  /** The refresh calls that exist; the others return 404. Default all three. */
  refreshCalls: RefreshCall[]
  /** Which product's error codes to return (docs/wire.md#error-codes); default `oneaccess`. */
  product: 'oneaccess' | 'ciam'
}

export interface SimulatorOptions extends Partial<SimulatorSettings> {
  /** Default 0: any free port. */
  port?: number
  /** Default 127.0.0.1. Anything but loopback is refused unless `allowRemote` is true. */
  host?: string
  allowRemote?: boolean
  /** Default `simulated-client`. */
  clientID?: string
  /** Default: a random one. */
  clientSecret?: string
  /** 16 digits; default 2021000000000001. */
  alipayAppID?: string
  /** The allowed values of `redirect_uri`; default: any http(s) address on loopback. */
  callbackURLs?: string[]
  /** Default: `defaultPeople()`. */
  people?: Person[]
}

/** What a value must be, and how an error describes it. */
interface Rule {
  fits: (value: unknown) => boolean
  description: Words
}

const isText = (value: unknown) => typeof value === 'string' && value !== ''
const seconds: Rule = {
  fits: (value) => typeof value === 'number' && value >= 0,
  description: { en: 'a number of seconds', zh: '不小于 0 的秒数' },
}
const flag: Rule = {
  fits: (value) => typeof value === 'boolean',
  description: { en: 'true or false', zh: 'true 或 false' },
}
const nonEmpty: Rule = {
  fits: isText,
  description: { en: 'a non-empty string', zh: '非空字符串' },
}
const oneOf = (...values: unknown[]): Rule => ({
  fits: (value) => values.includes(value),
  description: { en: values.join(' or '), zh: values.join(' 或 ') },
})

const settingRules: Record<keyof SimulatorSettings, Rule> = {
  rotation: oneOf('never', 'always', 'grace'),
  graceSeconds: seconds,
  reuse: oneOf('refuse', 'end'),
  omitSessionToken: flag,
  idTokenAtLogin: flag,
  idTokenLife: seconds,
  sessionLife: seconds,
  accessTokenLife: seconds,
  idTokenShape: oneOf('claims', 'api'),
  idTokenAlgorithm: oneOf('RS256', 'RS512'),
  userShape: oneOf('data.user', 'data', 'flat'),
  credentialErrors: oneOf(400, 401),
  tenantID: {
    fits: (value) => value === undefined || isText(value),
    description: nonEmpty.description,
  },
  loginVersions: {
    fits: (value) => Array.isArray(value) && value.every(oneOf('v2', 'v3').fits),
    description: { en: 'a list of v2 and v3', zh: '由 v2、v3 组成的列表' },
  },
  refreshCalls: {
    fits: (value) => Array.isArray(value) && value.every(oneOf(...REFRESH_CALLS).fits),
    description: {
      en: `a list of ${REFRESH_CALLS.join(', ')}`,
      zh: `由 ${REFRESH_CALLS.join('、')} 组成的列表`,
    },
  },
  product: oneOf('oneaccess', 'ciam'),
}

const optionRules: Record<string, Rule> = {
  ...settingRules,
  port: {
    fits: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 65536,
    description: { en: 'an integer from 0 to 65535', zh: '0 到 65535 的整数' },
  },
  host: nonEmpty,
  allowRemote: flag,
  clientID: nonEmpty,
  clientSecret: nonEmpty,
  alipayAppID: nonEmpty,
  callbackURLs: {
    fits: (value) => Array.isArray(value) && value.every(isText),
    description: { en: 'a list of addresses', zh: '地址列表' },
  },
  people: {
    fits: arePeople,
    description: {
      en: 'a list of people, each with id, userName, name and outcome',
      zh: '用户列表，每个用户都要有 id、userName、name 和 outcome',
    },
  },
}

/** The initial settings. A wrong or unknown option is a TypeError that names it. */
export function readSettings(options: SimulatorOptions): SimulatorSettings {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(optionRules, name) ? optionRules[name] : undefined
    if (!rule) throw new UsageError({ en: `unknown option ${name}`, zh: `未知选项 ${name}` })
    const what = { en: `option ${name}`, zh: `选项 ${name}` }
    if (value !== undefined) check(rule, what, value)
  }
  return {
    rotation: options.rotation ?? 'never',
    graceSeconds: options.graceSeconds ?? 10,
    reuse: options.reuse ?? 'refuse',
    omitSessionToken: options.omitSessionToken ?? false,
    idTokenAtLogin: options.idTokenAtLogin ?? true,
    idTokenLife: options.idTokenLife ?? 300,
    sessionLife: options.sessionLife ?? 604_800,
    accessTokenLife: options.accessTokenLife ?? 1800,
    idTokenShape: options.idTokenShape ?? 'claims',
    idTokenAlgorithm: options.idTokenAlgorithm ?? 'RS256',
    userShape: options.userShape ?? 'data.user',
    credentialErrors: options.credentialErrors ?? 400,
    tenantID: options.tenantID,
    loginVersions: options.loginVersions ?? ['v2', 'v3'],
    refreshCalls: options.refreshCalls ?? [...REFRESH_CALLS],
    product: options.product ?? 'oneaccess',
  }
}

/** Checks and changes one setting, for the console and the command line. */
export function changeSetting(settings: SimulatorSettings, name: string, value: unknown): void {
  if (!Object.hasOwn(settingRules, name))
    throw new UsageError({ en: `unknown setting ${name}`, zh: `未知配置项 ${name}` })
  const what = { en: `setting ${name}`, zh: `配置项 ${name}` }
  check(settingRules[name as keyof SimulatorSettings], what, value)
  Object.assign(settings, { [name]: value })
}

function check({ fits, description }: Rule, what: Words, value: unknown): void {
  if (fits(value)) return
  const en = `${what.en} must be ${description.en}`
  throw new UsageError({ en, zh: `${what.zh} 的值无效，应为：${description.zh}` })
}
