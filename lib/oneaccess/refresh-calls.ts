import { ResponseReader } from '../util/json.js'
import { REFRESH_PATHS, type RefreshWith } from './refresh-with.js'
import type { RequestSigner } from './request-signature.js'
import type { CallContext, OneAccessRequests } from './requests.js'
import { readRefreshed, readSignedRefresh, type SessionResponse } from './responses.js'

/** Exchanges a session token for a new id_token. */
export type RefreshCall = (sessionToken: string, context: CallContext) => Promise<SessionResponse>

/** The documented call that `refreshWith` names; `deadline` is in milliseconds. */
export function refreshCall(
  refreshWith: RefreshWith,
  requests: OneAccessRequests,
  signer: RequestSigner,
  deadline: number,
): RefreshCall {
  const path = REFRESH_PATHS[refreshWith]
  const post = { step: 'refresh', method: 'POST', path, deadline } as const

  /** No body; the token goes in a header. */
  async function byHeader(sessionToken: string, context: CallContext) {
    const headers = { 'Content-Type': 'application/json', 'session-token': sessionToken }
    const answer = await requests.sdk({ ...post, headers, secrets: [sessionToken] }, context)
    return readRefreshed(new ResponseReader('refresh', answer), sessionToken)
  }

  /** With the bearer token; the session token goes in the body. */
  function byBearer(sessionToken: string, context: CallContext) {
    const fields = { session_token: sessionToken }
    const read = (answer: unknown) =>
      readRefreshed(new ResponseReader('refresh', answer), sessionToken)
    return requests.tenant({ step: 'refresh', path, fields, deadline, read }, context)
  }

  /** No body; the token goes in a header, encrypted with the app's public key. */
  async function bySignature(sessionToken: string, context: CallContext) {
    const send = (signature: string) => {
      const headers = { 'X-signature': signature }
      return requests.sdk({ ...post, headers, secrets: [sessionToken, signature] }, context)
    }
    const otherwise = 'set refreshWith to id-token or session-token'
    const answer = await signer.send({ step: 'refresh', sessionToken, context, otherwise, send })
    return readSignedRefresh(new ResponseReader('refresh', answer), sessionToken)
  }

  const calls = { 'id-token': byHeader, 'session-token': byBearer, 'signed-id-token': bySignature }
  return calls[refreshWith]
}
