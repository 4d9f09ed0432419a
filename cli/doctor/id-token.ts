import type { OneAccessError } from '../../lib/errors.js'
import { readIDToken } from '../../lib/oneaccess/id-token.js'
import { audiencesOf, IDTokenCheck, isRealAudience } from '../../lib/oneaccess/id-token-check.js'
import { userIn } from '../../lib/oneaccess/user.js'
import type { Json } from '../../lib/util/json.js'
import { error, type Finding, ok, skipped, type Words, warning } from './finding.js'
import { DEADLINE, type Probe, refusalOf } from './probe.js'

const ABOUT = 'the id_token'

/**
 * Says which kind of id_token the tenant issues, given one from a login. Never prints the token
 * itself.
 */
export async function checkIDToken(probe: Probe, token: string | undefined): Promise<Finding[]> {
  if (token === undefined) {
    return [
      skipped(ABOUT, {
        en: 'pass one from a login to see which kind the tenant issues: --id-token FILE',
        zh: '用 --id-token FILE 传入一次登录得到的 id_token，就能判断租户签发的是哪一种',
      }),
    ]
  }
  const claims = readIDToken(token)?.claims
  if (claims === undefined) {
    const change = {
      en: 'remove the options idToken and userFrom: it cannot be checked',
      zh: '请不要设置选项 idToken 和 userFrom：这样的 id_token 无法校验',
    }
    return [warning(ABOUT, { en: 'is not a JWT', zh: '不是 JWT' }, change)]
  }
  return [await checkSignature(probe, token), checkAudience(probe, claims), checkUser(claims)]
}

async function checkSignature(probe: Probe, token: string): Promise<Finding> {
  const jwksUri = `${probe.settings.origin}/api/v1/oauth2/keys`
  const anyAudience = { jwksUri, audience: firstAudienceOf(token) }
  const check = new IDTokenCheck(probe.http(), anyAudience, probe.settings.clientID, DEADLINE)
  const refusal = await refusalOf(check.verify(token))
  if (refusal === undefined)
    return ok(ABOUT, {
      en: "is signed with the tenant's keys: idToken: true works",
      zh: '由租户的密钥签名，可以使用 idToken: true',
    })
  return warning(ABOUT, refusedFor(refusal), {
    en: 'pass one that has not expired; otherwise remove the option idToken, or set its algorithms',
    zh: '请换一个没有过期的 id_token 再试；如果仍然如此，请不要设置选项 idToken，或设置它的 algorithms',
  })
}

function refusedFor({ code, message }: OneAccessError): Words {
  const reason = message.split(':').slice(0, 2).join(':')
  return {
    en: `would be refused by the option idToken (${reason})`,
    zh: `设置选项 idToken 后会被拒绝（${code}：${reasonInChinese(reason)}）`,
  }
}

/** The reasons that the check gives, and their Chinese translations. */
const REASONS: [pattern: RegExp, zh: string][] = [
  [/signature/, '签名错误'],
  [/expired|exp\b/, '已过期或没有有效的 exp'],
  [/alg/, '签名算法不在允许范围内'],
  [/issuer|iss\b/, '签发者不符'],
  [/key/, '找不到签名公钥'],
]

function reasonInChinese(reason: string): string {
  return REASONS.find(([pattern]) => pattern.test(reason))?.[1] ?? '内容不符合要求'
}

/** The audience has a finding of its own, so the signature check accepts whatever it is. */
function firstAudienceOf(token: string): string {
  return String(audiencesOf(readIDToken(token)?.claims ?? {})[0])
}

function checkAudience(probe: Probe, claims: Json): Finding {
  const about = "the id_token's audience"
  const audiences = audiencesOf(claims)
  const { clientID } = probe.settings
  if (!audiences.some(isRealAudience)) {
    return ok(about, {
      en: 'is a placeholder, so the option idToken does not check it by default',
      zh: '是字面值，不是真实的受众，选项 idToken 默认不校验',
    })
  }
  if (audiences.includes(clientID))
    return ok(about, {
      en: 'is the client id: the option idToken checks it',
      zh: '与 ClientId 一致，选项 idToken 会校验',
    })
  const change = {
    en: 'check that ONEACCESS_CLIENT_ID is the application that users log in to; otherwise set idToken.audience',
    zh: '请核对 ONEACCESS_CLIENT_ID 是否为用户要登录的应用；如果不是，请设置 idToken.audience',
  }
  return error(about, { en: 'names another application', zh: '是另一个应用' }, change)
}

function checkUser(claims: Json): Finding {
  const about = "the id_token's user"
  if (userIn(claims) === undefined) {
    const change = {
      en: "keep userFrom: 'ticket', or map the user's id into the id_token in the tenant's console",
      zh: "保留 userFrom: 'ticket'；或者在租户控制台把用户的 id 映射到 id_token 中",
    }
    return warning(about, { en: 'has no id', zh: 'id_token 中没有用户 id' }, change)
  }
  const where =
    claims.id === undefined
      ? { en: 'as JSON in the claim api', zh: '声明 api 的 JSON 中' }
      : { en: 'in separate claims', zh: '单独的声明中' }
  return ok(about, {
    en: `has an id, ${where.en}: it is compared at login and at each refresh`,
    zh: `${where.zh}有用户 id，登录和每次刷新时都会比对`,
  })
}
