import { arePeople, type Person } from './people.js'

/** The three documented calls that renew an id_token. */
export type RefreshCall = 'id-token' | 'session-token' | 'signed-id-token'

const REFRESH_CALLS: RefreshCall[] = ['id-token', 'session-token', 'signed-id-token']

/** What a tenant can be set to. A test or the console may change each while the simulator runs. */
export interface SimulatorSettings {
  /**
   * What a refresh does to the session token. `never`: the same one is answered. `always`: a new one,
   * the old one dies at once. `grace`: a new one, the old one is honoured for `graceSeconds` and
   * answers that same new one. Default `never`.
   */
  rotation: 'never' | 'always' | 'grace'
  /** Seconds; default 10. */
  graceSeconds: number
  /** A replaced session token is refused, or ends its whole session too. Default `refuse`. */
  reuse: 'refuse' | 'end'
  /** Refreshes answer without `session_token`, and so never renew it. Default false. */
  omitSessionToken: boolean
  /** Whether a login's answer holds an id_token. Default true. */
  idTokenAtLogin: boolean
  /** Seconds; default 300. */
  idTokenLife: number
  /** Seconds that a session token lives; default 604800. */
  sessionLife: number
  /** Seconds that an access_token lives; default 1800. */
  accessTokenLife: number
  /** The two claim shapes of docs/wire.md#id_token; default `claims`. */
  idTokenShape: 'claims' | 'api'
  /** Default `RS256`. */
  idTokenAlgorithm: 'RS256' | 'RS512'
  /** The three answers of docs/wire.md#sso_ticket-to-user; default `data.user`. */
  userShape: 'data.user' | 'data' | 'flat'
  /** HTTP status of a spent access_token; default 400. */
  credentialErrors: 400 | 401
  /** When set, this is an ISV application: X-tenant-id is mandatory and must be this. */
  tenantID: string | undefined
  /** The login paths that are there; the other one answers 404. Default both. */
  loginVersions: ('v2' | 'v3')[]
  /** The refresh calls that are there; the others answer 404. Default all three. */
  refreshCalls: RefreshCall[]
  /** Whose error codes are answered (docs/wire.md#error-codes); default `oneaccess`. */
  product: 'oneaccess' | 'ciam'
}

export interface SimulatorOptions extends Partial<SimulatorSettings> {
  /** Default 0: any free one. */
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
  /** `redirect_uri` must be one of them; default: any http(s) address on loopback. */
  callbackURLs?: string[]
  /** Default: the built-in cast. */
  people?: Person[]
}

/** What a value must be, and how that is said. */
interface Rule {
  fits: (value: unknown) => boolean
  says: string
}

const isText = (value: unknown) => typeof value === 'string' && value !== ''
const seconds: Rule = {
  fits: (value) => typeof value === 'number' && value >= 0,
  says: 'a number of seconds',
}
const flag: Rule = { fits: (value) => typeof value === 'boolean', says: 'true or false' }
const text: Rule = { fits: isText, says: 'a text that is not empty' }
const oneOf = (...values: unknown[]): Rule => ({
  fits: (value) => values.includes(value),
  says: values.join(' or '),
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
  tenantID: { fits: (value) => value === undefined || isText(value), says: text.says },
  loginVersions: {
    fits: (value) => Array.isArray(value) && value.every(oneOf('v2', 'v3').fits),
    says: 'a list of v2 and v3',
  },
  refreshCalls: {
    fits: (value) => Array.isArray(value) && value.every(oneOf(...REFRESH_CALLS).fits),
    says: `a list of ${REFRESH_CALLS.join(', ')}`,
  },
  product: oneOf('oneaccess', 'ciam'),
}

const optionRules: Record<string, Rule> = {
  ...settingRules,
  port: {
    fits: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 65536,
    says: 'an integer from 0 to 65535',
  },
  host: text,
  allowRemote: flag,
  clientID: text,
  clientSecret: text,
  alipayAppID: text,
  callbackURLs: {
    fits: (value) => Array.isArray(value) && value.every(isText),
    says: 'a list of addresses',
  },
  people: { fits: arePeople, says: 'a list of people, each with id, userName, name and outcome' },
}

/** The settings at the start. A wrong or unknown option is a TypeError that names it. */
export function readSettings(options: SimulatorOptions): SimulatorSettings {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(optionRules, name) ? optionRules[name] : undefined
    if (!rule) throw new TypeError(`unknown option ${name}`)
    if (value !== undefined) demand(rule, `option ${name}`, value)
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

/** One setting, checked: how the console and the command line change it. */
export function changeSetting(settings: SimulatorSettings, name: string, value: unknown): void {
  if (!Object.hasOwn(settingRules, name)) throw new TypeError(`unknown setting ${name}`)
  demand(settingRules[name as keyof SimulatorSettings], `setting ${name}`, value)
  Object.assign(settings, { [name]: value })
}

function demand({ fits, says }: Rule, name: string, value: unknown): void {
  if (!fits(value)) throw new TypeError(`${name} must be ${says}`)
}
