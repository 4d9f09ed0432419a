import { hkdfSync, randomBytes } from 'node:crypto'
import type { LoginVersion, RefreshWith, StrategyOptions } from 'passport-oneaccess-alipay'
import type { Simulator, SimulatorOptions } from 'passport-oneaccess-alipay/simulator'
import { terminalLanguage, type Words } from './language.js'

/** The shop's settings. */
export interface Config {
  /** The strategy's options. Where tokens are kept is decided in stores.ts. */
  oneaccess: StrategyOptions & { callbackURL: string; passReqToCallback?: false }
  /**
   * The first one signs cookies and all are accepted, so a secret can be replaced without logging
   * anyone out.
   */
  sessionSecrets: string[]
  /**
   * The first one encrypts stored tokens and all can decrypt them. Empty: tokens are stored
   * unencrypted.
   */
  tokenSecrets: string[]
  /** In production cookies require https, and the proxy in front is trusted. */
  production: boolean
  /** Shown on the pages when the simulator replaces a tenant. */
  demo?: Demo
}

export interface Demo {
  /** The simulator's own page. */
  consoleURL: string
  /** The contact of someone who is already a user of the tenant. */
  mobile: string
  email: string
}

type Env = NodeJS.ProcessEnv

/** The settings are wrong. The message names each variable. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'

  constructor(problems: readonly Problem[], env: Env) {
    const language = terminalLanguage(env)
    super([WRONG[language], ...problems.map((one) => `  ${one[language]}`)].join('\n'))
  }
}

type Problem = Words<string>

const WRONG: Problem = { zh: '环境变量有误：', en: 'the environment variables are wrong:' }

const CALLBACK_PATH = '/auth/alipay/callback'
const TENANT = ['ONEACCESS_CLIENT_ID', 'ONEACCESS_CLIENT_SECRET', 'ALIPAY_APP_ID', 'CALLBACK_URL']
const LOOPBACK_APP = 'http://127.0.0.1'

/** Whether there is no tenant, so that the simulator replaces it. */
export function isSimulated(env: Env): boolean {
  return !env.ONEACCESS_DOMAIN
}

/** Reports everything that is wrong with the environment at once. */
export function checkEnvironment(env: Env): void {
  const production = env.NODE_ENV === 'production'
  const needed = isSimulated(env) ? [] : TENANT
  const secret = production ? ['SESSION_SECRET'] : []
  const problems = [...needed, ...secret]
    .filter((name) => !env[name])
    .map((name) => ({ zh: `没有设置 ${name}`, en: `${name} is missing` }))
  if (isSimulated(env)) problems.push(...simulatedProblems(env, production))
  problems.push(...valueProblems(env))
  if (problems.length > 0) throw new ConfigurationError(problems, env)
}

function simulatedProblems(env: Env, production: boolean): Problem[] {
  return [
    ...(production
      ? [
          {
            zh: '没有设置 ONEACCESS_DOMAIN：模拟器允许任何人登录，不能用于生产环境',
            en: 'ONEACCESS_DOMAIN is missing: the simulator lets anyone in, so it must not run in production',
          },
        ]
      : []),
    ...(env.ALIPAY_AUTHORIZATION_URL
      ? [
          {
            zh: '设置了 ALIPAY_AUTHORIZATION_URL，却没有设置 ONEACCESS_DOMAIN：模拟器使用自己的授权页',
            en: 'ALIPAY_AUTHORIZATION_URL is set without ONEACCESS_DOMAIN: the simulator has its own',
          },
        ]
      : []),
  ]
}

