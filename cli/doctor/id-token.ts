import type { Json } from '../../lib/json.js'
import { readIDToken } from '../../lib/oneaccess/id-token.js'
import { audiencesOf, IDTokenCheck, isReal } from '../../lib/oneaccess/id-token-check.js'
import { userIn } from '../../lib/oneaccess/user.js'
import { error, type Finding, ok, skipped, warning } from './finding.js'
import { DEADLINE, type Line, refusalOf } from './line.js'

const ABOUT = 'the id_token'

/** Which kind of id_token the tenant gives, by one that a login has brought. It is not repeated. */
export async function lookAtIDToken(line: Line, token: string | undefined): Promise<Finding[]> {
  if (token === undefined) {
    return [
      skipped(ABOUT, 'give one of a login, to see which kind the tenant has: --id-token FILE'),
    ]
  }
  const claims = readIDToken(token)?.claims
  if (claims === undefined) {
    const change = 'leave the options idToken and userFrom out: there is nothing to check in it'
    return [warning(ABOUT, 'is no JWT', change)]
  }
  return [await lookAtSignature(line, token), lookAtAudience(line, claims), lookAtUser(claims)]
}

async function lookAtSignature(line: Line, token: string): Promise<Finding> {
  const jwksUri = `${line.settings.origin}/api/v1/oauth2/keys`
  const anyAudience = { jwksUri, audience: firstAudienceOf(token) }
  const check = new IDTokenCheck(line.http(), anyAudience, line.settings.clientID, DEADLINE)
  const refusal = await refusalOf(check.verify(token))
  if (refusal === undefined) return ok(ABOUT, "is signed by the tenant's keys: idToken: true holds")
  return warning(
    ABOUT,
    `would be refused by the option idToken (${refusal.message.split(':').slice(0, 2).join(':')})`,
    'give one that has not expired; else leave the option idToken out, or set its algorithms',
  )
}

/** The audience is judged by itself. */
function firstAudienceOf(token: string): string {
  return String(audiencesOf(readIDToken(token)?.claims ?? {})[0])
}

function lookAtAudience(line: Line, claims: Json): Finding {
  const about = "the id_token's audience"
  const audiences = audiencesOf(claims)
  const { clientID } = line.settings
  if (!audiences.some(isReal)) {
    return ok(about, 'is not a real one: the option idToken does not check it by itself')
  }
  if (audiences.includes(clientID))
    return ok(about, 'is the client id: the option idToken checks it')
  const change =
    'is ONEACCESS_CLIENT_ID the application that people log in to? else set idToken.audience'
  return error(about, 'is another application', change)
}

function lookAtUser(claims: Json): Finding {
  const about = "the id_token's user"
  if (userIn(claims) === undefined) {
    const change = "keep userFrom: 'ticket'; in the tenant's console, map the user's id into it"
    return warning(about, 'is not named by an id', change)
  }
  const where = claims.id === undefined ? 'as JSON in the claim api' : 'by claims of their own'
  return ok(about, `is named, ${where}: it is compared with the login's, at each refresh too`)
}
