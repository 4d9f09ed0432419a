import { OneAccessError } from '../errors.js'
import type { OneAccessClient } from '../oneaccess/client.js'
import { claimsOf } from '../oneaccess/id-token.js'
import type { CallContext } from '../oneaccess/requests.js'
import type { SessionResponse } from '../oneaccess/responses.js'
import { type OneAccessUser, userIn, wrongUserError } from '../oneaccess/user.js'

/**
 * Finds out who has logged in. The id_token counts only if the app asks for it with `userFrom`: the
 * client has then checked it, and it comes directly from the response to our own call. Otherwise, and
 * without an id_token, a ticket is exchanged for the user.
 */
export async function identify(
  client: OneAccessClient,
  session: SessionResponse,
  context: CallContext,
  userFrom: 'ticket' | 'id-token',
): Promise<OneAccessUser> {
  if (userFrom === 'id-token' && session.idToken !== undefined) {
    const named = userIn(claimsOf(session)?.claims)
    if (named === undefined) throw userIDMissing()
    return named
  }
  const ticket = await client.ssoTicket(session.sessionToken, context)
  const user = await client.verifyTicket(ticket, context)
  if (session.userID !== undefined && session.userID !== user.id) throw wrongUserError('login')
  return user
}

function userIDMissing(): OneAccessError {
  return new OneAccessError('id_token_invalid', {
    step: 'login',
    status: 502,
    detail: 'it contains no user id',
    hint: "set the option userFrom to 'ticket', or map the user's id into the id_token in the tenant's console",
  })
}
