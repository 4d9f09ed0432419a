import type { OneAccessError } from '../../lib/errors.js'
import type { CredentialAuth } from '../../lib/oneaccess/access-token.js'
import type { LoginVersion } from '../../lib/oneaccess/client.js'
import type { Settings } from '../../lib/options.js'
import { isObject } from '../../lib/util/json.js'
import { adviceOn } from './advice.js'
import { error, type Finding, ok, skipped, warning } from './finding.js'
import { checkIDToken } from './id-token.js'
import { judgeTenantCall, unexpectedRefusal } from './judge.js'
import { madeUpValue, Probe, refusalOf, summaryOf } from './probe.js'
import { askForRefreshes, checkApplication, checkRefreshes } from './refreshes.js'
import type { Env } from './settings.js'

const NO_ANSWER = new Set(['unreachable', 'tls_untrusted', 'connection_lost', 'timeout'])

/**
 * Calls the tenant without changing anything there. Everything it sends is made up: the way in
 * which the tenant refuses a value shows whether it would accept a real one.
 */
export async function checkTenant(
  settings: Settings,
  env: Env,
  idToken?: string,
): Promise<Finding[]> {
  const probe = new Probe(settings, env)
  const keys = await checkKeys(probe)
  if (keys.reached.result === 'error') return [keys.reached]
  const findings = [keys.reached, checkClock(probe), keys.found]
  const credential = await checkCredential(probe)
  if (isForeign(keys.refusal) && isForeign(credential.refusal)) {
    return [keys.reached, checkClock(probe), foreign(probe.settings.origin)]
  }
  const refreshes = await askForRefreshes(probe, credential.auth)
  findings.push(credential.found, checkApplication(refreshes))
  if (credential.auth === undefined) {
    const says = {
      en: 'not checked, because the API credential is refused',
      zh: '未检查，因为访问凭据被拒绝',
    }
    findings.push(...['the ticket call', 'the user call'].map((about) => skipped(about, says)))
  } else {
    findings.push(...(await checkTenantCalls(probe, credential.auth)))
  }
  findings.push(checkRefreshes(refreshes, settings.refreshWith), await checkLogin(probe))
  return [...findings, ...(await checkIDToken(probe, idToken))]
}

/** Whether the answer is not OneAccess's: a web page, or nothing at the documented path. */
function isForeign(refusal: OneAccessError | undefined): boolean {
  return refusal?.code === 'unexpected_answer' || refusal?.httpStatus === 404
}

function foreign(origin: string): Finding {
  const change = {
    en: "set ONEACCESS_DOMAIN to the tenant's user access domain, not the administrators'",
    zh: '请把 ONEACCESS_DOMAIN 设为租户的用户访问域名，而不是管理门户的域名',
  }
  return error(
    'OneAccess',
    {
      en: `${origin} answers, but not as OneAccess does`,
      zh: `${origin} 有响应，但不像是 OneAccess`,
    },
    change,
  )
}

/** The result of checking one call. */
interface CheckedCall {
  found: Finding
  refusal?: OneAccessError | undefined
}

async function checkKeys(probe: Probe): Promise<CheckedCall & { reached: Finding }> {
  let answer: unknown
  const refusal = await refusalOf(probe.keys().then((keys) => (answer = keys)))
  if (refusal && NO_ANSWER.has(refusal.code)) {
    const reached = error(
      'the connection',
      { en: `no answer (${summaryOf(refusal)})`, zh: `没有响应（${summaryOf(refusal)}）` },
      adviceOn(refusal),
    )
    return {
      reached,
      refusal,
      found: skipped('JWKS', { en: 'the tenant does not answer', zh: '租户没有响应' }),
    }
  }
  const reached = ok('the connection', {
    en: `${probe.settings.origin} answers`,
    zh: `${probe.settings.origin} 有响应`,
  })
  const keys = isObject(answer) && Array.isArray(answer.keys) ? answer.keys : []
  const found =
    keys.length > 0
      ? ok('JWKS', {
          en: `${keys.length} signing keys at /api/v1/oauth2/keys`,
          zh: `/api/v1/oauth2/keys 有 ${keys.length} 个签名公钥`,
        })
      : warning(
          'JWKS',
          {
            en: `no signing keys at /api/v1/oauth2/keys${refusal ? ` (${summaryOf(refusal)})` : ''}`,
            zh: `/api/v1/oauth2/keys 没有签名公钥${refusal ? `（${summaryOf(refusal)}）` : ''}`,
          },
          {
            en: 'logins do not need them, only services that check id_tokens do',
            zh: '登录不需要签名公钥，只有校验 id_token 时才需要',
          },
        )
  return { reached, refusal, found }
}

function checkClock({ ahead }: Probe): Finding {
  const about = 'the clock'
  if (ahead === undefined)
    return skipped(about, {
      en: 'the tenant does not send its time',
      zh: '租户的响应中没有时间',
    })
  const seconds = Math.round(Math.abs(ahead) / 1000)
  if (seconds < 10) return ok(about, { en: "agrees with the tenant's", zh: '与租户一致' })
  const says = {
    en: `is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} the tenant's`,
    zh: `比租户${ahead > 0 ? '快' : '慢'} ${seconds} 秒`,
  }
  const change = {
    en: "synchronize this machine's clock with NTP: it decides when a token has expired",
    zh: '请用 NTP 校准本机时钟：令牌是否到期，按本机时钟判断',
  }
  return seconds < 60 ? warning(about, says, change) : error(about, says, change)
}

