import type { Settings, StrategyOptions } from '../../lib/options.js'
import { validateOptions } from '../../lib/validate-options.js'
import { error, type Finding, ok, type Words, warning } from './finding.js'
import { reasonOf } from './reasons.js'
import { checkRedisURL } from './redis.js'

/** Environment variables, from the process or from a file. */
export type Env = Record<string, string | undefined>

/** An environment variable, the strategy's option that it sets, and where its value comes from. */
interface Variable {
  name: string
  option: keyof StrategyOptions
  needed: boolean
  source: Words
  secret?: true
}

const VARIABLES: Variable[] = [
  {
    name: 'ONEACCESS_DOMAIN',
    option: 'domain',
    needed: true,
    source: {
      en: "the host of the tenant's own address, such as acme.huaweioneaccess.com",
      zh: '租户的用户访问域名，例如 acme.huaweioneaccess.com',
    },
  },
  {
    name: 'ONEACCESS_CLIENT_ID',
    option: 'clientID',
    needed: true,
    source: {
      en: 'the ClientId of the application at OneAccess',
      zh: 'OneAccess 中该应用的 ClientId',
    },
  },
  {
    name: 'ONEACCESS_CLIENT_SECRET',
    option: 'clientSecret',
    needed: true,
    source: {
      en: 'the ClientSecret of the application at OneAccess',
      zh: 'OneAccess 中该应用的 ClientSecret',
    },
    secret: true,
  },
  {
    name: 'ALIPAY_APP_ID',
    option: 'alipayAppID',
    needed: true,
    source: {
      en: "the app_id of the Alipay app that the tenant's Alipay source uses",
      zh: '租户的支付宝认证源所用支付宝应用的 APPID',
    },
  },
  {
    name: 'CALLBACK_URL',
    option: 'callbackURL',
    needed: true,
    source: {
      en: 'the complete https URL of the callback route',
      zh: '回调路由的完整 https 地址',
    },
  },
  {
    name: 'ALIPAY_AUTHORIZATION_URL',
    option: 'authorizationURL',
    needed: false,
    source: { en: "Alipay's consent page", zh: '支付宝授权页的地址' },
  },
  {
    name: 'ONEACCESS_LOGIN_VERSION',
    option: 'loginVersion',
    needed: false,
    source: { en: 'v3, or v2 if the tenant only has that', zh: 'v3；租户只有 v2 时，设为 v2' },
  },
  {
    name: 'ONEACCESS_REFRESH_WITH',
    option: 'refreshWith',
    needed: false,
    source: {
      en: 'id-token, session-token or signed-id-token',
      zh: 'id-token、session-token 或 signed-id-token',
    },
  },
  {
    name: 'ONEACCESS_TENANT_ID',
    option: 'tenantID',
    needed: false,
    source: { en: 'the tenant of an ISV application', zh: 'ISV 应用的租户 ID' },
  },
]

const COMPLETE = {
  domain: 'example.com',
  clientID: 'x',
  clientSecret: 'x',
  alipayAppID: 'x',
  callbackURL: 'https://example.com/callback',
}

/** Checks each variable on its own, with the strategy's own validation of that option. */
export function checkSettings(env: Env): Finding[] {
  return VARIABLES.flatMap((variable) => {
    const value = env[variable.name]
    if (value === undefined || value === '') {
      return variable.needed
        ? [error(variable.name, { en: 'is not set', zh: '未设置' }, setItTo(variable.source))]
        : []
    }
    return [checkValue(variable, value)]
  })
}

