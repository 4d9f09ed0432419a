/**
 * What a route answers. A Buffer or string body is sent as it is, anything else as JSON; undefined
 * sends no body.
 */
export interface Answer {
  status: number
  headers?: Record<string, string | string[]>
  body?: unknown
}

/** Thrown by a route that refuses a request. */
export class Refusal extends Error {
  readonly answer: Answer

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`)
    this.answer = answer
  }
}

export function json(body: unknown): Answer {
  return { status: 200, body }
}

/** The shape `error_code` and `error_msg`. */
export function apiError(error_code: string, error_msg: string, status = 400): Refusal {
  return new Refusal({ status, body: { error_code, error_msg } })
}

/** The shape `error` and `error_description`. */
export function oauthError(error: string, error_description: string, status = 400): Refusal {
  return new Refusal({ status, body: { error, error_description } })
}

/**
 * For a request that breaks the documented API in a way for which no error code is documented. The
 * code is the simulator's own, so that nobody mistakes it for a real one.
 */
export function strict(message: string, status = 400): Refusal {
  return apiError('SIMULATOR.STRICT', message, status)
}

/** The bytes of a body, and its content type unless the answer sets another. */
export function encodeBody(body: unknown): { bytes: Buffer; type: string | undefined } {
  if (body === undefined) return { bytes: Buffer.alloc(0), type: undefined }
  if (Buffer.isBuffer(body)) return { bytes: body, type: undefined }
  if (typeof body === 'string')
    return { bytes: Buffer.from(body), type: 'text/plain;charset=utf-8' }
  return { bytes: Buffer.from(JSON.stringify(body)), type: 'application/json;charset=UTF-8' }
}