async function checkCredential(
  probe: Probe,
): Promise<CheckedCall & { auth: CredentialAuth | undefined }> {
  const about = 'the API credential'
  const ask = (auth: CredentialAuth) =>
    refusalOf(probe.client({ credential: { ...probe.settings.credential, auth } }).prepare())
  const inBody = await ask('body')
  const byBasic = await ask('basic')
  if (inBody === undefined) {
    const forms = byBasic
      ? {
          en: 'in the body, not by HTTP Basic: the default is right',
          zh: '放在请求体中可用，不支持 HTTP Basic，使用默认方式即可',
        }
      : { en: 'in both forms', zh: '两种方式均可' }
    return {
      found: ok(about, { en: `is accepted ${forms.en}`, zh: `通过，${forms.zh}` }),
      auth: 'body',
    }
  }
  if (byBasic === undefined) {
    const change = {
      en: "set the option credential, with auth: 'basic'",
      zh: "请设置选项 credential，其中 auth: 'basic'",
    }
    return {
      found: error(
        about,
        { en: 'is accepted only by HTTP Basic', zh: '只支持 HTTP Basic 方式' },
        change,
      ),
      auth: 'basic',
    }
  }
  return { found: refusedInBoth(about, inBody, byBasic), refusal: inBody, auth: undefined }
}

function refusedInBoth(about: string, inBody: OneAccessError, byBasic: OneAccessError): Finding {
  if (inBody.code !== 'credential_refused') return unexpectedRefusal(about, inBody)
  const says = {
    en: `is refused in both forms (${summaryOf(inBody)}; ${summaryOf(byBasic)})`,
    zh: `两种方式都被拒绝（${summaryOf(inBody)}；${summaryOf(byBasic)}）`,
  }
  const change = {
    en: "copy ONEACCESS_CLIENT_SECRET again (a simulator makes a new one at each start), check that it belongs to ONEACCESS_CLIENT_ID and that the application may call the API, and check the IP allowlist in the tenant's console",
    zh: '请重新复制 ONEACCESS_CLIENT_SECRET（模拟器每次启动都会生成新的），确认它与 ONEACCESS_CLIENT_ID 属于同一个应用，且该应用可以调用 API；并检查租户控制台的 IP 白名单是否包含本机的出口 IP',
  }
  return error(about, says, change)
}

/**
 * The calls with a bearer: are they refused for the made-up ticket or token, or for lack of
 * permission?
 */
async function checkTenantCalls(probe: Probe, auth: CredentialAuth): Promise<Finding[]> {
  const client = probe.client({ credential: { ...probe.settings.credential, auth } })
  const ticket = await refusalOf(client.ssoTicket(madeUpValue(), probe.context))
  const user = await refusalOf(client.verifyTicket(madeUpValue(), probe.context))
  return [judgeTenantCall('the ticket call', ticket), judgeTenantCall('the user call', user)]
}

/** A made-up code belongs to nobody, so both login paths can be tried. */
async function checkLogin(probe: Probe): Promise<Finding> {
  const about = 'the login version'
  const { loginVersion } = probe.settings
  const other = loginVersion === 'v3' ? 'v2' : 'v3'
  const ask = (version: LoginVersion) =>
    refusalOf(probe.client({ loginVersion: version }).loginWithAlipay(madeUpValue(), probe.context))
  const refusal = await ask(loginVersion)
  if (refusal?.code === 'code_refused') {
    return ok(about, {
      en: `${loginVersion} exists: it refused a made-up code, as it should. No document says whether it accepts a code from a web page: log in once to find out`,
      zh: `支持 ${loginVersion}：按预期拒绝了编造的授权码。是否接受网页的授权码，没有文档说明，请登录一次来确认`,
    })
  }
  if (refusal?.httpStatus !== 404 && refusal?.httpStatus !== 405) {
    if (refusal?.code !== 'misconfigured') return unexpectedRefusal(about, refusal)
    return skipped(about, {
      en: 'cannot be checked while the client id is refused',
      zh: 'ClientId 被拒绝时无法判断',
    })
  }
  if ((await ask(other))?.code === 'code_refused') {
    const says = {
      en: `${loginVersion} does not exist, ${other} does`,
      zh: `不支持 ${loginVersion}，支持 ${other}`,
    }
    return error(about, says, {
      en: `set ONEACCESS_LOGIN_VERSION=${other}`,
      zh: `请设置 ONEACCESS_LOGIN_VERSION=${other}`,
    })
  }
  const change = {
    en: 'check that ONEACCESS_DOMAIN is the tenant, that it has an Alipay source, and that the authentication integration of the application is SDK/API',
    zh: '请检查 ONEACCESS_DOMAIN 是否为租户的地址，租户是否有支付宝认证源，应用的认证集成方式是否为 SDK/API',
  }
  return error(about, { en: 'neither v3 nor v2 exists', zh: 'v3 和 v2 都不支持' }, change)
}