function checkValue({ name, option, source, secret }: Variable, value: string): Finding {
  if (/^\s|\s$/.test(value)) {
    return error(
      name,
      { en: 'starts or ends with whitespace', zh: '首尾有空白字符' },
      { en: 'remove the whitespace', zh: '请去掉首尾的空白字符' },
    )
  }
  if (/^(["'`]).*\1$/s.test(value)) {
    return error(
      name,
      { en: 'has quotation marks around it', zh: '值的两边有引号' },
      {
        en: 'remove them, or read the file with a parser that does',
        zh: '请去掉引号，或换用会去掉引号的工具读取该文件',
      },
    )
  }
  if (/^<.*>$|^\$\{?\w+\}?$|^(changeme|your[-_ ].*|xxx+)$/i.test(value)) {
    return error(name, { en: 'is a placeholder', zh: '还是占位符' }, setItTo(source))
  }
  const scheme = checkScheme(name, value)
  if (scheme !== undefined) return scheme
  try {
    validateOptions({ ...COMPLETE, [option]: value })
  } catch (thrown) {
    return error(name, reasonOf(thrown), setItTo(source))
  }
  return ok(
    name,
    secret
      ? { en: `is set, ${value.length} characters`, zh: `已设置，${value.length} 个字符` }
      : { en: `is ${value}`, zh: value },
  )
}

function setItTo(source: Words): Words {
  return { en: `set it to ${source.en}`, zh: `请设为：${source.zh}` }
}

/** A callback URL must not use the URL scheme of a phone app, Alipay's or the app's own. */
function checkScheme(name: string, value: string): Finding | undefined {
  const scheme = /^([a-z][\w+.-]*):(?!\d)/i.exec(value)?.[1]?.toLowerCase()
  if (name !== 'CALLBACK_URL' || scheme === undefined || /^https?$/.test(scheme)) return undefined
  const change = {
    en: 'set it to the https URL of a route on your server, where Alipay sends the browser. A native app posts its code to a route with flow app, and needs no callback',
    zh: '请设为服务器上回调路由的 https 地址：支付宝会让浏览器跳转到该地址。原生应用把授权码提交到 app 流程的路由，不需要回调地址',
  }
  if (/^alipays?$/.test(scheme)) {
    const says = {
      en: `is an ${scheme}: link, which opens the Alipay app: a login can start there, but cannot return there`,
      zh: `是 ${scheme}: 链接，用于打开支付宝客户端：可以由它发起登录，但不能作为回调地址`,
    }
    return error(name, says, change)
  }
  const says = {
    en: `starts with ${scheme}:, the URL scheme of an app, but a web login returns to a server`,
    zh: `以 ${scheme}: 开头，这是 App 的自定义协议；网页登录必须回到服务器`,
  }
  return error(name, says, change)
}

/** The settings as the strategy validates them; undefined if one is wrong. */
export function settingsOf(env: Env): Settings | undefined {
  const given = VARIABLES.map(({ name, option }) => [option, env[name]] as const)
  try {
    return validateOptions(Object.fromEntries(given.filter(([, value]) => value)) as never)
  } catch {
    return undefined
  }
}

/** Checks the variables that only the app reads. */
export function checkApp(env: Env): Finding[] {
  const findings: Finding[] = []
  const { SESSION_SECRET, TOKEN_SECRET, NODE_ENV, REDIS_URL, PORT } = env
  const production = NODE_ENV === 'production'
  if (SESSION_SECRET) findings.push(checkSecrets('SESSION_SECRET', SESSION_SECRET, warning))
  else if (production)
    findings.push(error('SESSION_SECRET', { en: 'is not set', zh: '未设置' }, MAKE_ONE))
  if (TOKEN_SECRET) findings.push(checkSecrets('TOKEN_SECRET', TOKEN_SECRET, error))
  else if (production && REDIS_URL) {
    const says = {
      en: 'is not set: tokens are stored in Redis unencrypted',
      zh: '未设置，令牌以明文保存在 Redis 中',
    }
    findings.push(
      warning('TOKEN_SECRET', says, {
        en: `${MAKE_ONE.en}, the same in every process`,
        zh: `${MAKE_ONE.zh}，各进程必须相同`,
      }),
    )
  }
  if (REDIS_URL) findings.push(checkRedisURL(REDIS_URL))
  else if (production) {
    findings.push(
      warning(
        'REDIS_URL',
        { en: 'is not set', zh: '未设置' },
        {
          en: 'one process needs none; several processes need one',
          zh: '单进程部署不需要，多进程部署需要',
        },
      ),
    )
  }
  if (PORT) {
    const fits = /^\d{1,5}$/.test(PORT) && Number(PORT) < 65_536
    findings.push(
      fits
        ? ok('PORT', { en: `is ${PORT}`, zh: PORT })
        : error(
            'PORT',
            { en: 'is not a port', zh: '不是端口号' },
            { en: 'set it to a number from 0 to 65535', zh: '请设为 0 到 65535' },
          ),
    )
  }
  return findings
}

const MAKE_ONE = {
  en: 'generate one with openssl rand -hex 32',
  zh: '请设置：可以用 openssl rand -hex 32 生成',
}

/** One secret, or several separated by commas. The first one is used for new data. */
function checkSecrets(name: string, value: string, tooShort: typeof error): Finding {
  const secrets = value.split(',').map((one) => one.trim())
  const shortest = Math.min(...secrets.map(({ length }) => length))
  if (shortest < 32) {
    return tooShort(
      name,
      { en: `has ${shortest} characters`, zh: `只有 ${shortest} 个字符` },
      {
        en: `use 32 or more: ${MAKE_ONE.en}`,
        zh: '至少需要 32 个字符，可以用 openssl rand -hex 32 生成',
      },
    )
  }
  if (new Set(secrets).size < secrets.length) {
    return warning(
      name,
      { en: 'contains a secret twice', zh: '有重复的密钥' },
      {
        en: 'list each secret once, the current one first',
        zh: '每个密钥只写一次，当前使用的放在最前面',
      },
    )
  }
  const [first = ''] = secrets
  if (secrets.length === 1)
    return ok(name, {
      en: `is set, ${first.length} characters`,
      zh: `已设置，${first.length} 个字符`,
    })
  const says = `has ${secrets.length} secrets: the first is used for new data, all are accepted`
  return ok(name, {
    en: `${says}. Every process must have the first one before any process uses it`,
    zh: `有 ${secrets.length} 个密钥：第一个用于加密新数据，全部可用于解密。把新密钥放到第一个之前，请确认所有进程都已配置它`,
  })
}
