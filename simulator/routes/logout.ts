import { refusedPage } from '../pages/consent.js'
import { langOf } from '../pages/html.js'
import type { Answer } from '../transport/answer.js'
import type { Received } from '../transport/received.js'
import type { World } from '../world.js'
import { addressProblem } from './addresses.js'
import { signedSession } from './signature.js'

/** `GET /api/v2/sdk/logout` (docs/wire.md#signature): ends the session that the signature names. */
export function logout(request: Received, world: World): Answer {
  signedSession(request, world).endedBy = 'logout'
  return { status: 200 }
}

/** `GET /api/v1/logout` (docs/wire.md#signature): redirects the browser back to the app. */
export function webLogout(request: Received, world: World): Answer {
  const { query } = request
  const problems = [...query.keys()]
    .filter((name) => name !== 'redirect_url' && name !== 'client_id')
    .map((name) => ({ en: `${name} is not documented here`, zh: `接口文档中没有参数 ${name}` }))
  if (query.get('client_id') !== world.identity.clientID)
    problems.push({ en: 'client_id is unknown', zh: 'client_id 不是已注册的 ClientId' })
  const location = query.get('redirect_url') ?? ''
  const wrong = addressProblem('redirect_url', location, world.identity.callbackURLs)
  if (wrong) problems.push(wrong)
  if (problems.length === 0) return { status: 302, headers: { location } }
  return refusedPage(problems, langOf(request.headers.get('accept-language')))
}
