import { type Answer, json, oauthError, strict } from '../transport/answer.js'
import type { Received } from '../transport/received.js'
import type { World } from '../world.js'
import { checkHeaders } from './checks.js'

/**
 * `POST /api/v2/tenant/token` (docs/wire.md#access-token): either everything in the body, or HTTP
 * Basic and the grant type in the query.
 */
export function credential(request: Received, world: World): Answer {
  checkHeaders(request)
  if (request.query.has('client_secret')) throw strict('the client secret must not be in the query')
  const basic = request.headers.get('authorization')
  const fields = basic === undefined ? formOf(request) : request.query
  if (basic !== undefined && request.body.length > 0)
    throw strict('HTTP Basic and a body must not be combined')
  if (basic === undefined && request.query.size > 0)
    throw strict('a body and a query must not be combined')
  checkFields(
    fields,
    basic === undefined ? ['grant_type', 'client_id', 'client_secret'] : ['grant_type'],
  )
  if (fields.get('grant_type') !== 'client_credentials') {
    throw oauthError('unsupported_grant_type', 'grant_type must be client_credentials')
  }
  const known = basic === undefined ? formClientIsOurs(fields, world) : basicIsOurs(basic, world)
  if (!known) {
    throw oauthError('invalid_client', 'bad client credentials', basic === undefined ? 400 : 401)
  }
  return json(newCredential(world))
}

function newCredential({ identity, settings, state }: World): object {
  return {
    access_token: state.credentials.issue({ clientID: identity.clientID }),
    token_type: settings.product === 'oneaccess' ? 'Bearer' : 'bearer',
    expires_in: settings.accessTokenLife,
    scope: 'get_user_info',
  }
}

function formOf(request: Received): URLSearchParams {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded(\s*;\s*charset="?utf-?8"?)?$/i.test(type)) {
    throw strict('content-type must be application/x-www-form-urlencoded', 415)
  }
  return new URLSearchParams(request.body.toString())
}

function checkFields(fields: URLSearchParams, names: string[]): void {
  for (const name of names) {
    if (!fields.get(name)) throw oauthError('invalid_request', `${name} is missing`)
    if (fields.getAll(name).length > 1) throw strict(`${name} appears more than once`)
  }
  const other = [...fields.keys()].find((name) => !names.includes(name))
  if (other) throw strict(`${other} is not documented here`)
}

function formClientIsOurs(fields: URLSearchParams, { identity }: World): boolean {
  return (
    fields.get('client_id') === identity.clientID &&
    fields.get('client_secret') === identity.clientSecret
  )
}

function basicIsOurs(authorization: string, { identity }: World): boolean {
  const { clientID, clientSecret } = identity
  const plain = `${clientID}:${clientSecret}`
  const encoded = `${encodeURIComponent(clientID)}:${encodeURIComponent(clientSecret)}`
  return [plain, encoded].some(
    (pair) => authorization === `Basic ${Buffer.from(pair).toString('base64')}`,
  )
}
