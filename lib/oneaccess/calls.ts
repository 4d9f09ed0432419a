import type { Step } from '../errors.js'
import type { AccessCredential } from './credential.js'
import { type Device, deviceFields, deviceHeaders } from './device.js'
import type { Http } from './http.js'

/** What every call of one login has in common. */
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

/** What is the same in all calls of one application. */
interface Application {
  clientID: string
  language?: string | undefined
  deadline: number
}

const JSON_TYPE = { 'Content-Type': 'application/json;charset=utf8' }

/** The two kinds of call: SDK paths know the application by `X-client-id`, tenant paths by a bearer. */
export class Calls {
  readonly #http: Http
  readonly #credential: AccessCredential
  readonly #application: Application

  constructor(http: Http, credential: AccessCredential, application: Application) {
    this.#http = http
    this.#credential = credential
    this.#application = application
  }

  /** With the device values and the client id in headers. */
  sdk({ step, method, path, headers, body, secrets, deadline }: SdkCall, context: CallContext) {
    const { clientID, language } = this.#application
    return this.#http.send({
      step,
      method,
      path,
      headers: {
        ...(body === undefined ? {} : JSON_TYPE),
        ...deviceHeaders(context.device),
        'X-client-id': clientID,
        ...(language === undefined ? {} : { 'X-L': language }),
        ...tenantHeader(context),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      deadline: deadline ?? this.#application.deadline,
      secrets,
    })
  }

  /** `POST /api/v2/tenant…`, with the bearer, and the device values in the body. */
  tenant(
    step: Step,
    path: string,
    context: CallContext,
    fields: Record<string, string>,
    deadline = this.#application.deadline,
  ): Promise<unknown> {
    return this.#credential.use((accessToken) =>
      this.#http.send({
        step,
        method: 'POST',
        path: `/api/v2/tenant${path}`,
        headers: {
          ...JSON_TYPE,
          Authorization: `Bearer ${accessToken}`,
          ...tenantHeader(context),
        },
        body: JSON.stringify({ ...fields, ...deviceFields(context.device) }),
        deadline,
        secrets: [accessToken, ...Object.values(fields)],
      }),
    )
  }
}

function tenantHeader({ tenantID }: CallContext): Record<string, string> {
  return tenantID === undefined ? {} : { 'X-tenant-id': tenantID }
}