function valueProblems(env: Env): Problem[] {
  const checks: [name: string, fits: (value: string) => boolean, en: string, zh: string][] = [
    [
      'PORT',
      (value) => /^\d{1,5}$/.test(value) && Number(value) < 65_536,
      'a port, 0 to 65535',
      '端口号，0 到 65535',
    ],
    ['ONEACCESS_LOGIN_VERSION', (value) => /^v[23]$/.test(value), 'v3 or v2', 'v3 或 v2'],
    [
      'ONEACCESS_REFRESH_WITH',
      (value) => /^((signed-)?id|session)-token$/.test(value),
      'id-token, session-token or signed-id-token',
      'id-token、session-token 或 signed-id-token',
    ],
    [
      'TOKEN_SECRET',
      (value) => listOf(value, []).every((one) => one.length >= 32),
      'one secret of 32 characters or more, or several separated by commas',
      '至少 32 个字符的密钥，多个密钥以英文逗号分隔',
    ],
    [
      'SESSION_SECRET',
      (value) => listOf(value, []).every((one) => one !== ''),
      'one secret, or several separated by commas',
      '密钥，多个密钥以英文逗号分隔',
    ],
    [
      'REDIS_URL',
      (value) => /^rediss?:\/\//.test(value) && URL.canParse(value),
      'a redis:// URL',
      'redis:// 地址',
    ],
    [
      'CALLBACK_URL',
      (value) => URL.canParse(value) && new URL(value).pathname.endsWith(CALLBACK_PATH),
      `an absolute URL that ends in ${CALLBACK_PATH}`,
      `以 ${CALLBACK_PATH} 结尾的完整地址`,
    ],
  ]
  return checks
    .filter(([name, fits]) => env[name] && !fits(env[name]))
    .map(([name, , en, zh]) => ({
      zh: `${name} 的值无效，应为：${zh}`,
      en: `${name} must be ${en}`,
    }))
}

/** The port to listen on. */
export function portOf(env: Env): number {
  return Number(env.PORT || 3000)
}

/** The simulator's options. Variables that describe a tenant apply to the simulated one too. */
export function simulatorOptionsOf(env: Env): SimulatorOptions {
  return {
    // short, so that a visitor sees an id_token being renewed
    idTokenLife: 60,
    ...(env.ONEACCESS_CLIENT_ID ? { clientID: env.ONEACCESS_CLIENT_ID } : {}),
    ...(env.ONEACCESS_CLIENT_SECRET ? { clientSecret: env.ONEACCESS_CLIENT_SECRET } : {}),
    ...(env.ALIPAY_APP_ID ? { alipayAppID: env.ALIPAY_APP_ID } : {}),
    ...(env.ONEACCESS_TENANT_ID ? { tenantID: env.ONEACCESS_TENANT_ID } : {}),
    ...(env.CALLBACK_URL ? { callbackURLs: [env.CALLBACK_URL] } : {}),
  }
}

/** The shop's settings, from variables that have been checked. */
export function readConfig(env: Env, simulator: Simulator | undefined, port: number): Config {
  const { ONEACCESS_LOGIN_VERSION: version, ONEACCESS_REFRESH_WITH: refreshWith } = env
  const authorizationURL = simulator?.authorizationURL ?? env.ALIPAY_AUTHORIZATION_URL
  const oneaccess = {
    domain: simulator?.domain ?? env.ONEACCESS_DOMAIN,
    clientID: simulator?.clientID ?? env.ONEACCESS_CLIENT_ID,
    clientSecret: simulator?.clientSecret ?? env.ONEACCESS_CLIENT_SECRET,
    alipayAppID: simulator?.alipayAppID ?? env.ALIPAY_APP_ID,
    callbackURL: env.CALLBACK_URL || `${LOOPBACK_APP}:${port}${CALLBACK_PATH}`,
    ...(authorizationURL ? { authorizationURL } : {}),
    ...(version ? { loginVersion: version as LoginVersion } : {}),
    ...(refreshWith ? { refreshWith: refreshWith as RefreshWith } : {}),
    ...(env.ONEACCESS_TENANT_ID ? { tenantID: env.ONEACCESS_TENANT_ID } : {}),
  }
  return {
    oneaccess,
    sessionSecrets: listOf(env.SESSION_SECRET, [derivedSecret(oneaccess.clientSecret)]),
    tokenSecrets: listOf(env.TOKEN_SECRET, []),
    production: env.NODE_ENV === 'production',
    ...(simulator ? { demo: demoOf(simulator) } : {}),
  }
}

function demoOf({ url, people }: Simulator): Demo {
  const { mobile = '', email = '' } = people.find((one) => one.mobile && one.email) ?? {}
  return { consoleURL: url, mobile, email }
}

/** Several values of a secret are separated by commas. */
function listOf(value: string | undefined, otherwise: string[]): string[] {
  return value ? value.split(',').map((one) => one.trim()) : otherwise
}

/**
 * For development: the same in every process of one tenant, so that each accepts the others'
 * cookies.
 */
function derivedSecret(clientSecret: string | undefined): string {
  const key = clientSecret ?? randomBytes(32)
  return Buffer.from(hkdfSync('sha256', key, '', 'session cookies', 32)).toString('hex')
}
