import { OneAccessError } from '../errors.js'
import type { OneAccessClient } from '../oneaccess/client.js'
import { claimsOf } from '../oneaccess/id-token.js'
import type { CallContext } from '../oneaccess/requests.js'
import type { SessionResponse } from '../oneaccess/responses.js'
import { type OneAccessUser, userIn, wrongUserError } from '../oneaccess/user.js'

/**
 * Whose login it is. An id_token says so only where the app asks for it: the client has checked it
 * then, and it is from the direct answer to our own call. Without one, and by default, it is the user
 * of a ticket.
 */
export async function identify(
  client: OneAccessClient,
  session: SessionResponse,
  context: CallContext,
  userFrom: 'ticket' | 'id-token',
): Promise<OneAccessUser> {
  if (userFrom === 'id-token' && session.idToken !== undefined) {
    const named = userIn(claimsOf(session)?.claims)
    if (named === undefined) throw nobodyNamed()
    return named
  }
  const ticket = await client.ssoTicket(session.sessionToken, context)
  const user = await client.verifyTicket(ticket, context)
  if (session.userID !== undefined && session.userID !== user.id) throw wrongUserError('login')
  return user
}

function nobodyNamed(): OneAccessError {
  return new OneAccessError('id_token_invalid', {
    step: 'login',
    status: 502,
    detail: 'it names no user by an id',
    hint: "set the option userFrom to 'ticket', or map the user's id into the id_token in the tenant's console",
  })
}
