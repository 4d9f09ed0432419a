import { randomBytes } from 'node:crypto'
import axios, { type AxiosInstance } from 'axios'
import { OneAccessError } from '../../lib/errors.js'
import { OneAccessClient, type OneAccessClientOptions } from '../../lib/oneaccess/client.js'
import { sanitizeDevice } from '../../lib/oneaccess/device.js'
import { Http } from '../../lib/oneaccess/http.js'
import type { CallContext } from '../../lib/oneaccess/requests.js'
import type { Settings } from '../../lib/options.js'
import { proxyOf } from '../../lib/transport/axios.js'
import type { Env } from './settings.js'

export const DEADLINE = 10_000

/**
 * Calls the tenant with the strategy's own client, and reads the tenant's clock from each answer.
 */
export class Probe {
  readonly settings: Settings
  readonly context: CallContext
  /**
   * How far this machine's clock is ahead of the tenant's, in milliseconds; from the last answer.
   */
  ahead: number | undefined
  readonly #http: AxiosInstance

  /** The calls go through the proxy that is set in `env`, the app's environment. */
  constructor(settings: Settings, env: Env) {
    const { tenantID } = settings
    this.settings = settings
    this.#http = axios.create(proxyOf(settings.origin, env))
    this.context = {
      device: sanitizeDevice({ agent: 'passport-oneaccess-alipay doctor', ip: '127.0.0.1' }),
      ...(typeof tenantID === 'string' ? { tenantID } : {}),
    }
    this.#http.interceptors.response.use((response) => {
      const date = Date.parse(String(response.headers.date))
      if (!Number.isNaN(date)) this.ahead = Date.now() - date
      return response
    })
  }

  /** The strategy's client, with some of its options changed. */
  client(change: Partial<OneAccessClientOptions> = {}): OneAccessClient {
    const { origin, clientID, credential, loginVersion, refreshWith } = this.settings
    const deadlines = { callDeadline: DEADLINE, refreshDeadline: DEADLINE }
    return new OneAccessClient({
      ...{ origin, clientID, credential, loginVersion, refreshWith },
      ...{ ...deadlines, http: this.#http, ...change },
    })
  }

  /** The tenant's signing keys (docs/wire.md#id_token), not yet checked. */
  keys(): Promise<unknown> {
    const path = '/api/v1/oauth2/keys'
    const call = { step: 'keys', method: 'GET', path, headers: {}, secrets: [] } as const
    return this.http().send({ ...call, deadline: DEADLINE })
  }

  http(): Http {
    return new Http(this.settings.origin, { custom: this.#http })
  }
}

/** A code, ticket or token that nobody has, so that its refusal uses nothing up. */
export function madeUpValue(): string {
  return `doctor${randomBytes(16).toString('hex')}`
}

/** How a call was refused; undefined if it was not. */
export async function refusalOf(call: Promise<unknown>): Promise<OneAccessError | undefined> {
  try {
    await call
    return undefined
  } catch (error) {
    if (error instanceof OneAccessError) return error
    throw error
  }
}

/**
 * A refusal in one probe: our code, the HTTP status, OneAccess's own code, and the system's error.
 */
export function summaryOf({ code, errorCode, httpStatus, cause }: OneAccessError): string {
  const status = httpStatus === undefined ? '' : `HTTP ${httpStatus}`
  const system = cause instanceof Error ? cause.message : ''
  return [code, status, errorCode, system].filter(Boolean).join(', ')
}
