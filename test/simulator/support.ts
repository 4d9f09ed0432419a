// Requests to OneAccess, written from docs/wire.md alone: code of lib would hide its own mistakes.
import { constants, createPublicKey, publicEncrypt } from 'node:crypto'
import type { Simulator } from '../../simulator/index.js'

export interface Result {
  status: number
  headers: Headers
  text: string
  /** Empty unless the response is JSON. Members that are not strings are only compared. */
  body: Record<string, string>
}

export const device = {
  'x-operating-sys-version': 'Android 10',
  'x-device-fingerprint': '156aysdna213sc50',
  'x-device-ip': '10.10.10.1',
  'x-agent': 'Mozilla/5.0 (Linux; Android 10)',
}

export const deviceMembers = {
  operating_sys_version: 'Android 10',
  device_fingerprint: '156aysdna213sc50',
  device_ip: '10.10.10.1',
  agent: 'Mozilla/5.0 (Linux; Android 10)',
}

export interface Sent {
  method?: string
  headers?: Record<string, string>
  body?: object | string
}

/** Sends a request and follows no redirect. A header with the value '' is omitted; objects are sent as JSON. */
export async function send(simulator: Simulator, path: string, sent: Sent = {}): Promise<Result> {
  const { method = 'POST', headers = {}, body } = sent
  const raw = typeof body === 'string' || body instanceof URLSearchParams || Buffer.isBuffer(body)
  const response = await fetch(simulator.url + path, {
    method,
    headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== '')),
    redirect: 'manual',
    ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJSON = response.headers.get('content-type')?.startsWith('application/json')
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJSON && text ? JSON.parse(text) : {},
  }
}

export function sdkHeaders(simulator: Simulator): Record<string, string> {
  return {
    'content-type': 'application/json;charset=utf8',
    'x-client-id': simulator.clientID,
    ...device,
  }
}

export function login(
  simulator: Simulator,
  { person = simulator.people[0]?.id ?? '', version = 'v3', headers = {} } = {},
): Promise<Result> {
  return send(simulator, `/api/${version}/sdk/login/alipay`, {
    headers: { ...sdkHeaders(simulator), ...headers },
    body: { code: simulator.issueCode(person) },
  })
}

export async function credential(simulator: Simulator): Promise<string> {
  const { clientID, clientSecret } = simulator
  const result = await send(simulator, '/api/v2/tenant/token', {
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientID,
      client_secret: clientSecret,
    }),
  })
  return result.body.access_token ?? ''
}

export async function bearer(simulator: Simulator): Promise<Record<string, string>> {
  return {
    'content-type': 'application/json;charset=utf8',
    authorization: `Bearer ${await credential(simulator)}`,
  }
}

/** The session token of a new login. */
export async function sessionToken(simulator: Simulator): Promise<string> {
  const result = await login(simulator)
  return result.body.session_token ?? ''
}

export async function ticket(simulator: Simulator): Promise<string> {
  const session_token = await sessionToken(simulator)
  const result = await send(simulator, '/api/v2/tenant/sso/session-token/sso-ticket', {
    headers: await bearer(simulator),
    body: { session_token, ...deviceMembers },
  })
  return result.body.sso_ticket ?? ''
}

export function refresh(
  simulator: Simulator,
  token: string,
  headers: Record<string, string> = {},
): Promise<Result> {
  return send(simulator, '/api/v2/sdk/sso/session-token/id-token', {
    headers: { ...sdkHeaders(simulator), 'session-token': token, ...headers },
  })
}

/** Encrypts with the app's public key, as x-signature requires. */
export async function encrypt(
  simulator: Simulator,
  text: string,
  oaepHash = 'sha256',
): Promise<string> {
  const headers = sdkHeaders(simulator)
  const { body } = await send(simulator, '/api/v2/sdk/public-key', { method: 'GET', headers })
  const der = Buffer.from(body.public_key ?? '', 'base64')
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  return publicEncrypt({ key, padding, oaepHash }, Buffer.from(text)).toString('base64')
}

/** A valid x-signature; each nonce works once. */
export async function signature(
  simulator: Simulator,
  token: string,
  nonce = '18b2f',
): Promise<string> {
  const headers = sdkHeaders(simulator)
  const { body } = await send(simulator, '/api/v2/sdk/server-date', { method: 'GET', headers })
  return encrypt(simulator, `session_token=${token}&timestamp=${body.timestamp}&nonce=${nonce}`)
}

/** The id of the first simulated user with this outcome. */
export function personWith(simulator: Simulator, outcome: string): string {
  const person = simulator.people.find((one) => one.outcome === outcome)
  if (!person) throw new Error(`nobody with the outcome ${outcome}`)
  return person.id
}

export function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())
}
