import type { Settings, StrategyOptions } from '../../lib/options.js'
import { validateOptions } from '../../lib/validate-options.js'
import { error, type Finding, ok, warning } from './finding.js'

/** The environment, or what a file says of it. */
export type Env = Record<string, string | undefined>

/** A variable, the option of the strategy that it stands for, and where its value comes from. */
interface Variable {
  name: string
  option: keyof StrategyOptions
  needed: boolean
  source: string
  secret?: true
}

const VARIABLES: Variable[] = [
  {
    name: 'ONEACCESS_DOMAIN',
    option: 'domain',
    needed: true,
    source: "the host of the tenant's own address, such as acme.huaweioneaccess.com",
  },
  {
    name: 'ONEACCESS_CLIENT_ID',
    option: 'clientID',
    needed: true,
    source: 'the ClientId of the application at OneAccess',
  },
  {
    name: 'ONEACCESS_CLIENT_SECRET',
    option: 'clientSecret',
    needed: true,
    source: 'the ClientSecret of the application at OneAccess',
    secret: true,
  },
  {
    name: 'ALIPAY_APP_ID',
    option: 'alipayAppID',
    needed: true,
    source: "the app_id of the Alipay app that the tenant's Alipay source is set up with",
  },
  {
    name: 'CALLBACK_URL',
    option: 'callbackURL',
    needed: true,
    source: 'the whole https address of the callback route',
  },
  {
    name: 'ALIPAY_AUTHORIZATION_URL',
    option: 'authorizationURL',
    needed: false,
    source: "Alipay's consent page",
  },
  {
    name: 'ONEACCESS_LOGIN_VERSION',
    option: 'loginVersion',
    needed: false,
    source: 'v3, or v2 where the tenant has that one',
  },
  {
    name: 'ONEACCESS_REFRESH_WITH',
    option: 'refreshWith',
    needed: false,
    source: 'id-token, session-token or signed-id-token',
  },
  {
    name: 'ONEACCESS_TENANT_ID',
    option: 'tenantID',
    needed: false,
    source: 'the tenant of an ISV application',
  },
]

const COMPLETE = {
  domain: 'example.com',
  clientID: 'x',
  clientSecret: 'x',
  alipayAppID: 'x',
  callbackURL: 'https://example.com/callback',
}

/** Each variable by itself: the strategy's own check of that option decides. */
export function lookAtSettings(env: Env): Finding[] {
  return VARIABLES.flatMap((variable) => {
    const value = env[variable.name]
    if (value === undefined || value === '') {
      return variable.needed
        ? [error(variable.name, 'is not set', `set it to ${variable.source}`)]
        : []
    }
    return [lookAtValue(variable, value)]
  })
}

function lookAtValue({ name, option, source, secret }: Variable, value: string): Finding {
  if (/^\s|\s$/.test(value)) {
    return error(name, 'begins or ends with white space', 'take the white space away')
  }
  if (/^(["'`]).*\1$/s.test(value)) {
    return error(
      name,
      'has quotation marks around it',
      'take them away, or read the file with a reader that does',
    )
  }
  if (/^<.*>$|^\$\{?\w+\}?$|^(changeme|your[-_ ].*|xxx+)$/i.test(value)) {
    return error(name, 'is a placeholder', `set it to ${source}`)
  }
  try {
    validateOptions({ ...COMPLETE, [option]: value })
  } catch (thrown) {
    return error(name, reasonOf(thrown), `set it to ${source}`)
  }
  return ok(name, secret ? `is set, ${value.length} characters` : `is ${value}`)
}

/** What the strategy says of an option, without the option's name. */
function reasonOf(error: unknown): string {
  return String((error as Error).message).replace(/^.*?: option \S+ /, '')
}

/** The settings as the strategy would have them; undefined when one is wrong. */
export function settingsOf(env: Env): Settings | undefined {
  const given = VARIABLES.map(({ name, option }) => [option, env[name]] as const)
  try {
    return validateOptions(Object.fromEntries(given.filter(([, value]) => value)) as never)
  } catch {
    return undefined
  }
}

/** The variables that the app reads, and the strategy does not. */
export function lookAtTheApp(env: Env): Finding[] {
  const findings: Finding[] = []
  const { SESSION_SECRET, TOKEN_SECRET, NODE_ENV, REDIS_URL, PORT } = env
  const production = NODE_ENV === 'production'
  if (SESSION_SECRET) findings.push(lookAtSecrets('SESSION_SECRET', SESSION_SECRET, warning))
  else if (production) findings.push(error('SESSION_SECRET', 'is not set', MAKE_ONE))
  if (TOKEN_SECRET) findings.push(lookAtSecrets('TOKEN_SECRET', TOKEN_SECRET, error))
  else if (production && REDIS_URL) {
    const says = 'is not set: tokens lie in Redis as they are'
    findings.push(warning('TOKEN_SECRET', says, `${MAKE_ONE}, the same in every process`))
  }
  if (REDIS_URL) findings.push(lookAtRedis(REDIS_URL))
  else if (production) {
    findings.push(
      warning('REDIS_URL', 'is not set', 'one process needs none; several processes need one'),
    )
  }
  if (PORT) {
    const fits = /^\d{1,5}$/.test(PORT) && Number(PORT) < 65_536
    findings.push(
      fits ? ok('PORT', `is ${PORT}`) : error('PORT', 'is no port', 'set it to 0 to 65535'),
    )
  }
  return findings
}

const MAKE_ONE = 'set it: openssl rand -hex 32 makes one'

/** One secret, or several with commas between them, the first of which is used for what is new. */
function lookAtSecrets(name: string, value: string, tooShort: typeof error): Finding {
  const secrets = value.split(',').map((one) => one.trim())
  const shortest = Math.min(...secrets.map(({ length }) => length))
  if (shortest < 32) {
    return tooShort(name, `has ${shortest} characters`, `use 32 or more: ${MAKE_ONE}`)
  }
  if (new Set(secrets).size < secrets.length) {
    return warning(name, 'names one secret twice', 'name each once: first the one to use')
  }
  const [first = ''] = secrets
  if (secrets.length === 1) return ok(name, `is set, ${first.length} characters`)
  const says = `has ${secrets.length} secrets: the first is used for what is new, all are accepted`
  return ok(name, `${says}. Every process must know the first before one uses it`)
}

function lookAtRedis(url: string): Finding {
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol)) {
    return error(
      'REDIS_URL',
      'is no redis:// or rediss:// address',
      'set it to one, such as redis://127.0.0.1:6379',
    )
  }
  return ok('REDIS_URL', `is on ${new URL(url).host}`)
}
