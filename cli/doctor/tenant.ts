import type { OneAccessError } from '../../lib/errors.js'
import { isObject } from '../../lib/json.js'
import type { CredentialAuth } from '../../lib/oneaccess/access-token.js'
import type { LoginVersion } from '../../lib/oneaccess/client.js'
import type { Settings } from '../../lib/options.js'
import { error, type Finding, ok, skipped, warning } from './finding.js'
import { lookAtIDToken } from './id-token.js'
import { judgeTenantCall, oddRefusal } from './judge.js'
import { invented, Line, refusalOf, told } from './line.js'
import { askForRefreshes, lookAtApplication, lookAtRefreshes } from './refreshes.js'

const NO_ANSWER = new Set(['unreachable', 'tls_untrusted', 'connection_lost', 'timeout'])

/**
 * Calls that touch the tenant, and change nothing there: what they send is invented, and how it is
 * refused tells whether a real one would be taken.
 */
export async function lookAtTenant(settings: Settings, idToken?: string): Promise<Finding[]> {
  const line = new Line(settings)
  const keys = await lookAtKeys(line)
  if (keys.reached.result === 'error') return [keys.reached]
  const findings = [keys.reached, lookAtClock(line), keys.found]
  const credential = await lookAtCredential(line)
  if (isForeign(keys.refusal) && isForeign(credential.refusal)) {
    return [keys.reached, lookAtClock(line), foreign(line.settings.origin)]
  }
  const refreshes = await askForRefreshes(line, credential.auth)
  findings.push(credential.found, lookAtApplication(refreshes))
  if (credential.auth === undefined) {
    const says = 'not asked for, because the API credential is refused'
    findings.push(...['the ticket call', 'the user call'].map((about) => skipped(about, says)))
  } else {
    findings.push(...(await lookAtTenantCalls(line, credential.auth)))
  }
  findings.push(lookAtRefreshes(refreshes, settings.refreshWith), await lookAtLogin(line))
  return [...findings, ...(await lookAtIDToken(line, idToken))]
}

/** Not one of OneAccess's answers: a web site's page, or nothing at the documented paths. */
function isForeign(refusal: OneAccessError | undefined): boolean {
  return refusal?.code === 'unexpected_answer' || refusal?.httpStatus === 404
}

function foreign(origin: string): Finding {
  const change = "set ONEACCESS_DOMAIN to the tenant's user access domain, not the administrators'"
  return error('OneAccess', `${origin} answers, but not as OneAccess does`, change)
}

/** What a look at one call has come to. */
interface Look {
  found: Finding
  refusal?: OneAccessError | undefined
}

async function lookAtKeys(line: Line): Promise<Look & { reached: Finding }> {
  let answer: unknown
  const refusal = await refusalOf(line.keys().then((keys) => (answer = keys)))
  if (refusal && NO_ANSWER.has(refusal.code)) {
    const reached = error('the way to the tenant', `no answer (${told(refusal)})`, refusal.hint)
    return { reached, refusal, found: skipped('JWKS', 'the tenant does not answer') }
  }
  const reached = ok('the way to the tenant', `${line.settings.origin} answers`)
  const keys = isObject(answer) && Array.isArray(answer.keys) ? answer.keys : []
  const found =
    keys.length > 0
      ? ok('JWKS', `${keys.length} signing keys at /api/v1/oauth2/keys`)
      : warning(
          'JWKS',
          `no signing keys at /api/v1/oauth2/keys${refusal ? ` (${told(refusal)})` : ''}`,
          'logins do not need them; only who checks id_tokens elsewhere does',
        )
  return { reached, refusal, found }
}

function lookAtClock({ ahead }: Line): Finding {
  const about = 'the clock'
  if (ahead === undefined) return skipped(about, 'the tenant does not say what time it is')
  const seconds = Math.round(Math.abs(ahead) / 1000)
  if (seconds < 10) return ok(about, "agrees with the tenant's")
  const says = `is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} the tenant's`
  const change =
    'let this machine keep its time by NTP: when a token ends is read off its own clock'
  return seconds < 60 ? warning(about, says, change) : error(about, says, change)
}

async function lookAtCredential(line: Line): Promise<Look & { auth: CredentialAuth | undefined }> {
  const about = 'the API credential'
  const ask = (auth: CredentialAuth) =>
    refusalOf(line.client({ credential: { ...line.settings.credential, auth } }).prepare())
  const inBody = await ask('body')
  const byBasic = await ask('basic')
  if (inBody === undefined) {
    const forms = byBasic ? 'in the body, not by HTTP Basic: the default is right' : 'in both forms'
    return { found: ok(about, `is taken ${forms}`), auth: 'body' }
  }
  if (byBasic === undefined) {
    const change = "set the option credential, with auth: 'basic'"
    return { found: error(about, 'is taken by HTTP Basic only', change), auth: 'basic' }
  }
  return { found: refusedInBoth(about, inBody, byBasic), refusal: inBody, auth: undefined }
}

function refusedInBoth(about: string, inBody: OneAccessError, byBasic: OneAccessError): Finding {
  if (inBody.code !== 'credential_refused') return oddRefusal(about, inBody)
  const says = `is refused in both forms (${told(inBody)}; ${told(byBasic)})`
  const change =
    'copy ONEACCESS_CLIENT_SECRET again, see that it belongs to ONEACCESS_CLIENT_ID, and that the application may call the API'
  return error(about, says, change)
}

/** The calls with a bearer: refused for the invented ticket or token, or for want of permission? */
async function lookAtTenantCalls(line: Line, auth: CredentialAuth): Promise<Finding[]> {
  const client = line.client({ credential: { ...line.settings.credential, auth } })
  const ticket = await refusalOf(client.ssoTicket(invented(), line.context))
  const user = await refusalOf(client.verifyTicket(invented(), line.context))
  return [judgeTenantCall('the ticket call', ticket), judgeTenantCall('the user call', user)]
}

/** An invented code is nobody's, so that both login paths may be tried. */
async function lookAtLogin(line: Line): Promise<Finding> {
  const about = 'the login version'
  const { loginVersion } = line.settings
  const other = loginVersion === 'v3' ? 'v2' : 'v3'
  const ask = (version: LoginVersion) =>
    refusalOf(line.client({ loginVersion: version }).loginWithAlipay(invented(), line.context))
  const refusal = await ask(loginVersion)
  if (refusal?.code === 'code_refused') {
    return ok(about, `${loginVersion} is there: it refused an invented code, as it should`)
  }
  if (refusal?.httpStatus !== 404 && refusal?.httpStatus !== 405) {
    if (refusal?.code !== 'misconfigured') return oddRefusal(about, refusal)
    return skipped(about, 'cannot be judged while the client id is refused')
  }
  if ((await ask(other))?.code === 'code_refused') {
    const says = `${loginVersion} is not there, ${other} is`
    return error(about, says, `set ONEACCESS_LOGIN_VERSION=${other}`)
  }
  const change = 'check that ONEACCESS_DOMAIN is the tenant, and that it has an Alipay source'
  return error(about, 'neither v3 nor v2 is there', change)
}
