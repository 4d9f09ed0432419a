// Shared by the tests of the client. The values are those of the documentation's examples.
import { constants, generateKeyPairSync, type KeyObject, privateDecrypt } from 'node:crypto'
import { expect } from 'chai'
import {
  type CallContext,
  OneAccessClient,
  type OneAccessClientOptions,
  OneAccessError,
} from '../../lib/index.js'
import type { RawRequest, Reply, Upstream } from '../support/upstream.js'

export const LOGIN_V3 = '/api/v3/sdk/login/alipay'
export const LOGIN_V2 = '/api/v2/sdk/login/alipay'
export const CREDENTIAL = '/api/v2/tenant/token'
export const TICKET = '/api/v2/tenant/sso/session-token/sso-ticket'
export const VERIFY = '/api/v2/tenant/sso/sso-ticket/verify'
export const REFRESH_ID_TOKEN = '/api/v2/sdk/sso/session-token/id-token'
export const REFRESH_SIGNED = '/api/v2/sdk/session-token/refresh-id-token'
export const PUBLIC_KEY = '/api/v2/sdk/public-key'
export const SERVER_DATE = '/api/v2/sdk/server-date'
export const REFRESH_SESSION_TOKEN = '/api/v2/tenant/sso/session-token/refresh'

const AGENT =
  'Mozilla/5.0 (Linux; Android 10; Redmi K30 Build/QKQ1.190825.002; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/80.0.3987.99 Mobile Safari/537.36'

export const CONTEXT: CallContext = {
  device: {
    osVersion: 'Android 10',
    fingerprint: '156aysdna213sc50',
    ip: '10.10.10.1',
    agent: AGENT,
  },
}

/** docs/wire.md#device-values, the form for the paths under `/sdk/`. */
export const DEVICE_HEADERS = {
  'x-operating-sys-version': 'Android 10',
  'x-device-fingerprint': '156aysdna213sc50',
  'x-device-ip': '10.10.10.1',
  'x-agent': AGENT,
}

/** docs/wire.md#device-values, the form for the paths under `/tenant/`. */
export const DEVICE_FIELDS = {
  operating_sys_version: 'Android 10',
  device_fingerprint: '156aysdna213sc50',
  device_ip: '10.10.10.1',
  agent: AGENT,
}

export const CLIENT_ID = 'DRrYIqauawN0I8myTMoDTPys6ezGZxnm'
export const API_ID = '9fIHl3Dc9ivToWLVtblrF6Sjv9Fx47JJ'
export const API_SECRET = 'Zk3vQ8sWn1LrT5yB'
const TENANT_ID = '08f770f51f80d2f40f38c00cb199fd21'

/** A kind of tenant, and what differs in calls to it. */
export interface Tenant {
  name: string
  login: string
  options: Partial<OneAccessClientOptions>
  context: CallContext
  /** Further headers of every call that takes a context. */
  headers: Record<string, string>
}

export const TENANTS: readonly Tenant[] = [
  { name: 'OneAccess', login: LOGIN_V3, options: {}, context: CONTEXT, headers: {} },
  {
    name: 'CIAM',
    login: LOGIN_V2,
    options: { loginVersion: 'v2' },
    context: CONTEXT,
    headers: {},
  },
  {
    name: 'an ISV application',
    login: LOGIN_V3,
    options: {},
    context: { ...CONTEXT, tenantID: TENANT_ID },
    headers: { 'x-tenant-id': TENANT_ID },
  },
]

/** A response with an access token (docs/wire.md#access-token). */
export const GRANTED: Reply = {
  body: { access_token: '334963fc-1e4a-473b-9096', token_type: 'bearer', expires_in: 1719 },
}
export const BEARER = 'Bearer 334963fc-1e4a-473b-9096'

export function createClient(
  upstream: Pick<Upstream, 'url'>,
  options: Partial<OneAccessClientOptions> = {},
): OneAccessClient {
  return new OneAccessClient({
    origin: upstream.url,
    clientID: CLIENT_ID,
    credential: { clientID: API_ID, clientSecret: API_SECRET, auth: 'body' },
    ...options,
  })
}

/** A key pair of an app, and the public key as OneAccess returns it. */
export function appKey(modulusLength = 2048): { privateKey: KeyObject; answer: Reply } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength })
  const public_key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  return { privateKey, answer: { body: { public_key } } }
}

/** The signed parameters of a request. The signature must be RSA-OAEP with SHA-256 and MGF1 with SHA-256. */
export function signedIn(request: RawRequest | undefined, key: KeyObject): URLSearchParams {
  const signature = wireOf(request).headers['x-signature'] ?? ''
  expect(signature).to.match(/^[A-Za-z0-9+/]+={0,2}$/)
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  const sealed = Buffer.from(signature, 'base64')
  const text = privateDecrypt({ key, padding, oaepHash: 'sha256' }, sealed).toString()
  expect(text).to.match(/^session_token=[^&]+&timestamp=\d+&nonce=[^&]+$/)
  return new URLSearchParams(text)
}

/** Headers that HTTP needs or that any client may send. */
const TRANSPORT = [
  'host',
  'connection',
  'accept',
  'accept-encoding',
  'user-agent',
  'content-length',
]

/** A request in the form of the tables in docs/wire.md. */
export interface Wire {
  line: string
  headers: Record<string, string>
  body: unknown
}

/** Reads a raw request; fails when a header is repeated or the length is wrong. */
export function wireOf(request: RawRequest | undefined): Wire {
  if (request === undefined) throw new Error('no such request was sent')
  const names = request.headers.map(([name]) => name.toLowerCase())
  expect(names, 'each header comes once').to.deep.equal([...new Set(names)])
  const all: Record<string, string> = Object.fromEntries(
    request.headers.map(([name, value]) => [name.toLowerCase(), value]),
  )
  const length = request.method === 'GET' ? undefined : String(request.body.length)
  expect(all['content-length'], 'Content-Length').to.equal(length)
  const own = Object.entries(all).filter(([name]) => !TRANSPORT.includes(name))
  const isJson = request.body.length > 0 && /json/.test(all['content-type'] ?? '')
  const text = request.body.toString('utf8')
  return {
    line: `${request.method} ${request.path}`,
    headers: Object.fromEntries(own),
    body: isJson ? JSON.parse(text) : text,
  }
}

/** The error of a call, which must be a `OneAccessError`. */
export async function networkErrorOf(call: Promise<unknown>): Promise<OneAccessError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof OneAccessError)) {
    throw new Error(`expected a OneAccessError, got ${String(error)}`)
  }
  return error
}
