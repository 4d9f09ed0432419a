import type { Step } from '../errors.js'
import type { AccessTokenProvider } from './access-token.js'
import { type Device, deviceFields, deviceHeaders } from './device.js'
import type { Http } from './http.js'

/** What all calls for one login have in common. */
export interface CallContext {
  device: Device
  /** For the header `X-tenant-id` of an ISV application. */
  tenantID?: string
}

/** A call to a path under `/sdk/`. */
export interface SdkCall {
  step: Step
  method: 'GET' | 'POST'
  path: string
  headers?: Record<string, string>
  body?: object
  /** Values that no error may repeat. */
  secrets: readonly string[]
  deadline?: number
}

/** A call to a path under `/tenant/`. */
interface TenantCall<T> {
  step: Step
  path: string
  /** Added to the device values; no error may repeat them. */
  fields: Record<string, string>
  deadline?: number
  /** Reads the response; no error may repeat one of the secrets. */
  read(answer: unknown, secrets: readonly string[]): T
}

/** What all calls of one application have in common. */
interface Application {
  clientID: string
  language?: string | undefined
  deadline: number
}

const JSON_TYPE = 'application/json;charset=utf8'

/**
 * The two kinds of calls: SDK paths identify the application by `X-client-id`, tenant paths by a
 * bearer token. Headers are set one by one, because spreading several objects into one costs as
 * much as the rest of a call here.
 */
export class OneAccessRequests {
  readonly #http: Http
  readonly #credential: AccessTokenProvider
  readonly #application: Application

  constructor(http: Http, credential: AccessTokenProvider, application: Application) {
    this.#http = http
    this.#credential = credential
    this.#application = application
  }

  /** A call to a path under `/api/v2/sdk`, with the client id and the device values in headers. */
  sdk({ step, method, path, headers, body, secrets, deadline }: SdkCall, context: CallContext) {
    const { clientID, language } = this.#application
    const all = deviceHeaders(context.device)
    all['X-client-id'] = clientID
    if (language !== undefined) all['X-L'] = language
    if (context.tenantID !== undefined) all['X-tenant-id'] = context.tenantID
    if (body !== undefined) all['Content-Type'] = JSON_TYPE
    return this.#http.send({
      step,
      method,
      path,
      headers: Object.assign(all, headers),
      body: body === undefined ? undefined : JSON.stringify(body),
      deadline: deadline ?? this.#application.deadline,
      secrets,
    })
  }

  /** A POST to a path under `/api/v2/tenant`, with the bearer token, and the device values in the body. */
  tenant<T>(
    { step, path, fields, deadline, read }: TenantCall<T>,
    context: CallContext,
  ): Promise<T> {
    return this.#credential.use((accessToken) => {
      const headers: Record<string, string> = {
        'Content-Type': JSON_TYPE,
        Authorization: `Bearer ${accessToken}`,
      }
      if (context.tenantID !== undefined) headers['X-tenant-id'] = context.tenantID
      const secrets = [accessToken, ...Object.values(fields)]
      const call = {
        step,
        method: 'POST' as const,
        path,
        headers,
        body: JSON.stringify(Object.assign(deviceFields(context.device), fields)),
        deadline: deadline ?? this.#application.deadline,
        secrets,
      }
      return this.#http.send(call).then((answer) => read(answer, secrets))
    })
  }
}
