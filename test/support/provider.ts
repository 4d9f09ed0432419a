import { setImmediate as turn } from 'node:timers/promises'
import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios'
import { OneAccessClient } from '../../lib/oneaccess/client.js'
import { deferred } from './deferred.js'

/** How a scripted call fails. Only `ended` is a verdict about the session token. */
export type Failure =
  /** HTTP 400 `IDAAS.SDK.PARAM.0023`: the session has ended. */
  | 'ended'
  /** HTTP 400 `IDAAS.SDK.COM.0002`. */
  | 'busy'
  /** HTTP 400 with an undocumented code. */
  | 'unknown-code'
  /** HTTP 500 without a code. */
  | 'server-error'
  /** HTTP 429 with `Retry-After: 7`. */
  | 'rate-limited'
  | 'unreachable'
  /** The connection ends before the response. */
  | 'lost'
  /** No response within the call's deadline. */
  | 'timeout'
  /** HTTP 200 with an HTML page. */
  | 'garbage'

/** The session token in the response to a refresh. */
export type Rotation = 'new' | 'same' | 'omitted'

/** A call that a test holds back. */
export interface Held {
  /** Resolves when the call has arrived, or, if its response is held back, is processed. */
  arrived: Promise<void>
  release(failure?: Failure): void
}

type Script = (token: string) => Promise<AxiosResponse>

/**
 * A strict OneAccess for one login, without a socket. The real client calls it, so that errors and parsing
 * are real. A session token is invalid as soon as it has been replaced.
 */
export class Provider {
  /** The valid session token. */
  sessionToken = 'session-0'
  rotation: Rotation = 'new'
  /** Seconds. */
  idTokenLife = 300
  withIDToken = true
  /** `expire` in a response, in seconds; undefined: without it. */
  sessionLife: number | undefined = 604_800
  /** Every session token that was sent, in order. */
  readonly presented: string[] = []
  readonly client: OneAccessClient
  readonly #script: Script[] = []
  #issued = 0

  constructor() {
    this.client = new OneAccessClient({
      origin: 'https://tenant.example',
      clientID: 'client',
      credential: { clientID: 'client', clientSecret: 'secret', auth: 'body' },
      http: { adapter: ((config) => this.#answer(config)) as AxiosAdapter },
      refreshDeadline: 3_600_000, // the test decides how long a call takes
    })
  }

  /** The next calls fail like this, before the session token is processed. */
  fail(...failures: Failure[]): void {
    for (const failure of failures) this.#script.push(async () => failed(failure))
  }

  /** The next call is processed, which replaces the token, and then fails like this. */
  lose(failure: Failure): void {
    this.#script.push(async (token) => {
      this.#process(token)
      return failed(failure)
    })
  }

  /** The next call is processed at once, and responds when the test releases it. */
  holdAnswer(): Held {
    return this.#hold((token, released) => {
      const answer = this.#process(token)
      return released.then((failure) => (failure ? failed(failure) : answer))
    })
  }

  /** The next call is processed when the test releases it. */
  holdCall(): Held {
    return this.#hold((token, released) =>
      released.then((failure) => (failure ? failed(failure) : this.#process(token))),
    )
  }

  /** Ends the session, as an administrator can. */
  endSession(): void {
    this.sessionToken = 'none'
  }

  #hold(
    answer: (token: string, released: Promise<Failure | undefined>) => Promise<AxiosResponse>,
  ): Held {
    const arrival = deferred<void>()
    const released = deferred<Failure | undefined>()
    this.#script.push((token) => {
      const held = answer(token, released.promise)
      arrival.resolve()
      return held
    })
    return { arrived: arrival.promise, release: (failure) => released.resolve(failure) }
  }

  async #answer(config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
    const token = String(config.headers.get('session-token'))
    this.presented.push(token)
    const script = this.#script.shift()
    const answer = await (script ? script(token) : this.#process(token))
    return { ...answer, config }
  }

  #process(token: string): AxiosResponse {
    if (token !== this.sessionToken) return failed('ended')
    this.#issued += 1
    if (this.rotation === 'new') this.sessionToken = `session-${this.#issued}`
    const sessionToken = this.rotation === 'omitted' ? {} : { session_token: this.sessionToken }
    const idToken = this.withIDToken ? { id_token: idTokenOf(this.#issued, this.idTokenLife) } : {}
    return response(200, { ...sessionToken, ...idToken, expire: this.sessionLife })
  }
}

/** An unsigned JWT; `n` makes each different. */
export function idTokenOf(n: number, life: number): string {
  const claims = { n, exp: Math.floor(Date.now() / 1000) + life }
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`
}

function failed(failure: Failure): AxiosResponse {
  switch (failure) {
    case 'ended':
      return response(400, { error_code: 'IDAAS.SDK.PARAM.0023', error_msg: 'invalid' })
    case 'busy':
      return response(400, { error_code: 'IDAAS.SDK.COM.0002', error_msg: 'system busy' })
    case 'unknown-code':
      return response(400, { error_code: 'SOME.CODE.4711', error_msg: 'undocumented' })
    case 'server-error':
      return response(500, '')
    case 'rate-limited':
      return response(429, {}, { 'retry-after': '7' })
    case 'garbage':
      return response(200, '<html>')
    case 'unreachable':
      throw withCode('ECONNREFUSED')
    case 'lost':
      throw withCode('ECONNRESET')
    case 'timeout':
      throw withCode('ERR_CANCELED')
  }
}

function response(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): AxiosResponse {
  const data = typeof body === 'string' ? body : JSON.stringify(body)
  return { status, statusText: '', headers, data, config: {} as InternalAxiosRequestConfig }
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code })
}

/** Waits until everything that does not wait for a timer has run. */
export async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await turn()
}
